import { equalBytes, hexEncode, type Sha256 } from '@assent/verifier';
import type { Head } from '../store/append-batch.ts';
import type { DatabaseIdentity } from '../store/log-row.ts';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { extendsHead } from './extends-head.ts';
import type { Guard, GuardRecord, GuardState } from './guard.ts';

export type GuardMove =
  | { readonly outcome: 'moved' }
  /** The guard holds a newer head than the one offered. */
  | { readonly outcome: 'behind'; readonly guardHead: Head }
  /** `reason` is told to whoever asks the log; `directory`, where the guard is looked for, to its operator alone. */
  | { readonly outcome: 'refused'; readonly reason: string; readonly directory: string };

export type ForkGuardOptions = {
  readonly guard: Guard;
  /** The guard's id as the database records it. */
  readonly id: string;
  readonly origin: string;
  readonly cache: TileCache;
  readonly sha256: Sha256;
  readonly readDatabaseIdentity: () => Promise<DatabaseIdentity>;
};

/**
 * Decides whether a head may be signed: only if the guard's register moved to it from a head that it provably extends,
 * on the database that the guard knows.
 */
export class ForkGuard {
  private record: GuardRecord | undefined;
  private database: DatabaseIdentity | undefined;

  private readonly options: ForkGuardOptions;

  constructor(options: ForkGuardOptions) {
    this.options = options;
  }

  /** Called when the connection to the database was a new one: it may lead to another database than before. */
  forgetDatabase(): void {
    this.database = undefined;
  }

  /** Rejects when the guard's disk or the database fails; the move may then have happened, and is read anew. */
  async advance(state: TreeState): Promise<GuardMove> {
    try {
      this.database ??= await this.options.readDatabaseIdentity();
      let record = this.record ?? (await this.options.guard.read());
      for (;;) {
        if (record === undefined) return this.refused(MISSING);
        const foreign = this.findStrangeness(record.state, this.database);
        if (foreign !== undefined) return this.refused(foreign);
        const move = await this.compare(record.state.head, state);
        if (move !== undefined && move.outcome !== 'moved') return move;
        const next: GuardState = { ...record.state, head: state.head };
        const moved =
          move === undefined ? await this.options.guard.compareAndSwap(record, next) : await this.keep(record);
        if (moved !== undefined) {
          this.record = moved;
          return { outcome: 'moved' };
        }
        record = await this.options.guard.read();
      }
    } catch (error) {
      this.record = undefined;
      this.database = undefined;
      throw error;
    }
  }

  /**
   * Makes the register that was read durable. It may be in memory alone, after a sync that failed under an earlier process: another
   * sync says that all is well, and writes nothing. So it is written anew, once by each process. On a full disk it stays as it is,
   * so that what was signed can be read. Undefined when another process moved it.
   */
  private async keep(record: GuardRecord): Promise<GuardRecord | undefined> {
    const { guard } = this.options;
    if (this.record === undefined) {
      try {
        return await guard.compareAndSwap(record, record.state);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
    await guard.sync();
    return record;
  }

  /** Undefined when `state` provably extends the guard's head and the register may move. */
  private async compare(from: Head, state: TreeState): Promise<GuardMove | undefined> {
    const { head } = state;
    if (from.seq === head.seq) {
      // Of heads with one number there is one, down to its time; but the guard is made before the first head is.
      const same = from.size === head.size && equalBytes(from.root, head.root);
      const isFirst = from.seq === 0 && from.timestamp <= head.timestamp;
      return same && (isFirst || from.timestamp === head.timestamp)
        ? { outcome: 'moved' }
        : this.refused(forked(from, head));
    }
    if (from.seq > head.seq) return { outcome: 'behind', guardHead: from };
    if (from.size > head.size || from.timestamp >= head.timestamp) return this.refused(forked(from, head));
    const { cache, sha256 } = this.options;
    return (await extendsHead(from, state, cache, sha256)) ? undefined : this.refused(forked(from, head));
  }

  private refused(reason: string): GuardMove {
    return { outcome: 'refused', reason, directory: this.options.guard.directory };
  }

  private findStrangeness(state: GuardState, database: DatabaseIdentity): string | undefined {
    const { id, origin } = this.options;
    if (state.id !== id || state.origin !== origin) {
      return `The fork guard belongs to another log (${state.origin}). Give the server the data directory that belongs to this database, or, if you are sure that this database is the newest that ever was, run "assent-log guard adopt".`;
    }
    if (
      state.database.systemIdentifier !== database.systemIdentifier ||
      state.database.timeline !== database.timeline
    ) {
      return `This is not the database that the fork guard knows (system ${database.systemIdentifier}, timeline ${database.timeline}; the guard knows system ${state.database.systemIdentifier}, timeline ${state.database.timeline}): it was restored, promoted or replaced. If it holds all ${state.head.size} entries that were signed, run "assent-log guard adopt".`;
    }
    return undefined;
  }
}

const MISSING =
  'There is no fork guard, though this log was started before. Without it an older copy of the database can\'t be told from the newest. Restore the guard directory, or, if you are sure that this database is the newest that ever was, run "assent-log guard adopt".';

function forked(from: Head, head: Head): string {
  return `This log has signed size ${from.size} with root ${hexEncode(from.root)}, and the database's head ${head.seq} (size ${head.size}, root ${hexEncode(head.root)}) does not extend it. Signing it would fork the log. Stop the server and give it the database that holds what was signed.`;
}

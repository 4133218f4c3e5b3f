/**
 * Who holds a lock, in a file beside what is locked: for processes that the kernel's lock does not see, in another container or on
 * another host that share the folder.
 *
 *     .state.json.holder:  { "type": "assent/holder/v1", "token": "…", "machine": "…", "host": "worker-2", "pid": 71, "beat": 4 }
 *
 * A file alone cannot tell a holder that is gone from one that is slow, so its holder counts `beat` up every few seconds. Whoever finds
 * the file of another machine watches it: if the count moves, it is in use; if it stands still for many beats, its holder is gone, and
 * it is taken over. No two clocks are compared. A holder that was only stopped for so long (a laptop asleep, SIGSTOP) finds another
 * token when it goes on, before it writes: {@link Holder.assertHeld}.
 *
 * Of the same machine the kernel has said already that nobody holds it any more.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJson } from '@assent/verifier';
import { documentType, integer, object, string } from '@assent/verifier/document';
import { CommandFailure } from '../failure.ts';
import { say } from '../terminal/output.ts';
import { fileFailure } from './file-failure.ts';

const HOLDER_TYPE = 'assent/holder/v1';
const MAX_BYTES = 4096;
const BEAT_MS = 5_000;
/** Looked at so often, for so long: many beats, as a disk over a network can be slow. */
const LOOKS = 15;
const LOOK_MS = 2_000;

export type HolderOptions = {
  /** Default: this one's. */
  readonly machine?: string;
  readonly beatMs?: number;
  /** Between two looks at another's file. */
  readonly pause?: () => Promise<void>;
  /** Ends the looking, with its reason. */
  readonly signal?: AbortSignal;
};

type Claim = {
  readonly token: string;
  readonly machine: string;
  readonly host: string;
  readonly pid: number;
  readonly beat: number;
};

const claimMembers = object({
  type: documentType(HOLDER_TYPE),
  token: string,
  machine: string,
  host: string,
  pid: integer(0, Number.MAX_SAFE_INTEGER),
  beat: integer(0, Number.MAX_SAFE_INTEGER),
});

export class Holder {
  readonly #target: string;
  readonly #file: string;
  readonly #timer: NodeJS.Timeout;
  #claim: Claim;
  #beating: Promise<void> = Promise.resolve();
  #lost: CommandFailure | undefined;

  private constructor(target: string, file: string, claim: Claim, beatMs: number) {
    this.#target = target;
    this.#file = file;
    this.#claim = claim;
    this.#timer = setInterval(() => this.#beat(), beatMs).unref();
  }

  /**
   * @param target that is locked; its folder has to be there. Throws CommandFailure: `in_use` where a process of another machine
   *   holds it, `file_unwritable`, `file_malformed` for a file of that name that is something else.
   */
  static async take(target: string, options: HolderOptions = {}): Promise<Holder> {
    const { machine = await thisMachine(), beatMs = BEAT_MS, signal, pause = () => nextLook(signal) } = options;
    const file = path.join(path.dirname(target), `.${path.basename(target)}.holder`);
    const other = await readClaim(file);
    const isForeign = other !== undefined && other.machine !== machine;
    if (isForeign) await watch(target, file, other, pause);
    const claim = { token: randomBytes(16).toString('hex'), machine, host: hostname(), pid: process.pid, beat: 0 };
    if (!(await writeClaim(file, claim, other === undefined ? 'new' : 'replace'))) {
      throw inUse(target, await readClaim(file));
    }
    const holder = new Holder(target, file, claim, beatMs);
    if (isForeign) {
      // Somebody else may have watched it as well: the one who wrote last has it.
      await pause();
      await holder.assertHeld().catch(async (error: unknown) => {
        await holder.release();
        throw error;
      });
    }
    return holder;
  }

  /** Throws CommandFailure `in_use` if somebody else has taken it over, for good. To be called before what others must not write over. */
  async assertHeld(): Promise<void> {
    if (this.#lost === undefined) {
      const found = await readClaim(this.#file);
      if (found?.token === this.#claim.token) return;
      const by = found === undefined ? 'its file of who holds it is gone' : `${nameOf(found)} has it now`;
      const message = `${this.#target} was taken over while this process stood still: ${by}. Nothing more is written to it: let only one process use it, and look which one that is`;
      this.#lost = new CommandFailure('in_use', message);
    }
    throw this.#lost;
  }

  /** What is somebody else's by now stays. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    const found = await readClaim(this.#file).catch(() => undefined);
    if (found?.token === this.#claim.token) await rm(this.#file, { force: true });
  }

  /** One that fails is followed by others; before anything is written it is looked at anyway. */
  #beat(): void {
    this.#beating = this.#beating
      .then(() => this.assertHeld())
      .then(() => {
        this.#claim = { ...this.#claim, beat: this.#claim.beat + 1 };
        return writeClaim(this.#file, this.#claim, 'replace');
      })
      .then(
        () => undefined,
        () => undefined,
      );
  }
}

async function nextLook(signal: AbortSignal | undefined): Promise<void> {
  await sleep(LOOK_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

/** Throws `in_use` as soon as its holder shows that it is alive, or somebody else takes it. */
async function watch(target: string, file: string, seen: Claim, pause: () => Promise<void>): Promise<void> {
  say(
    `${target} may be in use by ${nameOf(seen)}: looking for ${(LOOKS * LOOK_MS) / 1000} s whether that one is alive`,
  );
  for (let look = 0; look < LOOKS; look++) {
    await pause();
    const found = await readClaim(file);
    if (found === undefined) return;
    if (found.token !== seen.token || found.beat !== seen.beat) throw inUse(target, found);
  }
  say(`${target} was left behind by ${nameOf(seen)}, which shows no sign of life: it is taken over`);
}

function inUse(target: string, by: Claim | undefined): CommandFailure {
  const who = by === undefined ? 'another assent process' : nameOf(by);
  const message = `${target} is in use by ${who}, in another container or on another host: wait until it has ended, or stop it`;
  return new CommandFailure('in_use', message);
}

function nameOf({ pid, host }: Claim): string {
  return `process ${pid} of ${host}`;
}

async function readClaim(file: string): Promise<Claim | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw fileFailure('file_unreadable', 'read', file, error);
  }
  const json = parseJson(bytes, { maxBytes: MAX_BYTES });
  const claim = json.ok ? claimMembers(json.value) : json;
  if (claim.ok) return claim.value;
  const message = `${file} does not say who holds the file beside it (${claim.code}): remove it if no assent process uses that`;
  throw new CommandFailure('file_malformed', message);
}

/** It appears whole. Nothing is synced: after a crash of the machine nobody holds anything. @returns false if `new` and there is one */
async function writeClaim(file: string, claim: Claim, how: 'new' | 'replace'): Promise<boolean> {
  const temporary = `${file}.${claim.token}`;
  const text = `${JSON.stringify({ type: HOLDER_TYPE, ...claim })}\n`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    if (how === 'replace') await rename(temporary, file);
    else {
      // Unlike rename(2), link(2) fails where the name is taken. On FAT and the like it always does.
      await link(temporary, file).catch((error: unknown) => {
        if (!['EPERM', 'ENOTSUP', 'ENOSYS'].some((code) => hasCode(error, code))) throw error;
        return writeFile(file, text, { flag: 'wx', mode: 0o600 });
      });
    }
    return true;
  } catch (error) {
    if (how === 'new' && hasCode(error, 'EEXIST')) return false;
    throw fileFailure('file_unwritable', 'write', file, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What shares the kernel's locks: on Linux a network namespace since the machine started, elsewhere a host. */
async function thisMachine(): Promise<string> {
  try {
    const [boot, network] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlink('/proc/self/ns/net'),
    ]);
    return `${boot.trim()} ${network}`;
  } catch (error) {
    if (process.platform === 'linux' && !hasCode(error, 'ENOENT') && !hasCode(error, 'EACCES')) throw error;
    return hostname();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

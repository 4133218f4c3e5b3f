import { hexEncode, type NoteVerifier, type Primitives, utf8Encode } from '@assent/verifier';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { judgeCheckpoint } from './fork-evidence.ts';
import { WitnessClient } from './witness-client.ts';
import type { ConfiguredWitness } from './witness-settings.ts';

export type ProbeOptions = {
  readonly witnesses: readonly ConfiguredWitness[];
  readonly origin: string;
  readonly logKeys: readonly NoteVerifier[];
  /** The tree that somebody wants to go on from. */
  readonly state: TreeState;
  readonly cache: TileCache;
  readonly primitives: Primitives;
  readonly timeoutMs?: number;
};

export type Probed = {
  /** Those whose newest checkpoint of this log is contained in the tree. */
  readonly contained: readonly string[];
  /** Those that did not show one: away, without the interface for monitors, or new to this log. */
  readonly silent: readonly string[];
  /** Those that hold a checkpoint, signed by this log, that the tree does not contain; `conflict` completes "it holds a checkpoint". */
  readonly conflicts: readonly { readonly name: string; readonly conflict: string }[];
};

const TIMEOUT_MS = 5_000;

/**
 * Asks each witness for the newest checkpoint of this log that it holds, and looks whether a tree contains it: what a
 * witness cosigned was signed, whatever became of the database and the guard since.
 */
export async function probeWitnesses(options: ProbeOptions): Promise<Probed> {
  const { witnesses, origin, primitives, state, timeoutMs = TIMEOUT_MS } = options;
  const originHash = hexEncode(primitives.sha256(utf8Encode(origin)));
  const judged = await Promise.all(
    witnesses.map(async (witness) => {
      const client = new WitnessClient(witness, { timeoutMs, primitives });
      const checkpoint = await client.lastCheckpoint(originHash);
      const judgement =
        checkpoint === undefined
          ? 'foreign'
          : await judgeCheckpoint(checkpoint, { ...options, newest: async () => state });
      return { name: witness.name, judgement };
    }),
  );
  const named = (wanted: string): string[] =>
    judged.filter(({ judgement }) => judgement === wanted).map(({ name }) => name);
  return {
    contained: named('contained'),
    silent: named('foreign'),
    conflicts: judged.flatMap(({ name, judgement }) =>
      typeof judgement === 'object' ? [{ name, conflict: judgement.conflict }] : [],
    ),
  };
}

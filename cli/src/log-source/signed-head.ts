/** A log's signed head, believed only as far as the user's keys and witness policy go. */
import { hexDecode, type Primitives, verifyCheckpoint } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { otherSigners } from '../other-signers.ts';
import { type Pinned, withRetiredKeys } from '../pinned.ts';
import type { LogSource } from './log-source.ts';

export type TreeHead = { readonly size: number; readonly root: Uint8Array };

/** One that a key of the log signed. */
export type SignedHead = TreeHead & {
  readonly origin: string;
  /** The whole note, cosignatures included. */
  readonly checkpoint: string;
  readonly witnesses: {
    /** Whether as many as the policy asks for have cosigned. */
    readonly met: boolean;
    /** Milliseconds: since when; absent where none are asked for. */
    readonly seenBy?: number;
    /** In words. */
    readonly detail: string;
  };
};

/**
 * @param checkpoint as it was served. @param from where it comes from, for messages.
 * @throws CommandFailure `log_misbehaves` for anything but a checkpoint of a pinned log, signed by its key
 */
export async function openSignedHead(
  checkpoint: string,
  from: string,
  pinned: Pinned,
  primitives: Primitives,
): Promise<SignedHead> {
  const { checks, log } = await verifyCheckpoint(checkpoint, { ...pinned, primitives });
  const signed = checks.find(({ id }) => id === 'checkpoint');
  const witnessed = checks.find(({ id }) => id === 'witnesses');
  const root = log && hexDecode(log.root.slice('sha256:'.length));
  if (log === undefined || !root?.ok || witnessed === undefined) {
    const { detail = 'it is none', expected, computed } = signed ?? {};
    const values = expected === undefined ? '' : ` (${computed} instead of ${expected})`;
    const others = otherSigners(checkpoint, pinned.logKeys);
    throw new CommandFailure(
      'log_misbehaves',
      `${from}: its checkpoint is not to be believed: ${detail}${values}${others}`,
    );
  }
  return {
    origin: log.origin,
    size: log.size,
    root: root.value,
    checkpoint,
    witnesses: {
      met: witnessed.status === 'pass',
      detail: witnessed.detail,
      ...(log.seen_by !== undefined && { seenBy: Date.parse(log.seen_by) }),
    },
  };
}

/**
 * One that was believed when it was kept, in a file of ours.
 *
 * @throws CommandFailure `usage` if no given key signed it: the keys are others than then. `file_malformed` if it is damaged
 */
export async function reopenSignedHead(
  checkpoint: string,
  from: string,
  pinned: Pinned,
  primitives: Primitives,
): Promise<SignedHead> {
  const keys = withRetiredKeys(pinned);
  return openSignedHead(checkpoint, from, keys, primitives).catch((error: unknown) => {
    if (!(error instanceof CommandFailure) || error.kind !== 'log_misbehaves') throw error;
    const others = otherSigners(checkpoint, keys.logKeys);
    if (others !== '')
      throw new CommandFailure('usage', `${from} holds a head that the given key did not sign${others}`);
    throw new CommandFailure('file_malformed', error.message);
  });
}

/** The newest head that enough witnesses have cosigned, by the log's word where to find it and the user's policy. */
export async function openWitnessedHead(
  source: Pick<LogSource, 'name' | 'witnessedCheckpoint'>,
  pinned: Pinned,
  primitives: Primitives,
): Promise<SignedHead | undefined> {
  const checkpoint = await source.witnessedCheckpoint();
  const head = checkpoint === undefined ? undefined : await openSignedHead(checkpoint, source.name, pinned, primitives);
  return head?.witnesses.met ? head : undefined;
}

import { randomBytes } from 'node:crypto';
import { canonicalBytes, formatEntry, type Json } from '@assent/verifier';
import type { Sequencer } from '../../src/sequencer/sequencer.ts';
import { approve } from './test-app.ts';

/** An entry as the sequencer takes it: past admission, so it may be what no admission lets through. */
export type RawEntry = {
  /** 32 bytes; random ones unless given. */
  readonly statement?: Uint8Array;
  readonly format: (loggedAt: number) => Uint8Array;
};

/** An open approval by a fresh passkey. */
export function rawApproval(overrides = {}): RawEntry {
  const { envelope, digest } = approve(overrides);
  return {
    statement: Buffer.from(digest.slice('sha256:'.length), 'hex'),
    format: (loggedAt) => formatEntry({ kind: 'approval', loggedAt, content: envelope as unknown as Json }),
  };
}

/** A blind commitment, or the public side of a sealed approval: the two look alike. */
export function rawSealed(): RawEntry {
  const sealed = `sha256:${randomBytes(32).toString('hex')}`;
  return {
    format: (logged_at) => canonicalBytes({ type: 'assent/entry/v1', kind: 'approval', logged_at, sealed }),
  };
}

/** Any bytes as an entry. */
export function rawBytes(bytes: Uint8Array): RawEntry {
  return { format: () => bytes };
}

/** Appends all in one tick, so that up to 1,024 of them share one head. Resolves when they are in the database. */
export async function appendTogether(sequencer: Sequencer, entries: readonly RawEntry[]): Promise<void> {
  await Promise.all(
    entries.map(({ statement = randomBytes(32), format }) =>
      sequencer.append({ statement, identity: randomBytes(32), bytes: 2_000, format, apiKey: null }),
    ),
  );
}

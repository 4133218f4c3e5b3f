import { createApproval, createServiceKey } from '@assent/test-support';
import { formatEntry, type Json } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { KnownPieces, PIECE } from './known-pieces.ts';

const { envelope } = createApproval({ origin: 'log.test/a', serviceKey: createServiceKey() });
const entry = formatEntry({ kind: 'approval', loggedAt: 1, content: envelope as unknown as Json });
const sealed = Buffer.from('{"kind":"approval","logged_at":1,"sealed":"sha256:00","type":"t"}');
const piece: readonly (Uint8Array | undefined)[] = Array.from({ length: PIECE }, (_, place) =>
  place % 2 === 0 ? entry : sealed,
);

describe('KnownPieces', () => {
  it('knows a piece again, and each part of it', () => {
    const pieces = new KnownPieces();
    const facts = pieces.learn(2 * PIECE, piece);
    expect(facts[0]).toMatchObject({ kind: 'approval' });
    expect(facts[1]).toBeUndefined();
    expect(pieces.get(2 * PIECE, 3 * PIECE)).toEqual(facts);
    expect(pieces.get(2 * PIECE + 3, 2 * PIECE + 5)).toEqual([facts[3], facts[4]]);
    expect(pieces.get(PIECE, 2 * PIECE)).toBeUndefined();
  });

  it('keeps no part of a piece, which others would take for all of it', () => {
    const pieces = new KnownPieces();
    expect(pieces.learn(0, piece.slice(1))).toHaveLength(PIECE - 1);
    pieces.learn(1, piece);
    expect(pieces.get(0, 1)).toBeUndefined();
    expect(pieces.get(1, 2)).toBeUndefined();
  });

  it('keeps nothing of a piece in which one is not served now: it may be, one day', () => {
    const pieces = new KnownPieces();
    const facts = pieces.learn(0, piece.with(4, undefined));
    expect([facts[4], facts[6]?.kind]).toEqual([undefined, 'approval']);
    expect(pieces.get(0, PIECE)).toBeUndefined();
  });
});

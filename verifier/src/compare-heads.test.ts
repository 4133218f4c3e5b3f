import { generateKeyPairSync, sign } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { utf8Encode } from './bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { compareHeads, type UnverifiedHead, type UnverifiedHeads } from './compare-heads.ts';
import { proveConsistency } from './consistency.ts';
import { MemoryTree } from './memory-tree.ts';
import { leafHash } from './merkle.ts';
import { formatNote, formatSignatureLine } from './signed-note.ts';
import { formatSignedTreeHead, formatTreeHead } from './tree-head.ts';
import { formatVkey, parseVkey } from './vkey.ts';

const SIZES = 12;

function createLogKey(name: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const vkey = formatVkey(name, new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })).slice(-32));
  const signBytes = (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey));
  return {
    vkey,
    checkpoint(size: number, root: Uint8Array): UnverifiedHead {
      const text = formatCheckpoint({ origin: name, size, root });
      const line = formatSignatureLine(name, unwrap(parseVkey(vkey)).keyId, signBytes(utf8Encode(text)));
      return { checkpoint: formatNote(text, [line]) };
    },
    sth(size: number, root: Uint8Array): UnverifiedHead {
      const head = { size, root, timestamp: 1_775_235_662_123 };
      return { sth: formatSignedTreeHead(head, signBytes(formatTreeHead(head))) };
    },
  };
}

/** Leaves are the same up to `forkedAt`, and others from there on. */
function grow(branch: number, forkedAt = SIZES): MemoryTree {
  const tree = new MemoryTree();
  for (let i = 0; i < SIZES; i++) tree.append(leafHash(Uint8Array.of(i < forkedAt ? 0 : branch, i)));
  return tree;
}

const log = createLogKey('log.example.com/approvals');
const other = createLogKey('log.example.com/approvals');
const tree = grow(0);
const logKeys = [log.vkey];
const compare = (heads: UnverifiedHeads, keys = logKeys) => compareHeads(heads, { logKeys: keys });
const prove = (from: number, to: number, of = tree) => proveConsistency(from, to, of);

describe('compareHeads', () => {
  it('shows every pair of honest heads consistent, checkpoints, STHs and one of each', async () => {
    for (let from = 0; from <= SIZES; from++) {
      for (let to = from; to <= SIZES; to++) {
        const proof = await prove(from, to);
        const kinds = (from + to) % 2 === 0 ? (['checkpoint', 'sth'] as const) : (['sth', 'checkpoint'] as const);
        const older = log[kinds[0]](from, tree.root(from));
        for (const kind of kinds) {
          const compared = await compare({ older, newer: log[kind](to, tree.root(to)), proof });
          expect(unwrap(compared), `${from} to ${to}`).toMatchObject({
            relation: 'consistent',
            older: { size: from, root: tree.root(from) },
            newer: { size: to, root: tree.root(to) },
          });
        }
      }
    }
  });

  it('shows every fork, by two roots of one size or by the root that the newer tree has at the older size', async () => {
    for (let forkedAt = 0; forkedAt < SIZES; forkedAt++) {
      const forked = grow(1, forkedAt);
      for (let from = forkedAt + 1; from <= SIZES; from++) {
        for (let to = from; to <= SIZES; to++) {
          const heads = {
            older: log.checkpoint(from, tree.root(from)),
            newer: log.sth(to, forked.root(to)),
            proof: await prove(from, to, forked),
            fromRoot: forked.root(from),
          };
          const compared = unwrap(await compare(heads));
          expect(compared.relation, `${forkedAt}: ${from} to ${to}`).toBe('fork');
          expect(compared.detail).toContain('root');
        }
      }
    }
  });

  it('takes no bad proof for a fork, nor a proof from a root that anybody made up', async () => {
    const [from, to] = [5, 9];
    const older = log.checkpoint(from, tree.root(from));
    const newer = log.checkpoint(to, tree.root(to));
    const proof = await prove(from, to);
    const bad = proof.map((hash, i) => (i === 0 ? new Uint8Array(32) : hash));
    expect(codeOf(await compare({ older, newer, proof: bad }))).toBe('consistency_mismatch');
    expect(codeOf(await compare({ older, newer, proof: proof.slice(1) }))).toBe('consistency_length');
    expect(codeOf(await compare({ older, newer, proof: [] }))).toBe('consistency_length');
    const madeUp = { older, newer, proof: bad, fromRoot: new Uint8Array(32).fill(1) };
    expect(codeOf(await compare(madeUp))).toBe('consistency_mismatch');
    expect(codeOf(await compare({ ...madeUp, fromRoot: new Uint8Array(31) }))).toBe('consistency_mismatch');
    // With the right proof beside it, what was made up changes nothing.
    expect(unwrap(await compare({ ...madeUp, proof })).relation).toBe('consistent');
    expect(codeOf(await compare({ older: newer, newer: older, proof }))).toBe('index_out_of_range');
  });

  it('shows a signed empty tree that is none', async () => {
    const older = log.checkpoint(0, new Uint8Array(32));
    const compared = unwrap(await compare({ older, newer: log.checkpoint(3, tree.root(3)), proof: [] }));
    expect(compared).toMatchObject({ relation: 'fork', detail: expect.stringContaining('size 0') });
  });

  it('accuses nobody on a head that the log did not sign', async () => {
    const forged = [other.checkpoint(4, new Uint8Array(32)), other.sth(4, new Uint8Array(32))];
    const genuine = log.checkpoint(4, tree.root(4));
    for (const [i, head] of forged.entries()) {
      const code = i === 0 ? 'log_signature_missing' : 'signature_invalid';
      for (const heads of [
        { older: head, newer: genuine },
        { older: genuine, newer: head },
      ]) {
        const compared = await compare({ ...heads, proof: [] });
        expect(codeOf(compared)).toBe(code);
        expect(compared.ok ? '' : compared.detail).toMatch(/^(older|newer): /);
      }
    }
    const elsewhere = createLogKey('log.example.org').checkpoint(4, tree.root(4));
    expect(codeOf(await compare({ older: elsewhere, newer: genuine, proof: [] }))).toBe('origin_mismatch');
    expect(codeOf(await compare({ older: { checkpoint: 'x' }, newer: genuine, proof: [] }))).toBe('note_malformed');
    expect(codeOf(await compare({ older: { sth: '{}' }, newer: genuine, proof: [] }))).toBe('missing_member');
  });

  it('takes either key of a log during its rotation', async () => {
    const heads = { older: log.sth(3, tree.root(3)), newer: other.sth(7, tree.root(7)), proof: await prove(3, 7) };
    expect(unwrap(await compare(heads, [other.vkey, log.vkey])).relation).toBe('consistent');
    expect(codeOf(await compare(heads))).toBe('signature_invalid');
  });

  it('throws on keys that are none, or of several logs', async () => {
    const head = log.checkpoint(1, tree.root(1));
    for (const keys of [[], ['x'], [log.vkey, createLogKey('log.example.org').vkey]]) {
      await expect(compare({ older: head, newer: head, proof: [] }, keys)).rejects.toThrow(TypeError);
    }
  });
});

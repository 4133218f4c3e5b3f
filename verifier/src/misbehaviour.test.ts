import { generateKeyPairSync, sign } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';

import { utf8Encode } from './bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { proveConsistency } from './consistency.ts';
import { MemoryTree } from './memory-tree.ts';
import { leafHash } from './merkle.ts';
import {
  formatMisbehaviour,
  type Misbehaviour,
  parseMisbehaviour,
  proveMisbehaviour,
  verifyMisbehaviour,
} from './misbehaviour.ts';
import { formatNote, formatSignatureLine } from './signed-note.ts';
import { formatSignedTreeHead, formatTreeHead } from './tree-head.ts';
import { formatVkey, noteKeyId } from './vkey.ts';

const SIZES = 12;
const ORIGIN = 'log.example.com/approvals';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const raw = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })).slice(-32);
const logKeys = [formatVkey(ORIGIN, raw)];
const signBytes = (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey));

function checkpoint(size: number, root: Uint8Array) {
  const text = formatCheckpoint({ origin: ORIGIN, size, root });
  const line = formatSignatureLine(ORIGIN, noteKeyId(ORIGIN, 1, raw), signBytes(utf8Encode(text)));
  return { checkpoint: formatNote(text, [line]) };
}

function treeHead(size: number, root: Uint8Array) {
  const head = { size, root, timestamp: 1_775_235_662_123 };
  return { sth: formatSignedTreeHead(head, signBytes(formatTreeHead(head))) };
}

/** Leaves are the same up to `forkedAt`, and others from there on. */
function grow(branch: number, forkedAt = SIZES): MemoryTree {
  const tree = new MemoryTree();
  for (let i = 0; i < SIZES; i++) tree.append(leafHash(Uint8Array.of(i < forkedAt ? 0 : branch, i)));
  return tree;
}

const tree = grow(0);
const forked = grow(1, 2);

async function forkOf(from: number, to: number) {
  return {
    older: checkpoint(from, tree.root(from)),
    newer: treeHead(to, forked.root(to)),
    proof: await proveConsistency(from, to, forked),
    fromRoot: forked.root(from),
  };
}

describe('proveMisbehaviour and verifyMisbehaviour', () => {
  it('show every fork to whoever has the key of the log', async () => {
    for (let from = 3; from <= SIZES; from++) {
      for (let to = from; to <= SIZES; to++) {
        const text = unwrap(await proveMisbehaviour(await forkOf(from, to), { logKeys }));
        const { origin, detail, older, newer } = unwrap(await verifyMisbehaviour(text, { logKeys }));
        expect([origin, older.size, newer.size]).toEqual([ORIGIN, from, to]);
        expect(detail).toContain(`size ${from}`);
        expect(unwrap(parseMisbehaviour(text)).shown === undefined, 'hashes only where they are needed').toBe(
          from === to,
        );
      }
    }
  });

  it('accuse no honest log, whatever it signed', async () => {
    for (let from = 0; from <= SIZES; from++) {
      for (let to = from; to <= SIZES; to++) {
        const proof = await proveConsistency(from, to, tree);
        const heads = { older: treeHead(from, tree.root(from)), newer: checkpoint(to, tree.root(to)), proof };
        expect(codeOf(await proveMisbehaviour(heads, { logKeys }))).toBe('heads_consistent');
        const document = { origin: ORIGIN, older: heads.older, newer: heads.newer };
        const shown = proof.length > 0 && { shown: { fromRoot: tree.root(from), proof } };
        const verified = await verifyMisbehaviour(formatMisbehaviour({ ...document, ...shown }), { logKeys });
        expect(codeOf(verified)).toBe('heads_consistent');
      }
    }
  });

  it('notice each hash and each head that is changed', async () => {
    const good = unwrap(parseMisbehaviour(unwrap(await proveMisbehaviour(await forkOf(5, 11), { logKeys }))));
    const shown = good.shown!;
    const codes = async (changed: Misbehaviour) =>
      codeOf(await verifyMisbehaviour(formatMisbehaviour(changed), { logKeys }));
    const flip = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte));
    expect(await codes({ ...good, shown: { ...shown, fromRoot: flip(shown.fromRoot) } })).toBe('consistency_mismatch');
    for (let i = 0; i < shown.proof.length; i++) {
      const proof = shown.proof.map((hash, at) => (at === i ? flip(hash) : hash));
      expect(await codes({ ...good, shown: { ...shown, proof } })).toBe('consistency_mismatch');
    }
    expect(await codes({ ...good, shown: { ...shown, proof: shown.proof.slice(1) } })).toBe('consistency_length');
    const { checkpoint: note } = checkpoint(5, tree.root(5));
    const moved = note.replace('\n5\n', '\n6\n');
    expect(await codes({ ...good, older: { checkpoint: moved } })).toBe('note_signature_invalid');
    const { sth } = treeHead(11, forked.root(11));
    expect(await codes({ ...good, newer: { sth: sth.replace('"tree_size":11', '"tree_size":12') } })).toBe(
      'signature_invalid',
    );
    expect(await codes({ ...good, origin: 'log.example.org' })).toBe('origin_mismatch');
    expect(await codes({ ...good, older: good.newer, newer: good.older })).toBe('index_out_of_range');
  });

  it('believe nobody’s hashes about heads that agree or that one proof does not tell apart', async () => {
    const older = checkpoint(5, tree.root(5));
    const newer = checkpoint(9, tree.root(9));
    const madeUp = { fromRoot: new Uint8Array(32).fill(1), proof: await proveConsistency(5, 9, tree) };
    expect(codeOf(await proveMisbehaviour({ older, newer, ...madeUp }, { logKeys }))).toBe('heads_consistent');
    expect(codeOf(await proveMisbehaviour({ older, newer, ...madeUp, proof: [] }, { logKeys }))).toBe(
      'consistency_length',
    );
  });

  it('ask for keys, and take those of several logs', async () => {
    const text = unwrap(await proveMisbehaviour(await forkOf(4, 4), { logKeys }));
    await expect(verifyMisbehaviour(text, { logKeys: ['x'] })).rejects.toThrow(TypeError);
    expect(codeOf(await verifyMisbehaviour(text, { logKeys: [] }))).toBe('origin_mismatch');
    const several = [formatVkey('log.example.org', raw), ...logKeys];
    expect(unwrap(await verifyMisbehaviour(text, { logKeys: several })).origin).toBe(ORIGIN);
    // The right key under another log's name is another log's key.
    expect(codeOf(await verifyMisbehaviour(text, { logKeys: several.slice(0, 1) }))).toBe('origin_mismatch');
  });
});

describe('formatMisbehaviour and parseMisbehaviour', () => {
  it('are each other’s inverse', async () => {
    const { older, newer, proof, fromRoot } = await forkOf(5, 9);
    for (const shown of [{}, { shown: { fromRoot, proof } }]) {
      const document = { origin: ORIGIN, older, newer, ...shown };
      const text = formatMisbehaviour(document);
      expect(unwrap(parseMisbehaviour(text))).toEqual(document);
      expect(unwrap(parseMisbehaviour(utf8Encode(text)))).toEqual(document);
      expect(formatMisbehaviour(unwrap(parseMisbehaviour(text)))).toBe(text);
    }
  });

  it('refuse what is no such document', async () => {
    const { older, newer, proof, fromRoot } = await forkOf(5, 9);
    const document = { origin: ORIGIN, older, newer };
    expect(() => formatMisbehaviour({ ...document, shown: { fromRoot, proof: [] } })).toThrow(TypeError);
    expect(() => formatMisbehaviour({ ...document, shown: { fromRoot: fromRoot.slice(1), proof } })).toThrow(TypeError);
    const good: Record<string, unknown> = JSON.parse(formatMisbehaviour({ ...document, shown: { fromRoot, proof } }));
    const code = (changed: object) => codeOf(parseMisbehaviour(JSON.stringify({ ...good, ...changed })));
    expect(code({ type: 'assent/misbehaviour/v2' })).toBe('unsupported');
    expect(code({ origin: undefined })).toBe('missing_member');
    expect(code({ why: 'because' })).toBe('unknown_member');
    expect(code({ older: { ...older, ...newer } })).toBe('unknown_member');
    expect(code({ older: {} })).toBe('missing_member');
    expect(code({ newer: { sth: 7 } })).toBe('wrong_type');
    expect(code({ from_root: undefined })).toBe('missing_member');
    expect(code({ proof: undefined })).toBe('missing_member');
    expect(code({ from_root: 'AA==' })).toBe('hash_length');
    expect(code({ proof: ['AA'] })).toBe('bad_base64');
    expect(code({ older: { checkpoint: 'x'.repeat(5_000_000) } })).toBe('too_large');
    expect(codeOf(parseMisbehaviour('[]'))).toBe('wrong_type');
  });
});

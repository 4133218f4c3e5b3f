import { codeOf, unwrap } from '@assent/test-support/results';
import { readSharedVectors } from '@assent/test-support/shared-vectors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { utf8Encode } from './bytes.ts';
import { parseNote } from './signed-note.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';

const CHECKPOINT =
  'log.example\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— log.example Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
const HASHES = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
const LINES = HASHES.map((hash) => `${base64Encode(hash)}\n`).join('');
const HEAD = 'c2sp.org/tlog-proof@v1\n';
const PROOF = `${HEAD}index 3\n${LINES}\n${CHECKPOINT}`;

describe('parseTlogProof', () => {
  it('reads a proof, and formatTlogProof writes it', () => {
    const proof = unwrap(parseTlogProof(PROOF));
    expect(proof).toEqual({ index: 3, proof: HASHES, checkpoint: CHECKPOINT });
    expect(formatTlogProof(proof)).toBe(PROOF);
  });

  it('reads extra data', () => {
    const text = `${HEAD}extra YWdl\nindex 0\n\n${CHECKPOINT}`;
    const proof = unwrap(parseTlogProof(text));
    expect(proof).toEqual({ index: 0, proof: [], extra: utf8Encode('age'), checkpoint: CHECKPOINT });
    expect(formatTlogProof(proof)).toBe(text);
  });

  it('gives the checkpoint verbatim, good or not', () => {
    for (const checkpoint of [CHECKPOINT, 'x', '\n\n', `${CHECKPOINT}— w.example AAAAAAA=\n`]) {
      expect(unwrap(parseTlogProof(`${HEAD}index 3\n${LINES}\n${checkpoint}`)).checkpoint).toBe(checkpoint);
    }
  });

  const encoded = (length: number) => base64Encode(new Uint8Array(length));
  const refused: Record<string, string> = {
    nothing: '',
    'the header alone': HEAD,
    'another version': PROOF.replace('@v1', '@v2'),
    'white space before the header': ` ${PROOF}`,
    'white space after the header': PROOF.replace('\n', ' \n'),
    'a byte order mark': `\ufeff${PROOF}`,
    'an empty line after the header': PROOF.replace('\n', '\n\n'),
    'no index': `${HEAD}${LINES}\n${CHECKPOINT}`,
    'no index and no hashes': `${HEAD}\n${CHECKPOINT}`,
    'an index with a leading zero': PROOF.replace('index 3', 'index 03'),
    'a negative index': PROOF.replace('index 3', 'index -1'),
    'an empty index': PROOF.replace('index 3', 'index '),
    'an index with a space': PROOF.replace('index 3', 'index  3'),
    'an index with a tab': PROOF.replace('index 3', 'index\t3'),
    'an index of 2^53': PROOF.replace('index 3', 'index 9007199254740992'),
    'two index lines': PROOF.replace('index 3\n', 'index 3\nindex 3\n'),
    'extra after the index': PROOF.replace('index 3\n', 'index 3\nextra YWdl\n'),
    'two extra lines': PROOF.replace('index 3\n', 'extra YWdl\nextra YWdl\nindex 3\n'),
    'an empty extra': PROOF.replace('index 3\n', 'extra \nindex 3\n'),
    'extra without a space': PROOF.replace('index 3\n', 'extra\nindex 3\n'),
    'extra that is not base64': PROOF.replace('index 3\n', 'extra YWd\nindex 3\n'),
    'a hash of 31 bytes': PROOF.replace(LINES, `${encoded(31)}\n`),
    'a hash of 33 bytes': PROOF.replace(LINES, `${encoded(33)}\n`),
    'a hash in hex': PROOF.replace(LINES, `${'00'.repeat(32)}\n`),
    'a hash with a space': PROOF.replace(LINES, `${encoded(32)} \n`),
    'more hashes than a tree is high': PROOF.replace(LINES, `${encoded(32)}\n`.repeat(54)),
    'no empty line': `${HEAD}index 3\n${LINES}`,
    'no empty line before the checkpoint': PROOF.replace(`\n\nlog.example`, '\nlog.example'),
    'no checkpoint': `${HEAD}index 3\n${LINES}\n`,
    'carriage returns': PROOF.replaceAll('\n', '\r\n'),
  };
  for (const [what, text] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(codeOf(parseTlogProof(text))).toBe('proof_malformed');
    });
  }

  it('takes as many hashes as the highest tree has levels', () => {
    const highest = PROOF.replace(LINES, `${encoded(32)}\n`.repeat(53));
    expect(unwrap(parseTlogProof(highest)).proof.length).toBe(53);
  });

  it('refuses what is too large before it looks', () => {
    expect(codeOf(parseTlogProof(PROOF + 'x'.repeat(2_000_000)))).toBe('too_large');
  });

  it('C2SP: the shape of the specification, whose base64 is elided', () => {
    const file = readSharedVectors('c2sp-spec/spec-examples.json', 1);
    if (file === undefined) return;
    const { text }: { text: string } = JSON.parse(file).tlogProofIllustrative;
    const [head, ...note] = text.split('\n\n');
    expect(parseNote(note.join('\n\n')).ok).toBe(false);
    // Its extra is an illustration too; without that line the rest of the head is a good one.
    const parsed = unwrap(parseTlogProof(`${head!.replace(/^extra .*\n/m, '')}\n\n${note.join('\n\n')}`));
    expect([parsed.index, parsed.proof.length]).toEqual([73894, 5]);
    console.log('C2SP proofs: 1 ran');
  });
});

describe('formatTlogProof', () => {
  it('is the inverse of parseTlogProof', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const proofs = fc.record(
      {
        index: fc.maxSafeNat(),
        proof: fc.array(hash, { maxLength: 53 }),
        extra: fc.uint8Array({ minLength: 1, maxLength: 100 }),
        checkpoint: fc.string({ minLength: 1 }),
      },
      { requiredKeys: ['index', 'proof', 'checkpoint'] },
    );
    fc.assert(
      fc.property(proofs, (proof) => {
        expect(unwrap(parseTlogProof(formatTlogProof(proof)))).toEqual(proof);
      }),
    );
  });

  it('writes no line for empty extra data', () => {
    const proof = { index: 0, proof: [], extra: new Uint8Array(), checkpoint: CHECKPOINT };
    expect(formatTlogProof(proof)).toBe(`${HEAD}index 0\n\n${CHECKPOINT}`);
  });

  it('throws on what could not be read back', () => {
    const good = { index: 0, proof: HASHES, checkpoint: CHECKPOINT };
    for (const index of [-1, 0.5, 2 ** 53]) expect(() => formatTlogProof({ ...good, index })).toThrow(RangeError);
    expect(() => formatTlogProof({ ...good, proof: [new Uint8Array(31)] })).toThrow(RangeError);
    expect(() => formatTlogProof({ ...good, proof: Array(54).fill(HASHES[0]) })).toThrow(RangeError);
    expect(() => formatTlogProof({ ...good, checkpoint: '' })).toThrow(RangeError);
  });
});

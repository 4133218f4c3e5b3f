import { mlDsaPrimitives, withoutMlDsa } from '@assent/test-support/ml-dsa';
import { createTestLog } from '@assent/test-support/receipts';
import { codeOf, unwrap } from '@assent/test-support/results';
import { createTestWitness } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { hexDecode, utf8Decode } from './bytes.ts';
import { formatCheckpoint } from './checkpoint.ts';
import {
  checkCosignature,
  cosignatureMessage,
  formatTimestampedSignature,
  mlDsaCosignatureMessage,
} from './cosignature.ts';
import { COSIGNATURE_ML_DSA_44, formatCosignerVkey, parseCosignerVkey } from './cosigner-key.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { parseNote } from './signed-note.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
for (let i = 0; i < 5; i++) log.appendBytes(Uint8Array.of(i));
const checkpoint = log.checkpoint();
const text = unwrap(parseNote(checkpoint)).text;
const witness = createTestWitness({ name: 'witness.example.com/w1', seed: 1 });
const other = createTestWitness({ name: 'witness.example.org/w2', seed: 2 });
const NOON = Date.parse('2026-04-03T12:00:00.000Z');

/** The line's bytes after the key id. */
function bytesOf(line: string): Uint8Array {
  return unwrap(parseNote(`${text}\n${line}`)).signatures[0]!.signature;
}

describe('the specification', () => {
  const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
  const line =
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';

  it('has this message and this timestamp in its example', () => {
    expect(utf8Decode(cosignatureMessage(body, 1679315147))).toEqual({
      ok: true,
      value: `cosignature/v1\ntime 1679315147\n${body}`,
    });
    const { signature, keyId } = unwrap(parseNote(`${body}\n${line}`)).signatures[0]!;
    expect(keyId).toBe(0x8d66cf3f);
    expect(signature.length).toBe(8 + 64);
    expect(formatTimestampedSignature(1679315147, signature.subarray(8))).toEqual(signature);
  });
});

// Tree head 12851 of Sigsum's log seasalp, as two public witnesses cosigned it: their keys, software and signatures are
// other people's. Sigsum transports these fields in its own form; the signed bytes are those of cosignature/v1.
describe('cosignatures from the world', () => {
  const root = unwrap(hexDecode('4ccedda0c3e6afc83cfcddfad7df3d95cbd1e857ecf3cf0569b8f69ce32727f8'));
  const origin = 'sigsum.org/v1/tree/44ad38f8226ff9bd27629a41e55df727308d0a1cd8a2c31d3170048ac1dd22a1';
  const head = formatCheckpoint({ origin, size: 12851, root });
  const cases = [
    [
      'witness.glasklar.is+90ad80e6+BLIQbbkGXsl/JeCcGIOSFnUabibY7YtB5IWlY9PRSYU2',
      '9ab58c0f6cbfd02549891b3b9d7e68fd7fefd42b6dc22fbbee7ed3119d1ed1807edc74c8b12fd430e4ee6084b59077d4c8eafe09eefdbbe31666828c34d24702',
    ],
    [
      'witness.mullvad.net+0e35d04d+BBXW0BQVQyR7dLqzwQdjctnIlPYZw3bWSymqMSzAD2Gt',
      '82f16ff572ba54e6f0b2f27e0e34fa729ab42d566b1d54a0b689d345c373fd0d87a61a6b6e81b4d17b3ca9f13f01a6c1325d701e6350ecddfa54b6b453691d0f',
    ],
  ] as const;

  it.each(cases)('verify: %s', async (vkey, hex) => {
    const cosigner = unwrap(parseCosignerVkey(vkey));
    const signature = unwrap(hexDecode(hex));
    const check = (timestamp: number, noteText = head) =>
      checkCosignature(cosigner, formatTimestampedSignature(timestamp, signature), noteText);
    expect(await check(1754020861)).toEqual({ ok: true, value: 1754020861000 });
    expect(codeOf(await check(1754020862))).toBe('signature_invalid');
    expect(codeOf(await check(1754020861, `${head}an extension\n`))).toBe('signature_invalid');
  });
});

describe('checkCosignature', () => {
  const line = witness.cosign(checkpoint, NOON);
  const check = (bytes: Uint8Array, cosigner = witness.cosigner, noteText = text, primitives?: Primitives) =>
    checkCosignature(cosigner, bytes, noteText, primitives);

  it('gives the time in milliseconds', async () => {
    expect(await check(bytesOf(line))).toEqual({ ok: true, value: NOON });
  });

  it('covers extension lines, and not the name', async () => {
    const extended = `${text}an extension\n`;
    const bytes = bytesOf(witness.cosign(extended, NOON));
    expect(codeOf(await check(bytes, witness.cosigner, extended))).toBeUndefined();
    expect(codeOf(await check(bytes))).toBe('signature_invalid');
    const renamed = unwrap(parseCosignerVkey(formatCosignerVkey('another.example', witness.cosigner.raw)));
    // Which is why a policy may hold a key only once.
    expect(codeOf(await check(bytesOf(line), renamed))).toBeUndefined();
  });

  it('is of one checkpoint, one time and one key', async () => {
    const bytes = bytesOf(line);
    expect(codeOf(await check(bytes, other.cosigner))).toBe('signature_invalid');
    expect(codeOf(await check(bytes, witness.cosigner, text.replace('\n5\n', '\n6\n')))).toBe('signature_invalid');
    expect(codeOf(await check(formatTimestampedSignature(NOON / 1000 + 1, bytes.subarray(8))))).toBe(
      'signature_invalid',
    );
  });

  it('refuses another length before it looks at anything else', async () => {
    const bytes = bytesOf(line);
    for (const length of [1, 8, 64, 71]) {
      expect(codeOf(await check(bytes.slice(0, length)))).toBe('signature_malformed');
    }
    expect(codeOf(await check(new Uint8Array(73)))).toBe('signature_malformed');
  });

  it.each([
    ['zero', 0],
    ['the first second of the year 10000', 253402300800],
    ['milliseconds', NOON],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
  ])('takes no timestamp that is %s, however well it is signed', async (_, timestamp) => {
    expect(codeOf(await check(bytesOf(witness.cosign(text, timestamp * 1000))))).toBe('bad_time');
  });

  it.each([
    ['2^53', [0, 0x20, 0, 0, 0, 0, 0, 0]],
    ['2^63', [0x80, 0, 0, 0, 0, 0, 0, 0]],
    ['2^64 − 1', [255, 255, 255, 255, 255, 255, 255, 255]],
  ])('takes no timestamp of %s', async (_, timestamp) => {
    const bytes = bytesOf(line);
    bytes.set(timestamp);
    expect(codeOf(await check(bytes))).toBe('bad_time');
  });

  it('takes the first and the last second that there is', async () => {
    for (const time of [1000, 253402300799000]) {
      expect(await check(bytesOf(witness.cosign(text, time)))).toEqual({ ok: true, value: time });
    }
  });

  it('recognizes ML-DSA-44, and says so when the runtime cannot verify it', async () => {
    const vkey = formatCosignerVkey('pq.example', new Uint8Array(1312), COSIGNATURE_ML_DSA_44);
    const cosigner = unwrap(parseCosignerVkey(vkey));
    const bytes = formatTimestampedSignature(NOON / 1000, new Uint8Array(2420));
    expect(codeOf(await check(bytes, cosigner, text, withoutMlDsa))).toBe('unsupported');
    expect(codeOf(await check(bytes.subarray(1), cosigner))).toBe('signature_malformed');
    expect(codeOf(await check(bytesOf(line), cosigner))).toBe('signature_malformed');
    expect(codeOf(await check(formatTimestampedSignature(0, new Uint8Array(2420)), cosigner))).toBe('bad_time');
  });

  it('says so when the runtime cannot verify', async () => {
    const primitives: Primitives = { ...webCryptoPrimitives, verifySignature: () => 'unsupported' };
    expect(codeOf(await check(bytesOf(line), witness.cosigner, text, primitives))).toBe('unsupported');
  });

  it('counts no other type of signature by the same key: not a log signature of type 0x01', async () => {
    const logSignature = unwrap(parseNote(checkpoint)).signatures[0]!.signature;
    expect(codeOf(await check(logSignature))).toBe('signature_malformed');
  });
});

describe('the builders', () => {
  it('throw for a timestamp that is none', () => {
    for (const timestamp of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => cosignatureMessage(text, timestamp)).toThrow(RangeError);
      expect(() => formatTimestampedSignature(timestamp, new Uint8Array(64))).toThrow(RangeError);
    }
  });

  it('write big-endian seconds', () => {
    const bytes = formatTimestampedSignature(2 ** 32 * 0x123456 + 0x789abcde, Uint8Array.of(1));
    expect([...bytes]).toEqual([0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 1]);
  });
});

describe('ML-DSA-44 cosignatures', () => {
  const name = 'witness.example.net/pq';
  const pq = createTestWitness({ name, seed: 3, mlDsa: true });
  const bytes = bytesOf(pq.cosign(checkpoint, NOON));
  const check = (signature: Uint8Array, cosigner = pq.cosigner, noteText = text) =>
    checkCosignature(cosigner, signature, noteText, mlDsaPrimitives);

  it('sign the structure of the specification', () => {
    const root = new Uint8Array(32).fill(0xab);
    const message = mlDsaCosignatureMessage('w', { origin: 'log', size: 0x0102030405, root }, 1679315147);
    const structure = '737562747265652f76310a00 0177 00000000641850cb 036c6f67 0000000000000000 0000000102030405';
    expect(Buffer.from(message).toString('hex')).toBe(structure.replaceAll(' ', '') + 'ab'.repeat(32));
  });

  it('give the time in milliseconds', async () => {
    expect(bytes.length).toBe(8 + 2420);
    expect(await check(bytes)).toEqual({ ok: true, value: NOON });
  });

  it('cover the name, the origin, size, root and time, and no extension lines', async () => {
    expect(codeOf(await check(bytes, pq.cosigner, `${text}an extension\n`))).toBeUndefined();
    const renamed = unwrap(
      parseCosignerVkey(formatCosignerVkey('other.example', pq.cosigner.raw, COSIGNATURE_ML_DSA_44)),
    );
    const [origin = '', , root = ''] = text.split('\n');
    const others = [
      check(bytes, renamed),
      check(bytes, createTestWitness({ name, seed: 4, mlDsa: true }).cosigner),
      check(bytes, pq.cosigner, text.replace(origin, 'log.example.com/other')),
      check(bytes, pq.cosigner, text.replace('\n5\n', '\n6\n')),
      check(
        bytes,
        pq.cosigner,
        text.replace(root, `A${root.slice(1)}` === root ? `B${root.slice(1)}` : `A${root.slice(1)}`),
      ),
      check(formatTimestampedSignature(NOON / 1000 + 1, bytes.subarray(8))),
    ];
    for (const result of await Promise.all(others)) expect(codeOf(result)).toBe('signature_invalid');
  });

  it('refuse any flipped bit of time and signature', async () => {
    for (let bit = 0; bit < 8 * bytes.length; bit += 97) {
      const flipped = new Uint8Array(bytes);
      flipped[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
      const code = codeOf(await check(flipped));
      expect(['signature_invalid', 'bad_time'], `bit ${bit}`).toContain(code);
    }
  });

  it('are none of a text that is no checkpoint, nor under names that the structure cannot hold', async () => {
    expect(codeOf(await check(bytes, pq.cosigner, 'log.example.com/approvals\n'))).toBe('checkpoint_malformed');
    const long = 'x'.repeat(256);
    expect(codeOf(await check(bytes, pq.cosigner, text.replace(/^.*/, long)))).toBe('signature_invalid');
    const head = { origin: 'log', size: 1, root: new Uint8Array(32) };
    expect(() => mlDsaCosignatureMessage(long, head, 1)).toThrow(RangeError);
    expect(() => mlDsaCosignatureMessage('', head, 1)).toThrow(RangeError);
    expect(() => mlDsaCosignatureMessage('w', { ...head, origin: long }, 1)).toThrow(RangeError);
    expect(() => mlDsaCosignatureMessage('w', head, -1)).toThrow(RangeError);
  });
});

/**
 * Project Wycheproof's vectors through our own door, under WebCrypto and under node:crypto, which the server injects:
 * both must give the same answer for every case.
 */
import { createPublicKey, verify } from 'node:crypto';
import { mlDsaPrimitives } from '@assent/test-support/ml-dsa';
import { codeOf, unwrap } from '@assent/test-support/results';
import { readSharedVectors } from '@assent/test-support/shared-vectors';
import { describe, expect, it } from 'vitest';
import { hexDecode, hexEncode } from './bytes.ts';
import { type Primitives, type PublicKey, webCryptoPrimitives } from './primitives.ts';
import { sha256 } from './sha256.ts';
import { checkSignature } from './signature.ts';
import { parsePublicKey } from './spki.ts';

type Case = {
  tcId: number;
  comment: string;
  msg: string;
  sig: string;
  ctx?: string;
  result: 'valid' | 'invalid' | 'acceptable';
};
type File = { testGroups: { publicKeyDer: string; tests: Case[] }[] };
type Vector = Case & { spki: Uint8Array };

const hex = (text: string): Uint8Array => unwrap(hexDecode(text));

const nodePrimitives: Primitives = {
  sha256,
  verifySignature: async ({ algorithm, spki }: PublicKey, signature, message) => {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const hash = algorithm === 'ed25519' ? null : 'sha256';
    return verify(hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  },
};

function read(name: string, count: number): Vector[] | undefined {
  const text = readSharedVectors(`wycheproof/${name}_test.json`, count);
  if (text === undefined) return undefined;
  const { testGroups }: File = JSON.parse(text);
  const vectors = testGroups.flatMap(({ publicKeyDer, tests }) =>
    tests.map((test) => ({ ...test, spki: hex(publicKeyDer) })),
  );
  expect(vectors.length).toBe(count);
  return vectors;
}

type Tally = { ran: number; accepted: number; exempted: number };

/** @param exempt why a case may differ from Wycheproof's verdict, and how; a case that it names must be refused. */
async function run(
  vectors: readonly Vector[],
  primitives: Primitives,
  exempt: (vector: Vector) => string | undefined = () => undefined,
): Promise<Tally> {
  const tally = { ran: 0, accepted: 0, exempted: 0 };
  for (const vector of vectors) {
    const key = parsePublicKey(vector.spki);
    const checked = key.ok ? await checkSignature(key.value, hex(vector.sig), hex(vector.msg), primitives) : key;
    const exempted = exempt(vector) !== undefined;
    const expected = vector.result === 'valid' && !exempted;
    expect(checked.ok, `case ${vector.tcId}: ${vector.comment}: ${codeOf(checked)}`).toBe(expected);
    if (!checked.ok) expect(['signature_malformed', 'signature_invalid', 'key_malformed']).toContain(checked.code);
    tally.ran += 1;
    tally.accepted += checked.ok ? 1 : 0;
    tally.exempted += exempted ? 1 : 0;
  }
  return tally;
}

for (const [runtime, primitives] of [
  ['WebCrypto', webCryptoPrimitives],
  ['node:crypto', nodePrimitives],
] as const) {
  describe(`Wycheproof under ${runtime}`, () => {
    it('ECDSA P-256 with SHA-256, DER', async () => {
      const vectors = read('ecdsa_secp256r1_sha256', 484);
      if (vectors === undefined) return;
      const tally = await run(vectors, primitives);
      console.log(`${runtime}: ECDSA DER`, tally);
      expect(tally).toEqual({ ran: 484, accepted: 174, exempted: 0 });
    });

    // Our interface takes DER alone: what has 64 bytes is encoded as DER, so the numbers are judged, and what has
    // another length has no DER form and goes in as it is.
    it('ECDSA P-256 with SHA-256, P1363', async () => {
      const vectors = read('ecdsa_secp256r1_sha256_p1363', 262);
      if (vectors === undefined) return;
      const encoded = vectors.map((vector) => ({
        ...vector,
        sig: vector.sig.length === 128 ? toDer(vector.sig) : vector.sig,
      }));
      const tally = await run(encoded, primitives);
      console.log(`${runtime}: ECDSA P1363`, tally);
      expect(tally).toEqual({ ran: 262, accepted: 173, exempted: 0 });
    });

    it('Ed25519', async () => {
      const vectors = read('ed25519', 151);
      if (vectors === undefined) return;
      const tally = await run(vectors, primitives);
      console.log(`${runtime}: Ed25519`, tally);
      expect(tally).toEqual({ ran: 151, accepted: 88, exempted: 0 });
    });

    it('RSA-2048 PKCS#1 v1.5 with SHA-256', async () => {
      const vectors = read('rsa_signature_2048_sha256', 259);
      if (vectors === undefined) return;
      const tally = await run(vectors, primitives, ({ tcId, spki }) => {
        // The one 'acceptable' case: a DigestInfo without the NULL parameter. RFC 8017 §9.2 note 1 lets a verifier
        // take it; Node and BoringSSL refuse, and so do we: one signature, one encoding.
        if (tcId === 8) return 'DigestInfo without NULL';
        // Cases 258 and 259 have keys with e = 3, which are not admitted; whatever they sign is refused.
        return hexEncode(spki).endsWith('020103') ? 'e = 3' : undefined;
      });
      console.log(`${runtime}: RSA`, tally);
      expect(tally).toEqual({ ran: 259, accepted: 7, exempted: 3 });
      expect(vectors.find(({ tcId }) => tcId === 8)?.result).toBe('acceptable');
    });
  });
}

// Neither WebCrypto nor node:crypto has it in every Node that we support, so it is the injected implementation that runs.
describe('Wycheproof under @noble/post-quantum', () => {
  it('ML-DSA-44', async () => {
    const vectors = read('mldsa_44_verify', 180);
    if (vectors === undefined) return;
    // We verify with an empty context, as passkeys and cosignatures are made: what was signed with another one is refused.
    const tally = await run(vectors, mlDsaPrimitives, ({ ctx = '' }) => (ctx === '' ? undefined : 'a context'));
    console.log('ML-DSA-44', tally);
    expect(tally).toEqual({ ran: 180, accepted: 75, exempted: 7 });
  });
});

function toDer(p1363: string): string {
  const integer = (padded: string): string => {
    const minimal = padded.replace(/^(00)+(?=.)/, '');
    const content = Number.parseInt(minimal.slice(0, 2), 16) >= 0x80 ? `00${minimal}` : minimal;
    return `02${byte(content.length / 2)}${content}`;
  };
  const content = integer(p1363.slice(0, 64)) + integer(p1363.slice(64));
  return `30${byte(content.length / 2)}${content}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

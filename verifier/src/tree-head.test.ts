import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64Encode } from './base64.ts';
import { hexDecode, hexEncode } from './bytes.ts';
import { parsePublicKey } from './spki.ts';
import {
  formatSignedTreeHead,
  formatTreeHead,
  parseSignedTreeHead,
  type TreeHead,
  verifySignedTreeHead,
} from './tree-head.ts';

const root = unwrap(hexDecode('ca4fc624d6543755467f0ad447c77f0b127c9a4cb654eb3c0cff8088556e2f0b'));
const HEAD: TreeHead = { size: 2, root, timestamp: 1_775_235_662_123 };

const log = generateKeyPairSync('ed25519');
const spki = (key: KeyObject) => unwrap(parsePublicKey(new Uint8Array(key.export({ type: 'spki', format: 'der' }))));
const key = spki(log.publicKey);
const signed = (head: TreeHead) => new Uint8Array(sign(null, formatTreeHead(head), log.privateKey));
const sth = formatSignedTreeHead(HEAD, signed(HEAD));
const members = () => JSON.parse(sth) as Record<string, string | number>;
const withMembers = (changed: Record<string, unknown>) => JSON.stringify({ ...members(), ...changed });
const withSignature = (...bytes: number[]) =>
  withMembers({ tree_head_signature: base64Encode(Uint8Array.from(bytes)) });

describe('what is signed', () => {
  it('is the example in the file, byte for byte', () => {
    expect(hexEncode(formatTreeHead(HEAD))).toBe(`0001${'0000019d544a812b'}${'0000000000000002'}${hexEncode(root)}`);
  });

  it('has numbers of eight bytes, beyond 2^32 too', () => {
    const size = 2 ** 53 - 1;
    expect(hexEncode(formatTreeHead({ ...HEAD, size }).subarray(10, 18))).toBe('001fffffffffffff');
  });

  it.each([
    ['a negative size', { size: -1 }],
    ['half an entry', { size: 0.5 }],
    ['a size that is not exact', { size: 2 ** 53 }],
    ['a negative time', { timestamp: -1 }],
    ['half a millisecond', { timestamp: 0.5 }],
    ['a root of 31 bytes', { root: new Uint8Array(31) }],
  ])('cannot have %s', (_, wrong) => {
    expect(() => formatTreeHead({ ...HEAD, ...wrong })).toThrow(RangeError);
    expect(() => formatSignedTreeHead({ ...HEAD, ...wrong }, new Uint8Array(64))).toThrow(RangeError);
  });
});

describe('a signed tree head', () => {
  it('comes back as it went in', async () => {
    expect(unwrap(parseSignedTreeHead(sth))).toEqual({ ...HEAD, unverifiedSignature: signed(HEAD) });
    expect(unwrap(await verifySignedTreeHead(sth, key))).toEqual(HEAD);
    expect(unwrap(await verifySignedTreeHead(new TextEncoder().encode(sth), key))).toEqual(HEAD);
  });

  it('is what RFC 6962 says, put together and signed without any code of ours', async () => {
    // §3.5, by hand: version, signature type, timestamp, size, root.
    const structure = Buffer.alloc(50);
    structure.writeUInt8(0, 0);
    structure.writeUInt8(1, 1);
    structure.writeBigUInt64BE(1_775_235_662_123n, 2);
    structure.writeBigUInt64BE(2n, 10);
    Buffer.from(root).copy(structure, 18);
    const signature = sign(null, structure, log.privateKey);
    const struct = Buffer.concat([Buffer.from([8, 7]), Buffer.from([0, 64]), signature]);
    expect(members()).toEqual({
      tree_size: 2,
      timestamp: 1_775_235_662_123,
      sha256_root_hash: Buffer.from(root).toString('base64'),
      tree_head_signature: struct.toString('base64'),
    });
    expect(codeOf(await verifySignedTreeHead(JSON.stringify(members(), null, 2), key))).toBeUndefined();
  });

  it('exists of the empty tree', async () => {
    const empty = { size: 0, root, timestamp: 0 };
    expect(unwrap(await verifySignedTreeHead(formatSignedTreeHead(empty, signed(empty)), key))).toEqual(empty);
  });

  it.each([
    ['another size', { tree_size: 3 }],
    ['another time', { timestamp: 1_775_235_662_124 }],
    ['another root', { sha256_root_hash: base64Encode(new Uint8Array(32)) }],
  ])('does not verify with %s', async (_, changed) => {
    expect(codeOf(await verifySignedTreeHead(withMembers(changed), key))).toBe('signature_invalid');
  });

  it('does not verify with any bit of the signature flipped', async () => {
    const signature = signed(HEAD);
    for (let i = 0; i < signature.length; i++) {
      const flipped = signature.slice();
      flipped[i]! ^= 1;
      const code = codeOf(await verifySignedTreeHead(formatSignedTreeHead(HEAD, flipped), key));
      // A flip in S or R can make it malformed before it is wrong.
      expect(['signature_invalid', 'signature_malformed'], `byte ${i}`).toContain(code);
    }
  });

  it('does not verify with another key, nor with a key that no log has', async () => {
    expect(codeOf(await verifySignedTreeHead(sth, spki(generateKeyPairSync('ed25519').publicKey)))).toBe(
      'signature_invalid',
    );
    const p256 = spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    expect(codeOf(await verifySignedTreeHead(sth, p256))).toBe('key_unsupported');
  });

  it.each([
    ['no JSON', 'tree_size=2', 'json_syntax'],
    ['no object', '[]', 'wrong_type'],
    ['a member too many', withMembers({ extra: 1 }), 'unknown_member'],
    ['a member that is missing', withMembers({ timestamp: undefined }), 'missing_member'],
    ['a member twice', sth.replace('{', '{"tree_size":2,'), 'json_duplicate_key'],
    ['a size as text', withMembers({ tree_size: '2' }), 'wrong_type'],
    ['a negative size', withMembers({ tree_size: -2 }), 'bad_value'],
    ['a size that is not exact', sth.replace('"tree_size":2', '"tree_size":9007199254740993'), 'json_number'],
    ['a time as text', withMembers({ timestamp: '2026' }), 'wrong_type'],
    ['half a millisecond', withMembers({ timestamp: 0.5 }), 'bad_time'],
    ['a short root', withMembers({ sha256_root_hash: base64Encode(root.subarray(1)) }), 'hash_length'],
    ['a root in the other alphabet', withMembers({ sha256_root_hash: `${'_'.repeat(43)}=` }), 'bad_base64'],
    ['an ECDSA signature', withSignature(4, 3, 0, 64, ...new Uint8Array(64)), 'unsupported'],
    ['no signature', withSignature(), 'unsupported'],
    ['a length that does not fit', withSignature(8, 7, 0, 63, ...new Uint8Array(64)), 'signature_malformed'],
    ['a length of 64 × 256', withSignature(8, 7, 64, 0, ...new Uint8Array(64)), 'signature_malformed'],
    ['a byte too many', withSignature(8, 7, 0, 64, ...new Uint8Array(65)), 'signature_malformed'],
    ['a byte too few', withSignature(8, 7, 0, 64, ...new Uint8Array(63)), 'signature_malformed'],
    ['more text than any has', `${sth}${' '.repeat(5_000)}`, 'too_large'],
  ])('is refused with %s', async (_, json, code) => {
    expect(codeOf(parseSignedTreeHead(json))).toBe(code);
    expect(codeOf(await verifySignedTreeHead(json, key))).toBe(code);
  });
});

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { codeOf, unwrap } from '@assent/test-support/results';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hexDecode } from './bytes.ts';
import { type Primitives, webCryptoPrimitives } from './primitives.ts';
import { checkSignature } from './signature.ts';
import { ed25519Spki, parsePublicKey } from './spki.ts';

const hex = (text: string): Uint8Array => unwrap(hexDecode(text));
const ed25519Key = (raw: string) => unwrap(parsePublicKey(ed25519Spki(hex(raw))));

/** RFC 8032 §7.1 */
const RFC_8032 = [
  {
    name: 'TEST 1',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    name: 'TEST 2',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    name: 'TEST 3',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    name: 'TEST 1024',
    publicKey: '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e',
    message: [
      '08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f54e9f77b1e355f6c50544e23f',
      'b1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d658675fc6ea534e0810a4432826bf58c',
      '941efb65d57a338bbd2e26640f89ffbc1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4feba15452f80288a82',
      '1a579116ec6dad2b3b310da903401aa62100ab5d1a36553e06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573cb116dbef',
      'efd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53',
      'f1d8ac70bdcb7ed185ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d',
      '502f1a8c6eb6f1ce22b3de1a1f40cc24554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f27088d78b7e883c8759',
      'd2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2cf65bd92dd597b07',
      '07e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128bab27af87a71314f318c782b23ebfe808b82b0ce26401d2e22',
      'f04d83d1255dc51addd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429ec96031dbcad3dad9af0dcbaaaf268cb8',
      'fcffead94f3c7ca495e056a9b47acdb751fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c42f58c30c04aafdb',
      '038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34df',
      'f7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08d78ff4ef5d63653a65040cf9bfd4aca7984a74d371459867',
      '80fc0b16ac451649de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e488acba6b965610b5480109c8b17b80e1',
      'b7b750dfc7598d5d5011fd2dcc5600a32ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e6aed3fb0f9cd71a4',
      '3dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5fb93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b5',
      '0d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315cf4fd',
      'e7cb68606937380db2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef68d3a101e8a3b8ca',
      'c60c905c15fc910840b94c00a0b9d0',
    ].join(''),
    signature:
      '0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03',
  },
  {
    name: 'TEST SHA(abc)',
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  },
];

describe('Ed25519, RFC 8032 §7.1', () => {
  for (const { name, publicKey, message, signature } of RFC_8032) {
    it(name, async () => {
      const key = ed25519Key(publicKey);
      expect(codeOf(await checkSignature(key, hex(signature), hex(message)))).toBeUndefined();
      const longer = hex(`${message}00`);
      expect(codeOf(await checkSignature(key, hex(signature), longer))).toBe('signature_invalid');
    });
  }
});

describe('checkSignature', () => {
  const message = new TextEncoder().encode('transfer 42.00 to acct_9');
  const keys: Record<string, { publicKey: KeyObject; privateKey: KeyObject; hash: string | null }> = {
    ed25519: { ...generateKeyPairSync('ed25519'), hash: null },
    es256: { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256' },
    rs256: { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256' },
  };

  for (const [algorithm, { publicKey, privateKey, hash }] of Object.entries(keys)) {
    const key = unwrap(parsePublicKey(publicKey.export({ type: 'spki', format: 'der' })));
    const signature = new Uint8Array(sign(hash, message, privateKey));

    it(`${algorithm}: accepts a good signature`, async () => {
      expect(key.algorithm).toBe(algorithm);
      expect(codeOf(await checkSignature(key, signature, message))).toBeUndefined();
    });

    it(`${algorithm}: refuses a signature with any bit flipped, and one of another length`, async () => {
      for (let bit = 0; bit < 8 * signature.length; bit += algorithm === 'rs256' ? 13 : 1) {
        const flipped = flip(signature, bit);
        expect(codeOf(await checkSignature(key, flipped, message)), `bit ${bit}`).toMatch(
          /^signature_(malformed|invalid)$/,
        );
      }
      for (const other of [signature.subarray(1), signature.subarray(0, -1), withZero(signature), new Uint8Array()]) {
        expect(codeOf(await checkSignature(key, other, message))).toBe('signature_malformed');
      }
    });

    it(`${algorithm}: refuses another message`, async () => {
      for (let bit = 0; bit < 8 * message.length; bit += 5) {
        expect(codeOf(await checkSignature(key, signature, flip(message, bit)))).toBe('signature_invalid');
      }
      expect(codeOf(await checkSignature(key, signature, new Uint8Array()))).toBe('signature_invalid');
    });

    it(`${algorithm}: leaves the key, the signature and the message as they were`, async () => {
      const before = [key.spki, key.raw, signature, message].map((bytes) => Buffer.from(bytes).toString('hex'));
      await checkSignature(key, signature, message);
      expect([key.spki, key.raw, signature, message].map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
        before,
      );
    });
  }

  it('accepts the high-S twin of an ECDSA signature', async () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = unwrap(parsePublicKey(publicKey.export({ type: 'spki', format: 'der' })));
    const plain = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const twin = order - BigInt(`0x${plain.subarray(32).toString('hex')}`);
    const der = derSignature(plain.subarray(0, 32), Buffer.from(twin.toString(16).padStart(64, '0'), 'hex'));
    expect(codeOf(await checkSignature(key, der, message))).toBeUndefined();
    expect(codeOf(await checkSignature(key, derSignature(plain.subarray(0, 32), plain.subarray(32)), message))).toBe(
      undefined,
    );
  });

  it('accepts RSA moduli of odd sizes', async () => {
    for (const modulusBits of [2056, 2049, 3000]) {
      const { spki, assert } = createAuthenticator({ algorithm: 'RS256', modulusBits });
      const { authenticatorData, clientDataJSON, signature } = assert({ challenge: message });
      const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()]);
      expect(codeOf(await checkSignature(unwrap(parsePublicKey(spki)), signature, signed)), `${modulusBits}`).toBe(
        undefined,
      );
    }
  });

  it('never asks the primitive about a malformed signature', async () => {
    const asked = vi.fn();
    const primitives: Primitives = { ...webCryptoPrimitives, verifySignature: asked };
    const key = ed25519Key(RFC_8032[0]!.publicKey);
    expect(codeOf(await checkSignature(key, new Uint8Array(63), message, primitives))).toBe('signature_malformed');
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('a runtime that cannot', () => {
  const { publicKey, message, signature } = RFC_8032[1]!;
  const check = () => checkSignature(ed25519Key(publicKey), hex(signature), hex(message));

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it('has no WebCrypto: unsupported', async () => {
    vi.stubGlobal('crypto', undefined);
    expect(codeOf(await check())).toBe('unsupported');
    vi.stubGlobal('crypto', {});
    expect(codeOf(await check())).toBe('unsupported');
  });

  it('lacks the algorithm: unsupported, and not remembered as a bad key', async () => {
    const fresh = unwrap(
      parsePublicKey(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })),
    );
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('no', 'NotSupportedError'));
    expect(codeOf(await checkSignature(fresh, hex(signature), hex(message)))).toBe('unsupported');
    expect(codeOf(await checkSignature(fresh, hex(signature), hex(message)))).toBe('signature_invalid');
  });

  it('refuses a point at import that others fail to verify: the same answer', async () => {
    const fresh = unwrap(
      parsePublicKey(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })),
    );
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('bad point', 'DataError'));
    expect(codeOf(await checkSignature(fresh, hex(signature), hex(message)))).toBe('signature_invalid');
  });

  it('refuses an RSA key at import: a limit of its own, so unsupported', async () => {
    const { spki } = createAuthenticator({ algorithm: 'RS256' });
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValueOnce(new DOMException('too large', 'DataError'));
    const checked = await checkSignature(unwrap(parsePublicKey(spki)), new Uint8Array(256), hex(message));
    expect(codeOf(checked)).toBe('unsupported');
  });

  it('fails while verifying: unsupported, never valid', async () => {
    vi.spyOn(crypto.subtle, 'verify').mockRejectedValueOnce(new DOMException('no', 'OperationError'));
    expect(codeOf(await check())).toBe('unsupported');
  });
});

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(bytes);
  const at = Math.floor(bit / 8);
  flipped[at] = flipped[at]! ^ (1 << (bit % 8));
  return flipped;
}

function withZero(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([bytes, Buffer.alloc(1)]));
}

function derSignature(r: Buffer, s: Buffer): Uint8Array {
  const integer = (bytes: Buffer): Buffer => {
    const minimal = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const content = minimal[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), minimal]) : minimal;
    return Buffer.concat([Buffer.of(2, content.length), content]);
  };
  const content = Buffer.concat([integer(r), integer(s)]);
  return new Uint8Array(Buffer.concat([Buffer.of(0x30, content.length), content]));
}

/**
 * SHA-256 (FIPS 180-4 §4.1.2, §5 and §6.2), synchronous.
 *
 * WebCrypto has a digest, but each call is a promise that takes some 60 times as long as hashing 65 bytes, and a Merkle
 * proof is many tiny hashes. Where a native synchronous hash exists (`node:crypto`), callers pass it wherever a
 * `Sha256` is taken.
 */
export type Sha256 = (data: Uint8Array) => Uint8Array;

const BLOCK = 64;
const ROUND_CONSTANTS = roundConstants();
const schedule = new Int32Array(64);
const lastBlocks = new Uint8Array(2 * BLOCK);

/**
 * 32 bytes. Throws TypeError on anything but a Uint8Array, above all on a string, whose characters would count as
 * zeros.
 */
export const sha256: Sha256 = (data) => {
  if (!(data instanceof Uint8Array)) throw new TypeError('data: not a Uint8Array');
  const state = initialState();
  const wholeBlocks = data.length - (data.length % BLOCK);
  for (let at = 0; at < wholeBlocks; at += BLOCK) compress(state, data, at);

  // §5.1.1: a one bit, zeros, and the length in bits as 64-bit big-endian fill up the last block or two.
  const rest = data.length - wholeBlocks;
  const padded = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  lastBlocks.fill(0);
  lastBlocks.set(data.subarray(wholeBlocks));
  lastBlocks[rest] = 0x80;
  writeUint32(lastBlocks, padded - 8, Math.floor(data.length / 2 ** 29));
  writeUint32(lastBlocks, padded - 4, data.length << 3);
  for (let at = 0; at < padded; at += BLOCK) compress(state, lastBlocks, at);

  const digest = new Uint8Array(32);
  for (let i = 0; i < 8; i++) writeUint32(digest, 4 * i, state[i]!);
  return digest;
};

/** §5.3.3: the first 32 bits of the fractional parts of the square roots of the first eight primes. */
function initialState(): Int32Array {
  return new Int32Array([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** §6.2.2: mixes the 64 bytes at `at` into the state. */
function compress(state: Int32Array, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let t = 0; t < 16; t++, at += 4) {
    w[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15]!;
    const y = w[t - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16]! + s0 + w[t - 7]! + s1) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + (g ^ (e & (f ^ g))) + ROUND_CONSTANTS[t]! + w[t]!) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

/** §4.2.2, written out: computing cube roots in floating point would trust each engine's Math.cbrt. */
function roundConstants(): Int32Array {
  // biome-ignore format: eight a row, as in the standard
  return new Int32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]);
}

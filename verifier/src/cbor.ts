/**
 * CBOR (RFC 8949) as authenticators may write it: the CTAP2 canonical form (CTAP 2.1 §8). Definite lengths, shortest
 * integers and lengths, no tags, map keys that are integers or text, no key twice. Keys may stand in any order:
 * the order carries no meaning, and authenticators exist that get it wrong.
 */
import { utf8Decode } from './bytes.ts';
import { type Failure, fail, ok, type Result } from './result.ts';

export type CborKey = number | bigint | string;
export type CborMap = ReadonlyMap<CborKey, CborValue>;
/** Kept apart from integers: 1.0 is not the label 1 of a map, nor the number of an algorithm. */
export type CborFloat = { readonly float: number };
/** Integers are numbers where they are safe, else bigint. */
export type CborValue =
  | number
  | bigint
  | string
  | CborFloat
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly CborValue[]
  | CborMap;

/** CTAP2 itself says 4. */
const MAX_DEPTH = 16;

/**
 * The one item at the start of `bytes`, and how many bytes it takes; the caller says whether more may follow.
 * @returns `cbor_malformed`.
 */
export function decodeCbor(bytes: Uint8Array): Result<{ value: CborValue; length: number }> {
  const reader: Reader = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  const value = readItem(reader, 0);
  return value.ok ? ok({ value: value.value, length: reader.offset }) : value;
}

type Reader = { readonly bytes: Uint8Array; readonly view: DataView; offset: number };

function readItem(reader: Reader, depth: number): Result<CborValue> {
  if (depth > MAX_DEPTH) return malformed('nested too deep');
  const initial = reader.bytes[reader.offset];
  if (initial === undefined) return malformed('ends too early');
  reader.offset += 1;
  const major = Math.floor(initial / 32);
  const info = initial % 32;
  if (major === 7) return readSimple(reader, info);
  const argument = readArgument(reader, info);
  if (!argument.ok) return argument;
  const n = argument.value;
  switch (major) {
    case 0:
      return ok(n);
    case 1:
      return ok(typeof n === 'number' && n < Number.MAX_SAFE_INTEGER ? -1 - n : -1n - BigInt(n));
    case 2:
      return readBytes(reader, n);
    case 3: {
      const content = readBytes(reader, n);
      if (!content.ok) return content;
      const text = utf8Decode(content.value);
      return text.ok ? text : malformed('text is not UTF-8');
    }
    case 4:
      return readArray(reader, n, depth);
    case 5:
      return readMap(reader, n, depth);
    default:
      return malformed('tags are not allowed');
  }
}

/** RFC 8949 §3: the argument, refused where a shorter form would hold it. */
function readArgument(reader: Reader, info: number): Result<number | bigint> {
  if (info < 24) return ok(info);
  if (info > 27) return malformed('indefinite length or reserved additional information');
  const size = 2 ** (info - 24);
  const at = reader.offset;
  if (at + size > reader.bytes.length) return malformed('ends too early');
  reader.offset += size;
  const { view } = reader;
  if (size === 8) {
    const wide = view.getBigUint64(at);
    if (wide < 2n ** 32n) return malformed('a shorter form exists');
    return ok(wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide);
  }
  const value = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
  return value >= (size === 1 ? 24 : 2 ** (4 * size)) ? ok(value) : malformed('a shorter form exists');
}

function readBytes(reader: Reader, length: number | bigint): Result<Uint8Array> {
  const end = reader.offset + Number(length);
  if (end > reader.bytes.length) return malformed('ends too early');
  const content = reader.bytes.slice(reader.offset, end);
  reader.offset = end;
  return ok(content);
}

function readArray(reader: Reader, count: number | bigint, depth: number): Result<readonly CborValue[]> {
  const items: CborValue[] = [];
  // Nothing is allocated by the announced count: an item takes a byte at least, so the input bounds the loop.
  for (let i = 0; i < count; i++) {
    const item = readItem(reader, depth + 1);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return ok(items);
}

function readMap(reader: Reader, count: number | bigint, depth: number): Result<CborMap> {
  const map = new Map<CborKey, CborValue>();
  for (let i = 0; i < count; i++) {
    const key = readItem(reader, depth + 1);
    if (!key.ok) return key;
    const { value: name } = key;
    if (typeof name !== 'number' && typeof name !== 'bigint' && typeof name !== 'string') {
      return malformed('a map key is neither an integer nor text');
    }
    if (map.has(name)) return malformed('a map key stands twice');
    const value = readItem(reader, depth + 1);
    if (!value.ok) return value;
    map.set(name, value.value);
  }
  return ok(map);
}

/** RFC 8949 §3.3. */
function readSimple(reader: Reader, info: number): Result<CborValue> {
  switch (info) {
    case 20:
      return ok(false);
    case 21:
      return ok(true);
    case 22:
      return ok(null);
    case 23:
      return ok(undefined);
    case 25:
    case 26:
    case 27: {
      const size = 2 ** (info - 24);
      const at = reader.offset;
      if (at + size > reader.bytes.length) return malformed('ends too early');
      reader.offset += size;
      if (size === 2) return ok({ float: halfFloat(reader.view.getUint16(at)) });
      return ok({ float: size === 4 ? reader.view.getFloat32(at) : reader.view.getFloat64(at) });
    }
    default:
      return malformed('unassigned simple value, or the end of an indefinite length');
  }
}

/** IEEE 754 binary16, RFC 8949 appendix D. */
function halfFloat(bits: number): number {
  const exponent = Math.floor(bits / 1024) % 32;
  const fraction = bits % 1024;
  const sign = bits >= 32768 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function malformed(detail: string): Failure {
  return fail('cbor_malformed', `CBOR: ${detail}`);
}

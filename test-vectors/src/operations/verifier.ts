/** What the vectors ask of a verifier, and how inputs are read. */
import type { Json, JsonObject, Primitives, Result } from '@assent/verifier';

/** The names that both the package and the single file export. */
export type Verifier = typeof import('@assent/verifier/single-file');

export type Operation = (
  verifier: Verifier,
  input: JsonObject,
  primitives: Primitives,
) => Result<unknown> | Promise<Result<unknown>>;

/** By format, then by operation. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** Members of an input, of the form that its operation says; a vector of another form is broken, so these throw. */
export function textOf(input: JsonObject, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw new TypeError(`${name}: not a text`);
  return value;
}

export function numberOf(input: JsonObject, name: string): number {
  const value = input[name];
  if (typeof value !== 'number') throw new TypeError(`${name}: not a number`);
  return value;
}

export function objectOf(input: JsonObject, name: string): JsonObject {
  const value = input[name];
  if (!isObject(value)) throw new TypeError(`${name}: not an object`);
  return value;
}

export function textsOf(input: JsonObject, name: string): readonly string[] {
  const value: Json | undefined = input[name];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new TypeError(`${name}: not texts`);
  return value;
}

export function bytesOf(verifier: Verifier, input: JsonObject, name: string): Uint8Array {
  return decodeBytes(verifier, input[name], name);
}

export function bytesListOf(verifier: Verifier, input: JsonObject, name: string): readonly Uint8Array[] {
  const value = input[name];
  if (!Array.isArray(value)) throw new TypeError(`${name}: not a list`);
  return value.map((item) => decodeBytes(verifier, item, name));
}

function decodeBytes(verifier: Verifier, value: Json | undefined, name: string): Uint8Array {
  if (isObject(value) && typeof value.text === 'string') return verifier.utf8Encode(value.text);
  if (isObject(value) && typeof value.hex === 'string') return unwrap(verifier.hexDecode(value.hex));
  if (isObject(value) && typeof value.base64 === 'string') return unwrap(verifier.base64Decode(value.base64));
  throw new TypeError(`${name}: no bytes`);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of what the input itself needs to be good. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new TypeError(`the vector's input: ${result.code}: ${result.detail}`);
  return result.value;
}

/** The same failure, or the value in the words of the vectors. */
export function mapped<T>(result: Result<T>, toVector: (value: T) => unknown): Result<unknown> {
  return result.ok ? { ok: true, value: toVector(result.value) } : result;
}

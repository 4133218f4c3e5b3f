import { base64Decode, type Json, type JsonObject } from '@assent/verifier';

/** Parts of a document of which nothing is known yet: each is undefined where it is not what is asked for. */
export function objectAt(value: Json | undefined, name: string): JsonObject | undefined {
  const member = memberOf(value, name);
  return isObject(member) ? member : undefined;
}

export function bytesAt(value: Json | undefined, name: string): Uint8Array | undefined {
  const member = memberOf(value, name);
  const bytes = typeof member === 'string' ? base64Decode(member) : undefined;
  return bytes?.ok === true ? bytes.value : undefined;
}

export function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? value[name] : undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

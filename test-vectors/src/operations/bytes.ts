/** Bytes and text: base64, hex, time, decimal, json, jcs, cbor. */
import type { CborValue, JsonLimits } from '@assent/verifier';
import { bytesOf, mapped, numberOf, type Operation, type Operations, textOf } from './verifier.ts';

export const byteOperations: Operations = {
  base64: {
    decode: (v, input) => mapped(v.base64Decode(textOf(input, 'text')), v.hexEncode),
    decode_url: (v, input) => mapped(v.base64urlDecode(textOf(input, 'text')), v.hexEncode),
  },
  hex: { decode: (v, input) => mapped(v.hexDecode(textOf(input, 'text')), (bytes) => v.base64Encode(bytes)) },
  time: { parse: (v, input) => v.parseTime(textOf(input, 'text')) },
  decimal: { parse: (v, input) => v.parseDecimal(textOf(input, 'text')) },
  json: { parse: (v, input) => mapped(v.parseJson(bytesOf(v, input, 'json'), limits(input)), v.canonicalJson) },
  jcs: {
    canonicalize: (v, input) => mapped(v.parseJson(bytesOf(v, input, 'json')), v.canonicalJson),
    parse: (v, input) => mapped(v.parseCanonicalJson(bytesOf(v, input, 'json')), () => 'canonical'),
  },
  cbor: {
    decode: (v, input) =>
      mapped(v.decodeCbor(bytesOf(v, input, 'cbor')), ({ value, length }) => ({
        length,
        value: cborToVector(value, v.hexEncode),
      })),
  },
};

function limits(input: Parameters<Operation>[1]): JsonLimits {
  return {
    ...('max_depth' in input && { maxDepth: numberOf(input, 'max_depth') }),
    ...('max_bytes' in input && { maxBytes: numberOf(input, 'max_bytes') }),
  };
}

/** Maps as lists of pairs, and what JSON has not under its CBOR name. */
function cborToVector(value: CborValue, hexEncode: (bytes: Uint8Array) => string): unknown {
  const nested = (item: CborValue) => cborToVector(item, hexEncode);
  if (value === undefined) return { undefined: true };
  if (typeof value === 'bigint') return { integer: value.toString() };
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { hex: hexEncode(value) };
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [nested(key), nested(item)]) };
  if (Array.isArray(value)) return value.map(nested);
  return value;
}

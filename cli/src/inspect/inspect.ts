/**
 * Finds out what some bytes are. Formats that say their own name come first, then those that are told by their members or lines,
 * then bytes that can only be told by their form; what is inside another document is taken apart the same way.
 */
import { type Json, type JsonObject, parseJson, parseTrustMembers, type Result, utf8Decode } from '@assent/verifier';
import { isObject } from '../http/problem.ts';
import { countOf } from '../terminal/count-of.ts';
import { answer } from './answers.ts';
import { bundle, tile, unknown } from './binary.ts';
import { envelope, foreignPayload } from './foreign.ts';
import { type DocumentFormat, MEMBERS, OUR_DOCUMENTS, TRUST_VERSION } from './formats.ts';
import { type Inspection, type Look, problemOf, type Recognise } from './inspection.ts';
import { walk } from './json-walk.ts';
import { jwk, pem, secretLine, spkiDer, vkeys } from './keys.ts';
import { addCheckpointRequest, logPolicy, note, tlogProof } from './lines.ts';
import { decodeBase64 } from './readers.ts';
import { authenticatorData, cborDocument, clientData, credential } from './webauthn.ts';

const MAX_JSON_DEPTH = 64;
const MOST_INSIDE = 16;
const MOST_ROWS = 4000;

const TEXTS: readonly Recognise<string>[] = [pem, tlogProof, addCheckpointRequest, note, secretLine, vkeys, logPolicy];
const BYTES: readonly Recognise<Uint8Array>[] = [spkiDer, cborDocument, authenticatorData, bundle, tile];
const OBJECTS: readonly ((json: JsonObject, look: Look) => Inspection | undefined)[] = [
  envelope,
  clientData,
  credential,
  jwk,
  trustVersion,
  trustMembers,
  answer,
  foreignPayload,
];

/** Never throws, whatever the bytes are. */
export function inspect(bytes: Uint8Array): Inspection {
  let rows = 0;
  const hasRoom = () => ++rows <= MOST_ROWS;
  const lookAt = (depth: number): Look => ({
    hasRoom,
    inside: (inner) => {
      if (depth >= MOST_INSIDE) return unknown(inner, 'a document too deep inside others to be taken apart');
      return inspectWith(inner, lookAt(depth + 1));
    },
  });
  return inspectWith(bytes, lookAt(1));
}

function inspectWith(bytes: Uint8Array, look: Look): Inspection {
  const text = utf8Decode(bytes);
  if (!text.ok) return first(BYTES, bytes, look) ?? unknown(bytes, 'binary data');
  if (/^[\t\n\r ]*[[{]/.test(text.value)) return inspectJson(bytes, text.value, look);
  return (
    first(TEXTS, text.value, look) ??
    // Small binary files can be UTF-8 by chance.
    (hasControls(text.value) ? first(BYTES, bytes, look) : undefined) ??
    encodedBytes(text.value, look) ??
    unknown(bytes, describeText(text.value))
  );
}

function first<T>(recognisers: readonly Recognise<T>[], input: T, look: Look): Inspection | undefined {
  for (const recognise of recognisers) {
    const found = recognise(input, look);
    if (found !== undefined) return found;
  }
  return undefined;
}

function inspectJson(bytes: Uint8Array, text: string, look: Look): Inspection {
  const json = parseJson(text, { maxDepth: MAX_JSON_DEPTH });
  if (!json.ok) return { ...unknown(bytes, 'JSON that cannot be read in one way only'), ...problemOf(json) };
  if (Array.isArray(json.value)) return list(json.value, look) ?? generic(json.value, look);
  if (!isObject(json.value)) return unknown(bytes, 'a single JSON value');
  const { type } = json.value;
  if (typeof type === 'string' && /^assent\/[a-z-]+\/v[0-9]+$/.test(type)) return ours(bytes, type, json.value, look);
  for (const recognise of OBJECTS) {
    const found = recognise(json.value, look);
    if (found !== undefined) return found;
  }
  return generic(json.value, look);
}

function ours(bytes: Uint8Array, type: string, json: JsonObject, look: Look): Inspection {
  const format = Object.hasOwn(OUR_DOCUMENTS, type) ? OUR_DOCUMENTS[type] : undefined;
  if (format !== undefined) return shown(format, format.parse?.(bytes), json, look);
  const name = type.split('/')[1]!;
  const known = Object.keys(OUR_DOCUMENTS).find((other) => other.startsWith(`assent/${name}/`));
  const rows = walk(json, { '**': '' }, look);
  if (known === undefined) return { kind: name, title: `A document of the type ${type}`, rows };
  const problem = { code: 'unsupported', detail: `the version that is known here is ${known}` };
  return { kind: name, title: `A document of another version: ${type}`, problem, rows };
}

function shown(format: DocumentFormat, parsed: Result<unknown> | undefined, json: JsonObject, look: Look): Inspection {
  const { kind, title, where, members } = format;
  const rows = walk(json, members, look);
  return { kind, title, where, ...(parsed !== undefined && !parsed.ok && problemOf(parsed)), rows };
}

function trustVersion(json: JsonObject, look: Look): Inspection | undefined {
  const isOne = ['envelope', 'members', 'salt'].every((name) => Object.hasOwn(json, name));
  return isOne ? shown(TRUST_VERSION, undefined, json, look) : undefined;
}

function trustMembers(json: JsonObject, look: Look): Inspection | undefined {
  const isOne = ['approvers', 'services', 'boundaries', 'policies'].every((name) => Object.hasOwn(json, name));
  return isOne ? shown(MEMBERS, parseTrustMembers(json), json, look) : undefined;
}

/** Versions of a trust root, as `--trust-versions` takes them. */
function list(items: readonly Json[], look: Look): Inspection | undefined {
  const versions = items.map((item) => (isObject(item) ? trustVersion(item, look) : undefined));
  if (items.length === 0 || !versions.every((version) => version !== undefined)) return undefined;
  const rows = versions.map((inside, i) => ({ label: `[${i}]`, note: `version ${i + 1}, as it seems`, inside }));
  return {
    kind: 'trust-versions',
    title: `${countOf(rows.length, 'version')} of a trust root`,
    where: 'docs/formats.md §7',
    rows,
  };
}

function generic(json: JsonObject | readonly Json[], look: Look): Inspection {
  const title = 'JSON of no format that is known here';
  if (isObject(json as Json)) return { kind: 'json', title, rows: walk(json as JsonObject, { '**': '' }, look) };
  return { kind: 'json', title, rows: walk({ items: [...(json as readonly Json[])] }, { '**': '' }, look) };
}

/** One line that is base64 or hexadecimal of something that is known. */
function encodedBytes(text: string, look: Look): Inspection | undefined {
  const line = text.trim();
  if (/\s/.test(line) || line.length < 16) return undefined;
  if (/^sha256:[0-9a-f]{64}$/.test(line)) {
    return {
      kind: 'digest',
      title: 'A digest: the SHA-256 of something',
      rows: [{ label: 'sha256', value: line.slice(7) }],
    };
  }
  const isHex = /^(?:[0-9a-fA-F]{2})+$/.test(line);
  const bytes = isHex ? new Uint8Array(Buffer.from(line, 'hex')) : decodeBase64(line);
  if (bytes === undefined) return undefined;
  const inside = look.inside(bytes);
  if (inside.kind === 'unknown') return undefined;
  const coding = isHex ? 'hexadecimal' : 'base64';
  return {
    kind: 'encoded',
    title: `${countOf(bytes.length, 'byte')} in ${coding}`,
    rows: [{ label: 'decoded', inside }],
  };
}

function hasControls(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that are looked for
  return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text.slice(0, 4096));
}

function describeText(text: string): string {
  if (/^\s*<(?:!doctype|html)/i.test(text)) return 'a web page: an error, a login or a portal, and no evidence';
  const lines = text.split('\n').length;
  return `${countOf(lines, 'line')} of text`;
}

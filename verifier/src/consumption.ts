/**
 * Consumption: an execution boundary uses up an approval (formats.md §9), as canonical JSON (RFC 8785).
 *
 *     {"approval":"sha256:27a78ca622fbb25de1a113815863c8684b6e73d5d78251b60354ea3ad08835e7","at":"2026-04-03T17:02:00.000Z",
 *      "attempt":"AAECAwQFBgcICQoLDA0ODw","boundary":"payments-gw-3",
 *      "intent":"sha256:2ba59369b7a3a6e1b93ae012f16285f1c0d3a31d1bb5d039eb8bd01847b775ec","type":"assent/consumption/v1"}
 *
 * (without the line breaks), in an envelope that the boundary's own key signs, alone. A log takes one for an approval, for
 * ever. The attempt is random, made and written down before it is sent: by it a boundary knows the consumption in the log as
 * its own, after a crash as well, and so knows that nobody else was told to run the action.
 */
import { base64urlDecode, base64urlEncode } from './base64.ts';
import { canonicalBytes, type Json, parseCanonicalJson } from './canonical-json.ts';
import { digest, documentType, type Field, identifier, MAX_DOCUMENT_DEPTH, named, object, time } from './document.ts';
import { fail, ok, type Result } from './result.ts';

export const CONSUMPTION_TYPE = 'assent/consumption/v1';
export const CONSUMPTION_PAYLOAD_TYPE = 'application/vnd.assent.consumption.v1+json';

const ATTEMPT_SIZE = 16;

/** Members as in the document. */
export type Consumption = {
  readonly type: typeof CONSUMPTION_TYPE;
  /** Statement digest, `sha256:<hex>`. */
  readonly approval: string;
  /** Intent digest, `sha256:<hex>`. */
  readonly intent: string;
  /** The boundary's name in the trust root. */
  readonly boundary: string;
  /** base64url of 16 random bytes. */
  readonly attempt: string;
  /** The boundary's clock. */
  readonly at: string;
};

/** A fresh attempt. Write it down durably before the consumption is sent. */
export function createAttempt(): string {
  return base64urlEncode(crypto.getRandomValues(new Uint8Array(ATTEMPT_SIZE)));
}

/** Whether it is one: base64url of 16 bytes. */
export const attemptText: Field<string> = (value) => {
  if (typeof value !== 'string') return fail('wrong_type', ' is not a string');
  const bytes = base64urlDecode(value);
  if (!bytes.ok) return fail(bytes.code, ' is not strict base64url');
  return bytes.value.length === ATTEMPT_SIZE ? ok(value) : fail('bad_value', ` is not ${ATTEMPT_SIZE} bytes`);
};

const consumptionMembers = object({
  type: documentType(CONSUMPTION_TYPE),
  approval: digest,
  intent: digest,
  boundary: identifier,
  attempt: attemptText,
  at: time,
});

function readConsumption(value: Json): Result<Consumption> {
  return named('consumption', consumptionMembers(value));
}

/** Reads a DSSE payload. Fails with the codes of {@link parseCanonicalJson} and of members; `unsupported` for another type. */
export function parseConsumption(payload: Uint8Array): Result<Consumption> {
  const value = parseCanonicalJson(payload, { maxDepth: MAX_DOCUMENT_DEPTH });
  return value.ok ? readConsumption(value.value) : named('consumption: ', value);
}

/** The bytes to sign. Throws TypeError naming what is wrong with the fields: the caller made them. */
export function formatConsumption(fields: Omit<Consumption, 'type'>): Uint8Array {
  const consumption = readConsumption({ ...fields, type: CONSUMPTION_TYPE });
  if (!consumption.ok) throw new TypeError(`${consumption.detail} (${consumption.code})`);
  return canonicalBytes(consumption.value);
}

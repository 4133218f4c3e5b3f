import {
  APPROVAL_PAYLOAD_TYPE,
  CONSUMPTION_PAYLOAD_TYPE,
  FOREIGN_PAYLOAD_TYPES,
  isForeignPayloadType,
  TRUST_ROOT_PAYLOAD_TYPE,
} from '@assent/verifier';

/** Which payloads a log takes beside its own: any: of every other system; known: of those with a profile; own: none. */
export const PAYLOAD_RULES = ['any', 'known', 'own'] as const;
export type PayloadRule = (typeof PAYLOAD_RULES)[number];

const OWN = [APPROVAL_PAYLOAD_TYPE, CONSUMPTION_PAYLOAD_TYPE, TRUST_ROOT_PAYLOAD_TYPE];

const ACCEPTED: Readonly<Record<PayloadRule, readonly string[]>> = {
  own: OWN,
  known: [...OWN, ...FOREIGN_PAYLOAD_TYPES],
  any: [...OWN, ...FOREIGN_PAYLOAD_TYPES, '*'],
};

/** As `GET /api/v1/log` lists them; `*`: any other DSSE envelope as well. */
export function acceptedPayloadTypes(rule: PayloadRule): readonly string[] {
  return ACCEPTED[rule];
}

/** Whether the log takes this type of another system. */
export function acceptsForeign(rule: PayloadRule, payloadType: string): boolean {
  return isForeignPayloadType(payloadType) && (rule === 'any' || ACCEPTED[rule].includes(payloadType));
}

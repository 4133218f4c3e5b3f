import {
  APPROVAL_PAYLOAD_TYPE,
  CONSUMPTION_PAYLOAD_TYPE,
  type Decision,
  foreignSystem,
  formatTime,
  isForeignPayloadType,
  type JsonObject,
  parseConsumption,
  parseEntry,
  parseEnvelope,
  parseStatement,
  parseTrustRoot,
  TRUST_ROOT_PAYLOAD_TYPE,
} from '@assent/verifier';
import { LISTS } from '../../words/entries.ts';
import { isServicesWord } from './services-word.ts';

/** What one line of a list says. Every string but `what` and `decision` was chosen by whoever appended the entry. */
export type EntryLine = {
  readonly index: number;
  /** RFC 3339; absent if the entry cannot be read. */
  readonly loggedAt?: string;
  /** In our own words, where there is no action. */
  readonly what?: string;
  /** Of another system's record: the system's name where we know its form, and the type that the record bears. */
  readonly system?: string;
  readonly payloadType?: string;
  readonly action?: string;
  readonly decision?: Decision;
  /** That they decided is the service's word: see {@link isServicesWord}. */
  readonly servicesWord?: boolean;
  /** `service/id`, or whose it is. */
  readonly name?: string;
};

/**
 * Reads an entry as far as it goes: no signature is verified here, its receipt is what proves it.
 *
 * @param bytes or why there are none
 */
export function entryLine(index: number, bytes: Uint8Array | 'withheld' | 'damaged'): EntryLine {
  if (bytes === 'withheld' || bytes === 'damaged') return { index, what: LISTS[bytes] };
  const entry = parseEntry(bytes);
  if (!entry.ok) return { index, what: LISTS.unreadable };
  const line = { index, loggedAt: formatTime(entry.value.loggedAt) };
  return 'content' in entry.value ? { ...line, ...contentLine(entry.value.content) } : { ...line, what: LISTS.sealed };
}

function contentLine(content: JsonObject): Omit<EntryLine, 'index' | 'loggedAt'> {
  const { payloadType } = content;
  if (typeof payloadType === 'string' && isForeignPayloadType(payloadType)) {
    const system = foreignSystem(payloadType);
    return { what: LISTS.foreign, ...(system !== undefined && { system }), payloadType };
  }
  const envelope = parseEnvelope(content);
  if (!envelope.ok) return { what: LISTS.unreadable };
  const { payload, signatures } = envelope.value;
  switch (envelope.value.payloadType) {
    case APPROVAL_PAYLOAD_TYPE: {
      const statement = parseStatement(payload);
      if (!statement.ok) break;
      const { decision, intent, service, id } = statement.value;
      const servicesWord = isServicesWord(
        statement.value,
        signatures.some(({ webauthn }) => webauthn !== undefined),
      );
      return {
        decision,
        ...(servicesWord && { servicesWord }),
        action: intent.action,
        name: `${service}/${id}`,
      };
    }
    case CONSUMPTION_PAYLOAD_TYPE: {
      const consumption = parseConsumption(payload);
      return { what: LISTS.used, ...(consumption.ok && { name: consumption.value.boundary }) };
    }
    case TRUST_ROOT_PAYLOAD_TYPE: {
      const trustRoot = parseTrustRoot(payload);
      if (!trustRoot.ok) break;
      const { name, version } = trustRoot.value;
      return { what: LISTS.approvers(version), name };
    }
  }
  return { what: LISTS.unreadable };
}

import { APPROVAL_PAYLOAD_TYPE, formatTime, parseEntry, parseEnvelope, parseStatement } from '@assent/verifier';

/** What one line of the list says. Every string in it was chosen by whoever appended the entry. */
export type EntryLine = {
  readonly index: number;
  /** RFC 3339; absent if the entry cannot be read. */
  readonly loggedAt?: string;
  readonly kind: string;
  readonly decision?: string;
  readonly action?: string;
  /** `service/id`. */
  readonly name?: string;
};

/** Reads an entry as far as it goes: no signature is verified here, the receipt page does that. */
export function entryLine(index: number, bytes: Uint8Array | undefined): EntryLine {
  if (bytes === undefined) return { index, kind: 'withheld after a legal order' };
  const entry = parseEntry(bytes);
  if (!entry.ok) return { index, kind: 'unreadable' };
  const { kind } = entry.value;
  const loggedAt = formatTime(entry.value.loggedAt);
  if (!('content' in entry.value)) return { index, loggedAt, kind: `sealed ${kind}` };
  const envelope = parseEnvelope(entry.value.content);
  if (!envelope.ok || envelope.value.payloadType !== APPROVAL_PAYLOAD_TYPE) return { index, loggedAt, kind };
  const statement = parseStatement(envelope.value.payload);
  if (!statement.ok) return { index, loggedAt, kind };
  const { decision, intent, service, id } = statement.value;
  return { index, loggedAt, kind, decision, action: intent.action, name: `${service}/${id}` };
}

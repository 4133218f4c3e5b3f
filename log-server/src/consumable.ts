import { APPROVAL_PAYLOAD_TYPE, parseEntry, parseEnvelope, parseStatement, type Statement } from '@assent/verifier';
import type { ConsumptionSubmission, SealedFacts, SealedForeignFacts } from './admission/examined.ts';
import { Problem } from './problems.ts';
import type { SignedTree } from './signed-tree.ts';
import type { FoundRecord } from './store/entries.ts';

/** How an approval is found, from its statement digest, 32 bytes. */
export type ApprovalRecords = {
  find(statement: Uint8Array): Promise<FoundRecord | undefined>;
  /** What is kept in private of a sealed one. */
  keptFacts(index: number): Promise<SealedFacts | SealedForeignFacts | undefined>;
};

/** What decides whether an approval may be consumed, open or sealed. */
type ApprovalFacts = {
  readonly decision: Statement['decision'];
  readonly use: Statement['use'];
  /** Intent digest, `sha256:<hex>`. */
  readonly intent: string;
  readonly boundaries: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
};

/**
 * The time, in ms since the epoch, before which the consumption has to be logged. Throws a Problem where the approval can't
 * be consumed so (formats.md §9). An approval never changes once it is in the log, so nothing of this has to be asked again.
 */
export async function consumableUntil(
  { consumes }: ConsumptionSubmission,
  tree: SignedTree,
  records: ApprovalRecords,
): Promise<number> {
  const { decision, use, intent, boundaries, expiresAt } = await approvalFacts(consumes, tree, records);
  if (decision !== 'approved') throw unfit(`It was not approved: the decision is "${decision}".`);
  if (use !== 'single') throw unfit('It may be used more than once, so there is nothing to consume.');
  if (boundaries.length === 0) throw unfit('Its statement names no boundaries, so nobody may consume it.');
  if (!boundaries.includes(consumes.keyid)) {
    throw new Problem('consumption_mismatch', `The approval names other boundaries than ${consumes.keyid}.`);
  }
  if (intent !== consumes.intent) {
    throw new Problem('consumption_mismatch', `The approval is for the intent ${intent}, not for ${consumes.intent}.`);
  }
  return expiresAt;
}

async function approvalFacts(
  { approval, keyid }: ConsumptionSubmission['consumes'],
  tree: SignedTree,
  records: ApprovalRecords,
): Promise<ApprovalFacts> {
  const found = await records.find(Buffer.from(approval.slice('sha256:'.length), 'hex'));
  if (found === undefined || found.toldTo === undefined) throw unknown();
  if (found.toldTo === 'public') return openFacts(await tree.entry(found.index));
  const sealed = await records.keptFacts(found.index);
  // To others it must not be told that it is there; and evidence of another system names no boundary.
  if (sealed === undefined || !('boundaries' in sealed) || !sealed.boundaries.includes(keyid)) throw unknown();
  return { ...sealed, intent: `sha256:${sealed.intent}` };
}

function openFacts(bytes: Uint8Array): ApprovalFacts {
  const entry = parseEntry(bytes);
  const envelope = entry.ok && 'content' in entry.value ? parseEnvelope(entry.value.content) : undefined;
  if (!envelope?.ok || envelope.value.payloadType !== APPROVAL_PAYLOAD_TYPE) throw unknown();
  const statement = parseStatement(envelope.value.payload);
  if (!statement.ok) throw unknown();
  const { decision, use, intent, boundaries = [], expires_at: expiresAt } = statement.value;
  return { decision, use, intent: intent.digest, boundaries, expiresAt: Date.parse(expiresAt) };
}

function unknown(): Problem {
  const message =
    'The log holds no approval with this statement digest that it could look into. One that was sealed blind cannot be consumed.';
  return new Problem('approval_unknown', message);
}

function unfit(why: string): Problem {
  return new Problem('not_consumable', why);
}

/** Of a consumption that was to be logged before `at`, in ms since the epoch. */
export function expiredProblem(at: number): Problem {
  const message = `The approval expired at ${new Date(at).toISOString()}, by the log's clock. Nothing was stored; ask for a new one.`;
  return new Problem('approval_expired', message);
}

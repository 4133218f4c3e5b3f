/**
 * The check `use` for the boundary that is about to run the action, and that the statement names (formats.md §9 and §11): by the
 * consumption that it made in the log, or by its own record. Who speaks for no boundary, as a page, needs none of this.
 */
import type { AuthorizationInput } from './authorization.ts';
import type { BoundaryPins, BoundaryRecord } from './boundary.ts';
import type { Consumption } from './consumption.ts';
import type { Primitives } from './primitives.ts';
import { readConsumptionReceipt } from './receipt.ts';
import { judgeEvidence, type ReceiptEvidence } from './receipt-evidence.ts';
import { type Check, failed, failedOrUnsupported, passed, skipped } from './report.ts';
import { fail, type Result } from './result.ts';
import type { TrustJudgement } from './trust-check.ts';
import { isOnTheLogsWord, listedBoundary, type Moments } from './trust-lookup.ts';

/** Never rejects for bad evidence. */
export async function checkUseAtBoundary(
  input: AuthorizationInput,
  judged: TrustJudgement,
  boundary: BoundaryPins,
  primitives: Primitives,
): Promise<Check> {
  return 'record' in boundary
    ? checkRecord(input, judged, boundary.keyid, boundary.record)
    : checkConsumption(input, judged, boundary, primitives);
}

/** One boundary may run it, and that one keeps count itself. */
function checkRecord(
  { statement, statementDigest, pinned }: AuthorizationInput,
  judged: TrustJudgement,
  keyid: string,
  record: BoundaryRecord,
): Check {
  if (statement.boundaries?.length !== 1) {
    const detail =
      'Several boundaries may run it, so a consumption in the log is needed: none of them knows of the others.';
    return skipped('use', 'not_consumed', detail);
  }
  const other = differing(record, statementDigest, statement.intent.digest);
  if (other !== undefined) return other;
  if (record.dispatched) return failed('use', fail('consumed', 'by its own record this boundary has run it already'));
  if (pinned.at === undefined)
    return skipped('use', 'no_time', 'The time is needed, at which the key has to be valid.');
  const listed = checkListing(judged, keyid, { loggedAt: pinned.at });
  return listed ?? passed('use', 'By its own record this boundary, which alone may run it, has not done so.');
}

async function checkConsumption(
  input: AuthorizationInput,
  judged: TrustJudgement,
  boundary: BoundaryPins & { readonly attempt: string },
  primitives: Primitives,
): Promise<Check> {
  const { statement, statementDigest, pinned } = input;
  if (input.receipt.consumption === undefined) {
    return skipped('use', 'not_consumed', "The boundary's consumption of this approval is needed, with its receipt.");
  }
  const receipt = readConsumptionReceipt(input.receipt.consumption);
  if (!receipt.ok) return ofConsumption(receipt);
  const evidence = await judgeEvidence(receipt.value, pinned.logs, primitives);
  const { consumption, signers } = evidence.content;
  const unsound = checkEvidence(evidence);
  if (unsound !== undefined) return unsound;
  if (consumption === undefined || signers === undefined) {
    return failed('use', fail('kind_mismatch', 'what stands in the place of the consumption is none'));
  }
  const wrong =
    differing(consumption, statementDigest, statement.intent.digest) ??
    checkPlace(input, evidence) ??
    checkMaker(consumption, signers[0]?.publicKey.keyid, boundary);
  if (wrong !== undefined) return wrong;
  const { loggedAt, log } = evidence;
  if (loggedAt === undefined) return skipped('use', 'premise_failed', 'The time at which it was consumed is needed.');
  if (loggedAt >= Date.parse(statement.expires_at)) {
    return failed('use', fail('expired', 'it was consumed after it had expired'));
  }
  const seen = log.witnessFacts?.seen_by;
  const moments = { loggedAt, seenBy: seen === undefined ? undefined : Date.parse(seen) };
  const listed = checkListing(judged, boundary.keyid, moments, consumption.boundary);
  if (listed !== undefined) return listed;
  const consumed = `It was consumed for this attempt, at index ${log.unverifiedFacts?.index} of the log`;
  if (judged.chain === undefined || !isOnTheLogsWord(judged.chain, boundary.keyid, moments)) {
    return passed('use', `${consumed}.`);
  }
  const detail = `${consumed}, before the boundary's key was stolen, by the log's word alone: no witnesses are asked for.`;
  return passed('use', detail, { code: 'no_quorum' });
}

/** The consumption has to be as good evidence as the approval: what was not judged of it skips, what failed fails. */
function checkEvidence({ checks }: ReceiptEvidence): Check | undefined {
  const bad = checks.find(({ status }) => status === 'fail') ?? checks.find(({ status }) => status === 'skip');
  if (bad === undefined) return undefined;
  const code = bad.code ?? 'premise_failed';
  return bad.status === 'fail'
    ? ofConsumption({ ok: false, code, detail: bad.detail })
    : skipped('use', code, `The consumption's evidence has to be complete (${bad.title}): ${bad.detail}`);
}

function ofConsumption({ code, detail }: Extract<Result<unknown>, { ok: false }>): Check {
  return failedOrUnsupported('use', fail(code, `the receipt of the consumption: ${detail}`));
}

function differing(
  { approval, intent }: Pick<Consumption, 'approval' | 'intent'>,
  statementDigest: string,
  intentDigest: string,
): Check | undefined {
  if (approval !== statementDigest) {
    const failure = fail('consumption_mismatch', 'another approval was consumed');
    return failed('use', failure, { expected: statementDigest, computed: approval });
  }
  if (intent === intentDigest) return undefined;
  const failure = fail('consumption_mismatch', 'it was consumed for another action');
  return failed('use', failure, { expected: intentDigest, computed: intent });
}

/** After the approval, in the log that the statement names. A log that signed two histories may hold another consumption in the other one. */
function checkPlace({ statement, index, head }: AuthorizationInput, { log }: ReceiptEvidence): Check | undefined {
  const facts = log.unverifiedFacts;
  if (index === undefined || facts === undefined) {
    return skipped('use', 'premise_failed', 'The places of approval and consumption in the log are needed.');
  }
  if (facts.origin !== statement.log) {
    const failure = fail('log_mismatch', 'it was consumed in another log');
    return failed('use', failure, { expected: statement.log, computed: facts.origin });
  }
  if (head !== undefined && head.size === facts.size && head.root !== facts.root) {
    const failure = fail(
      'consistency_mismatch',
      `the log signed two trees of size ${facts.size}: this is proof against it`,
    );
    return failed('use', failure, { expected: head.root, computed: facts.root });
  }
  if (facts.index > index) return undefined;
  const failure = fail('consumption_order', 'the consumption does not come after the approval');
  return failed('use', failure, { expected: `above ${index}`, computed: String(facts.index) });
}

/** A consumption that somebody else made, or this boundary another time, is why it must not run again. */
function checkMaker(
  { attempt }: Consumption,
  keyid: string | undefined,
  boundary: BoundaryPins & { readonly attempt: string },
): Check | undefined {
  if (keyid !== boundary.keyid) {
    const failure = fail('consumed', 'another boundary has consumed it');
    return failed('use', failure, { expected: boundary.keyid, computed: keyid ?? 'none' });
  }
  if (attempt === boundary.attempt) return undefined;
  const failure = fail('consumed', 'it was consumed for another attempt');
  return failed('use', failure, { expected: boundary.attempt, computed: attempt });
}

function checkListing(
  { trust, chain }: TrustJudgement,
  keyid: string,
  moments: Moments,
  name?: string,
): Check | undefined {
  if (chain === undefined) {
    const code = trust.code === 'no_trust_root' ? 'no_trust_root' : 'premise_failed';
    return skipped('use', code, "A trust root that lists the boundary's key is needed.");
  }
  const listed = listedBoundary(chain, keyid, moments);
  if (!listed.ok) return failed('use', fail(listed.code, `the boundary's key: ${listed.detail}`));
  if (name === undefined || name === listed.value.name) return undefined;
  const failure = fail('consumption_mismatch', "the consumption names another boundary than its key's");
  return failed('use', failure, { expected: listed.value.name, computed: name });
}

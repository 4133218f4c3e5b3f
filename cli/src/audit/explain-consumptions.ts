/**
 * Why a consumption fits no approval. The approval is looked for by the key of its statement, and read again.
 *
 * One that nobody can see (sealed, withheld) may be what was consumed: the log knows, and an auditor can't. Such consumptions are
 * counted, and are neither good nor bad.
 */
import type { ContentEvidence } from '@assent/verifier';
import type { JoinedConsumption } from './consumption-join.ts';
import type { ConsumptionRecord } from './consumption-records.ts';
import { indexesOf } from './duplicates.ts';
import type { Finding } from './findings.ts';
import type { RecordFile } from './record-file.ts';

/** What an entry holds, and whether its signatures verify; undefined where it is sealed, withheld or can't be read. */
export type EvidenceReader = (index: number) => Promise<ContentEvidence | undefined>;

/** Consumptions that are explained at once: each takes a look through all statements. */
const BATCH = 50_000;
/** Entries that are read again, at most. */
const MOST_READ = 20_000;

export type Explained = {
  readonly findings: readonly Finding[];
  /** Of an approval that may be one that nobody can see. */
  readonly unseen: number;
  readonly isCut: boolean;
};

export async function explainConsumptions(
  doubtful: AsyncIterable<JoinedConsumption>,
  statements: RecordFile,
  /** Index of the first entry whose statement nobody can see; -1 without any. */
  firstHidden: number,
  evidenceAt: EvidenceReader,
): Promise<Explained> {
  const findings: Finding[] = [];
  let unseen = 0;
  let isCut = false;
  let reads = 0;
  const explain = async (batch: readonly JoinedConsumption[]): Promise<void> => {
    const wanted = new Set(batch.map(({ consumption }) => keyOf(consumption)));
    const candidates = new Map<bigint, number[]>();
    const found = await indexesOf(statements, wanted, MOST_READ);
    isCut ||= found.length >= MOST_READ;
    for (const index of found) {
      const key = await keyAt(statements, index);
      candidates.set(key, [...(candidates.get(key) ?? []), index]);
    }
    for (const { consumption } of batch) {
      const indexes = candidates.get(keyOf(consumption)) ?? [];
      reads += 1 + indexes.length;
      if (indexes.length > 0 && reads > MOST_READ) {
        isCut = true;
        continue;
      }
      const finding = await explainOne(consumption, indexes, firstHidden, evidenceAt);
      if (finding === undefined) unseen++;
      else findings.push(finding);
    }
  };
  let batch: JoinedConsumption[] = [];
  for await (const joined of doubtful) {
    if (joined.approval !== undefined) {
      findings.push(outOfOrder(joined.consumption, joined.approval));
      continue;
    }
    batch.push(joined);
    if (batch.length < BATCH) continue;
    await explain(batch);
    batch = [];
  }
  if (batch.length > 0) await explain(batch);
  return { findings, unseen, isCut };
}

/** It fits, and comes at the wrong time. */
function outOfOrder(consumption: ConsumptionRecord, approval: ConsumptionRecord): Finding {
  const { index } = consumption;
  if (approval.index > index) {
    const detail = `it consumes entry ${approval.index}, which comes after it`;
    return { code: 'consumption_order', index, other: approval.index, detail };
  }
  const [expected, computed] = [approval.time, consumption.time].map((time) => new Date(time).toISOString());
  const detail = `it consumes entry ${approval.index}, which had expired when this was logged`;
  return {
    code: 'consumption_late',
    index,
    other: approval.index,
    detail,
    expected: `before ${expected}`,
    computed: computed!,
  };
}

async function explainOne(
  { index }: ConsumptionRecord,
  candidates: readonly number[],
  firstHidden: number,
  evidenceAt: EvidenceReader,
): Promise<Finding | undefined> {
  const own = await evidenceAt(index);
  const consumption = own?.consumption;
  if (consumption === undefined) return undefined;
  const { approval, intent } = consumption;
  const keyid = own?.signers?.[0]?.publicKey.keyid ?? '';
  for (const other of candidates) {
    const evidence = await evidenceAt(other);
    if (evidence?.statementDigest !== approval) continue;
    const why = whyRefused(evidence, intent, keyid);
    const detail = `it consumes entry ${other}, and ${why ?? 'that one cannot be consumed so'}`;
    return { code: 'consumption_refused', index, other, detail };
  }
  if (firstHidden >= 0 && firstHidden < index) return undefined;
  return {
    code: 'approval_unknown',
    index,
    detail: 'the log holds no approval with this statement before it',
    expected: approval,
  };
}

function whyRefused(evidence: ContentEvidence, intent: string, keyid: string): string | undefined {
  const { statement, signatures } = evidence;
  if (statement === undefined) return 'that is no approval that holds';
  if (signatures.status !== 'pass') return 'its signatures do not hold';
  if (statement.decision !== 'approved') return `that was ${statement.decision}`;
  if (statement.use !== 'single') return 'that may be used more than once';
  if (statement.intent.digest !== intent) return 'that approves another intent';
  if (!statement.boundaries?.includes(keyid)) return `that does not name the boundary ${keyid}`;
  return undefined;
}

function keyOf({ approval }: ConsumptionRecord): bigint {
  return new BigUint64Array(Uint8Array.from(approval).buffer)[0]!;
}

async function keyAt(statements: RecordFile, index: number): Promise<bigint> {
  return new BigUint64Array(Uint8Array.from(await statements.at(index)).buffer)[0]!;
}

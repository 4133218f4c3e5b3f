/** What an audit found: a closed list of codes, each with the words for it. A code never changes its meaning. */
import type { FailureCode } from '@assent/verifier';

export const FINDING_TITLES = {
  head_malformed: 'The signed head cannot be read',
  head_other_log: 'The head is of another log',
  head_signature: 'The head is not signed by the log',
  fork: 'The log signed two histories',
  rollback: 'The log went back to an older head',
  root_mismatch: 'The entries do not give the signed root',
  tile_malformed: 'A tile is missing or damaged',
  tile_mismatch: 'A tile is not what the entries give',
  bundle_malformed: 'A bundle of entries is missing or damaged',
  entry_changed: 'An entry is not the one that was signed',
  entry_malformed: 'An entry is not in its form',
  time_backwards: 'An entry was logged before the one in front of it',
  time_ahead: 'An entry was logged in the future',
  content_invalid: 'What was decided is not intact',
  signatures_invalid: 'A signature does not hold',
  statement_twice: 'A statement is in the log twice',
  identity_twice: 'Two statements share one service and id',
  commitment_twice: 'A commitment is in the log twice',
  consumed_twice: 'An approval was consumed twice',
  approval_unknown: 'What was consumed is not in the log',
  consumption_order: 'An approval was consumed before it was logged',
  consumption_refused: 'What was consumed is no approval that can be',
  consumption_late: 'An approval was consumed after it had expired',
  trust_root_broken: 'A version of a trust root follows nothing',
  trust_root_forked: 'A trust root has two versions of one number',
  trust_root_time: 'A version of a trust root was issued at another time than it was logged',
  trust_root_other: 'A version of your trust root is another one than yours',
  approval_refused: 'An approval does not count by your trust root or policy',
} as const;

export type FindingCode = keyof typeof FINDING_TITLES;
export const FINDING_CODES = Object.keys(FINDING_TITLES) as readonly FindingCode[];

export type Finding = {
  readonly code: FindingCode;
  /** The entry, or the first of those that a bundle or tile covers. */
  readonly index?: number;
  /** The entry that it contradicts. */
  readonly other?: number;
  readonly detail: string;
  /** The verifier's code. */
  readonly because?: FailureCode;
  readonly expected?: string;
  readonly computed?: string;
  /** A file with evidence that others can check. */
  readonly proof?: string;
};

/** The first so many are kept; all are counted. */
export const MOST_FINDINGS = 1000;

export class Findings {
  readonly #list: Finding[] = [];
  readonly #counts: Map<FindingCode, number>;

  constructor(list: readonly Finding[] = [], counts: readonly (readonly [FindingCode, number])[] = []) {
    this.#list.push(...list);
    this.#counts = new Map(counts);
  }

  add(finding: Finding): void {
    this.#counts.set(finding.code, this.count(finding.code) + 1);
    if (this.#list.length < MOST_FINDINGS) this.#list.push(finding);
  }

  /** Of those that are no longer listed one by one. */
  addUnlisted(code: FindingCode, count: number): void {
    if (count > 0) this.#counts.set(code, this.count(code) + count);
  }

  count(code: FindingCode): number {
    return this.#counts.get(code) ?? 0;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** By code, in the order of the list of codes. */
  get counts(): readonly (readonly [FindingCode, number])[] {
    return FINDING_CODES.flatMap((code) => (this.count(code) > 0 ? [[code, this.count(code)] as const] : []));
  }

  /** In the order of the log; those about the log as a whole first. */
  get list(): readonly Finding[] {
    return [...this.#list].sort((a, b) => (a.index ?? -1) - (b.index ?? -1));
  }
}

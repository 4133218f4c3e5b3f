/** Judges the entries of one bundle, as far as one bundle can be judged by itself. Runs in a worker. */
import {
  type Check,
  type ContentEvidence,
  HASH_SIZE,
  hexEncode,
  type OpenEntry,
  type Primitives,
  parseEntry,
  type Statement,
  TILE_HEIGHT,
  TILE_WIDTH,
  type VerifiedSignature,
} from '@assent/verifier';
import { checkContentSoon, type LoggedApprovalJudge, loggedApprovalJudge } from '@assent/verifier/logged-approval';
import {
  ABSENT,
  type BundleJob,
  type BundleVerdict,
  type Dispute,
  type JudgeSettings,
  type LoggedTrustRoot,
} from './bundle-job.ts';
import { fitOf, formatRecord } from './consumption-records.ts';
import { type Counter, Counters } from './counters.ts';
import { KEY_SIZE, namesOf, writeDigestKey, writeTextKey } from './entry-names.ts';
import type { Finding } from './findings.ts';
import { foldPerfect } from './fold.ts';
import { DeferredVerification, nativePrimitives, writeSha256 } from './native-primitives.ts';
import { readSealed } from './sealed-entry.ts';

export class BundleJudge {
  readonly #settings: JudgeSettings;
  readonly #own: { readonly rootId: string; readonly judge: LoggedApprovalJudge } | undefined;

  constructor(settings: JudgeSettings) {
    this.#settings = settings;
    const { authority } = settings;
    this.#own = authority && {
      rootId: authority.trustRoot.chain.rootId,
      judge: loggedApprovalJudge(authority, nativePrimitives),
    };
  }

  async judge(job: BundleJob): Promise<BundleVerdict> {
    const deferred = new DeferredVerification();
    const verdict = await this.#judge(job, deferred);
    // Which one is wrong, and of which entry, is for the second look: logs with one are rare.
    return deferred.allVerified() ? verdict : this.#judge(job, nativePrimitives);
  }

  async #judge(job: BundleJob, primitives: Primitives): Promise<BundleVerdict> {
    const bundle = new JudgedBundle(job);
    const { bytes, lengths, first, gap } = job;
    let at = 0;
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i]!;
      if (length === ABSENT) {
        bundle.absent(i);
        continue;
      }
      const start = at + gap;
      at = start + length;
      bytes[start - 1] = 0;
      bundle.leaf(i, bytes.subarray(start - 1, at));
      const sealedAt = readSealed(bytes, start, at, bundle.statements, i * KEY_SIZE);
      if (sealedAt >= 0) {
        bundle.sealed(i, sealedAt);
        continue;
      }
      const judging = this.#judgeEntry(bundle, first + i, bytes.subarray(start, at), primitives);
      if (judging !== undefined) await judging;
    }
    return bundle.verdict();
  }

  /** At once, unless the primitives take their time or the user's own trust root has a say: promises would cost as much as a hash. */
  #judgeEntry(
    bundle: JudgedBundle,
    index: number,
    bytes: Uint8Array,
    primitives: Primitives,
  ): Promise<void> | undefined {
    const entry = parseEntry(bytes);
    if (!entry.ok) {
      if (entry.code === 'unsupported') bundle.unsupported(index);
      else bundle.find({ code: 'entry_malformed', index, detail: entry.detail, because: entry.code });
      return undefined;
    }
    if ('sealed' in entry.value) {
      const { loggedAt, sealed } = entry.value;
      const i = index - bundle.first;
      writeDigestKey(sealed, bundle.statements, i * KEY_SIZE);
      bundle.sealed(i, loggedAt);
      return undefined;
    }
    const open = entry.value;
    const { kind, loggedAt, content, reveal } = open;
    bundle.time(index, loggedAt);
    const { origin } = this.#settings;
    const evidence = checkContentSoon({ kind, content, origin, ...(reveal && { intent: reveal.intent }) }, primitives);
    return evidence instanceof Promise
      ? evidence.then((there) => this.#judgeEvidence(bundle, index, open, there))
      : this.#judgeEvidence(bundle, index, open, evidence);
  }

  #judgeEvidence(
    bundle: JudgedBundle,
    index: number,
    entry: OpenEntry,
    evidence: ContentEvidence,
  ): Promise<void> | undefined {
    bundle.named(index, evidence, this.#settings.seed);
    bundle.checked(index, evidence.content, 'content_invalid');
    bundle.checked(index, evidence.signatures, 'signatures_invalid');
    if ([evidence.content, evidence.signatures].some(({ code }) => code === 'unsupported')) bundle.unsupported(index);
    if (evidence.content.status !== 'pass' || evidence.signatures.status !== 'pass') return undefined;
    this.#count(bundle, index, entry, evidence);
    if (this.#own === undefined || evidence.statement?.decision !== 'approved') return undefined;
    return this.#judgeOwn(bundle, index, entry, evidence, evidence.statement);
  }

  /** Of what holds as evidence. */
  #count(
    bundle: JudgedBundle,
    index: number,
    { loggedAt, content, reveal }: OpenEntry,
    evidence: ContentEvidence,
  ): void {
    const { statement, statementDigest = '', consumption, trustRoot, signers = [] } = evidence;
    const { salt } = this.#settings;
    bundle.signed(signers);
    if (reveal !== undefined) bundle.count('revealed');
    if (statement !== undefined) {
      bundle.count(statement.decision);
      if (statement.decision !== 'approved' || statement.use !== 'single') return;
      for (const keyid of statement.boundaries ?? []) {
        const fit = fitOf(salt, statementDigest, statement.intent.digest, keyid);
        bundle.consumable(index, fit, statementDigest, Date.parse(statement.expires_at));
      }
    } else if (consumption !== undefined) {
      bundle.count('consumptions');
      const { approval, intent } = consumption;
      bundle.consumption(index, fitOf(salt, approval, intent, signers[0]!.publicKey.keyid), approval, loggedAt);
    } else if (trustRoot !== undefined) {
      bundle.count('trust_roots');
      const payload = String(content.payload);
      bundle.trustRoots.push({ index, loggedAt, payload, signers: signers.map(({ publicKey }) => publicKey.keyid) });
    } else {
      bundle.count('foreign');
    }
  }

  /** By the user's own trust root and policy, which say nothing about the approvals of others. */
  async #judgeOwn(
    bundle: JudgedBundle,
    index: number,
    { loggedAt }: OpenEntry,
    evidence: ContentEvidence,
    { organization }: Statement,
  ): Promise<void> {
    if (this.#own === undefined) return;
    if (organization !== this.#own.rootId) {
      bundle.count('others');
      return;
    }
    bundle.count('own');
    const checks = await this.#own.judge(evidence, { index, loggedAt });
    const by = (id: string) => checks.find((check) => check.id === id);
    for (const { id, status, code, detail, expected, computed } of checks) {
      if (status !== 'fail') continue;
      const values = { ...(expected !== undefined && { expected }), ...(computed !== undefined && { computed }) };
      bundle.find({
        code: 'approval_refused',
        index,
        detail: `${id}: ${detail}`,
        ...(code && { because: code }),
        ...values,
      });
    }
    if (by('trust')?.status === 'pass' && by('revocation')?.status === 'pass') bundle.count('own_trusted');
    if (by('policy')?.status === 'pass') bundle.count('own_by_policy');
    if (by('policy')?.code === 'no_intent') bundle.count('own_without_intent');
  }
}

/** What comes together while a bundle is read. */
class JudgedBundle {
  readonly first: number;
  readonly statements: Uint8Array;
  readonly trustRoots: LoggedTrustRoot[] = [];
  readonly #identities: Uint8Array;
  readonly #job: BundleJob;
  readonly #leaves: Uint8Array;
  readonly #counters = new Counters();
  readonly #findings: Finding[] = [];
  readonly #disputes: Dispute[] = [];
  readonly #consumables: Uint8Array[] = [];
  readonly #consumptions: Uint8Array[] = [];
  #isWhole = true;
  #firstTime = -1;
  #firstTimed = -1;
  #lastTime = -1;
  #firstHidden = -1;
  #sealed = 0;

  constructor(job: BundleJob) {
    const count = job.lengths.length;
    this.#job = job;
    this.first = job.first;
    this.#leaves = new Uint8Array(count * HASH_SIZE);
    this.statements = new Uint8Array(count * KEY_SIZE);
    this.#identities = new Uint8Array(count * KEY_SIZE);
  }

  /** @param input the entry behind its zero */
  leaf(i: number, input: Uint8Array): void {
    writeSha256(input, this.#leaves, i * HASH_SIZE);
  }

  /** Its leaf hash is what the tile says, as there is nothing else. */
  absent(i: number): void {
    const { tile, isRead, first } = this.#job;
    this.count(isRead ? 'withheld' : 'unread');
    this.#hidden(first + i);
    if (tile === undefined) this.#isWhole = false;
    else this.#leaves.set(tile.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE), i * HASH_SIZE);
  }

  sealed(i: number, loggedAt: number): void {
    const index = this.#job.first + i;
    this.#sealed++;
    this.#hidden(index);
    this.time(index, loggedAt);
  }

  named(index: number, evidence: ContentEvidence, seed: number): void {
    const at = (index - this.#job.first) * KEY_SIZE;
    const { statement, identity } = namesOf(evidence);
    if (statement !== undefined) writeDigestKey(statement, this.statements, at);
    if (identity !== undefined) writeTextKey(identity, seed, this.#identities, at);
  }

  checked(index: number, { status, code, detail, expected, computed }: Check, finding: Finding['code']): void {
    if (status !== 'fail') return;
    const values = { ...(expected !== undefined && { expected }), ...(computed !== undefined && { computed }) };
    this.find({ code: finding, index, detail, ...(code && { because: code }), ...values });
  }

  unsupported(index: number): void {
    this.count('unsupported');
    this.#hidden(index);
  }

  signed(signers: readonly VerifiedSignature[]): void {
    for (const { kind, publicKey } of signers) {
      this.count(kind === 'passkey' ? 'passkeys' : 'keys');
      this.count(publicKey.algorithm === 'ml-dsa-44' ? 'ml_dsa_44' : publicKey.algorithm);
    }
  }

  consumable(index: number, fit: Uint8Array, statement: string, time: number): void {
    this.#consumables.push(formatRecord({ fit, approval: digestKey(statement), index, time }));
  }

  consumption(index: number, fit: Uint8Array, approval: string, time: number): void {
    this.#consumptions.push(formatRecord({ fit, approval: digestKey(approval), index, time }));
  }

  count(counter: Counter): void {
    this.#counters.add(counter);
  }

  find(finding: Finding): void {
    this.#findings.push(finding);
  }

  verdict(): BundleVerdict {
    const { first, lengths, tile, wantLeaves } = this.#job;
    const count = lengths.length;
    const isFull = count === TILE_WIDTH;
    this.#counters.add('sealed', this.#sealed);
    const differs = tile !== undefined && Buffer.compare(this.#leaves, tile) !== 0;
    if (differs) this.#dispute(tile);
    return {
      first,
      count,
      root: isFull && this.#isWhole ? foldPerfect(this.#leaves, TILE_HEIGHT) : undefined,
      servedRoot: isFull && differs ? foldPerfect(tile, TILE_HEIGHT) : undefined,
      leaves: this.#isWhole && (wantLeaves || !isFull) ? this.#leaves : undefined,
      disputes: this.#disputes,
      findings: this.#findings,
      counts: this.#counters.values,
      statements: this.statements,
      identities: this.#identities,
      firstTime: this.#firstTime,
      firstTimed: this.#firstTimed,
      lastTime: this.#lastTime,
      firstHidden: this.#firstHidden,
      consumables: Buffer.concat(this.#consumables),
      consumptions: Buffer.concat(this.#consumptions),
      trustRoots: this.trustRoots,
    };
  }

  #dispute(tile: Uint8Array): void {
    for (let at = 0; at < tile.length; at += HASH_SIZE) {
      const computed = this.#leaves.subarray(at, at + HASH_SIZE);
      const served = tile.subarray(at, at + HASH_SIZE);
      if (Buffer.compare(computed, served) === 0) continue;
      const index = this.#job.first + at / HASH_SIZE;
      this.#disputes.push({ index, computed: `sha256:${hexEncode(computed)}`, served: `sha256:${hexEncode(served)}` });
    }
  }

  /** Never less than the entry's in front of it (formats.md §4). */
  time(index: number, loggedAt: number): void {
    if (this.#firstTimed < 0) {
      this.#firstTimed = index;
      this.#firstTime = loggedAt;
    } else if (loggedAt < this.#lastTime) {
      this.find(timeBackwards(index, loggedAt, this.#lastTime));
    }
    this.#lastTime = loggedAt;
  }

  #hidden(index: number): void {
    if (this.#firstHidden < 0) this.#firstHidden = index;
  }
}

export function timeBackwards(index: number, loggedAt: number, before: number): Finding {
  const detail = 'its logged_at is less than that of the entry in front of it';
  return { code: 'time_backwards', index, detail, expected: `${before} or more`, computed: String(loggedAt) };
}

function digestKey(digest: string): Uint8Array {
  const key = new Uint8Array(KEY_SIZE);
  writeDigestKey(digest, key, 0);
  return key;
}

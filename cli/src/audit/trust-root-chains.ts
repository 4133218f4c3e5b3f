/** The chains of trust roots in a log (formats.md §7): each version has to follow one that the log holds before it. */
import {
  base64Decode,
  checkSuccession,
  type DigestedTrustRoot,
  formatTime,
  parseTrustRoot,
  type TrustChain,
  type TrustRoot,
  trustRootDigest,
} from '@assent/verifier';
import type { LoggedTrustRoot } from './bundle-job.ts';
import type { Finding } from './findings.ts';
import { nativeSha256 } from './native-primitives.ts';

/** As the log has it when it admits one, give or take the time until the entry is logged. */
const MOST_BEHIND_MS = 5 * 60_000;
const MOST_AHEAD_MS = 30 * 86_400_000;

/** Versions of which the payload is kept, as a later one may follow them. */
const MOST_KEPT = 4000;

export type AddedTrustRoot = {
  readonly findings: readonly Finding[];
  /** False where it could not be told what it follows. */
  readonly isFollowed: boolean;
};

type KeptVersion = DigestedTrustRoot & { readonly rootId: string };

export class TrustRootChains {
  /** By digest; least recently logged first. */
  readonly #kept = new Map<string, KeptVersion>();
  readonly #own: TrustChain | undefined;
  #isForgetful = false;
  #newestOwn = 0;

  /** @param own the user's */
  constructor(own: TrustChain | undefined) {
    this.#own = own;
  }

  /** The highest version of the user's trust root that the log holds. */
  get newestOwn(): number {
    return this.#newestOwn;
  }

  /** Takes the next version. @param isWhole whether every entry before it could be read */
  add({ index, loggedAt, payload, signers }: LoggedTrustRoot, isWhole: boolean): AddedTrustRoot {
    const bytes = base64Decode(payload);
    const trustRoot = bytes.ok ? parseTrustRoot(bytes.value) : bytes;
    if (!bytes.ok || !trustRoot.ok) throw new Error(`entry ${index}: a trust root that was read once`);
    const digest = trustRootDigest(bytes.value, nativeSha256);
    const { version, previous } = trustRoot.value;
    const before = previous === undefined ? undefined : this.#kept.get(previous);
    const findings: Finding[] = timeFindings(index, loggedAt, trustRoot.value);
    const isFollowed = previous === undefined || before !== undefined || (isWhole && !this.#isForgetful);
    if (previous !== undefined && isFollowed) findings.push(...follow(index, trustRoot.value, before, signers));
    // What follows nothing has a root id that nobody knows.
    const rootId = previous === undefined ? digest : (before?.rootId ?? '');
    this.#keep({ digest, trustRoot: trustRoot.value, rootId });
    if (rootId === this.#own?.rootId) findings.push(...this.#compareOwn(index, version, digest));
    return { findings, isFollowed };
  }

  #compareOwn(index: number, version: number, digest: string): readonly Finding[] {
    this.#newestOwn = Math.max(this.#newestOwn, version);
    const expected = this.#own?.versions[version - 1]?.digest;
    if (expected === undefined || expected === digest) return [];
    const detail = `the log holds another version ${version} of your trust root than you do`;
    return [{ code: 'trust_root_other', index, detail, expected, computed: digest }];
  }

  #keep(version: KeptVersion): void {
    this.#kept.set(version.digest, version);
    if (this.#kept.size <= MOST_KEPT) return;
    this.#isForgetful = true;
    this.#kept.delete(this.#kept.keys().next().value!);
  }
}

function follow(
  index: number,
  trustRoot: TrustRoot,
  before: KeptVersion | undefined,
  signers: readonly string[],
): readonly Finding[] {
  if (before === undefined) {
    const detail = `version ${trustRoot.version} follows one that the log does not hold before it`;
    return [{ code: 'trust_root_broken', index, detail, ...(trustRoot.previous && { expected: trustRoot.previous }) }];
  }
  const follows = checkSuccession(before, trustRoot, signers);
  return follows.ok ? [] : [{ code: 'trust_root_broken', index, detail: follows.detail, because: follows.code }];
}

function timeFindings(index: number, loggedAt: number, { version, issued_at }: TrustRoot): Finding[] {
  const issued = Date.parse(issued_at);
  if (issued >= loggedAt - MOST_BEHIND_MS && issued <= loggedAt + MOST_AHEAD_MS) return [];
  const detail = `version ${version} may be logged within 5 minutes after it was issued, and not over 30 days before`;
  return [
    { code: 'trust_root_time', index, detail, expected: `issued about ${formatTime(loggedAt)}`, computed: issued_at },
  ];
}

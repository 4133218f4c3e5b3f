import {
  checkSuccession,
  parseEntry,
  parseEnvelope,
  parseTrustRoot,
  TRUST_ROOT_PAYLOAD_TYPE,
  type TrustRoot,
} from '@assent/verifier';
import { type AppendRights, mayAppendTrustRoot } from './admission/append-rights.ts';
import type { TrustRootSubmission } from './admission/examined.ts';
import { Problem } from './problems.ts';
import type { SignedTree } from './signed-tree.ts';
import type { FoundRecord } from './store/entries.ts';

/** How far the clock of whoever issues may be from the log's, and how early a version may be logged, in ms. */
const MOST_BEHIND_MS = 5 * 60_000;
const MOST_AHEAD_MS = 30 * 86_400_000;
const MOST_REMEMBERED = 10_000;

export type TrustRootsParts = {
  readonly tree: SignedTree;
  /** How a version is found, from the digest of its payload, 32 bytes. */
  readonly find: (statement: Uint8Array) => Promise<FoundRecord | undefined>;
  /** The log's clock, ms since the epoch. */
  readonly now: () => number;
};

/**
 * The chains of trust roots that the log holds (formats.md §7). Nothing is stored for them: each version names the one before it by
 * its digest, so the log's own entries lead from any version to the first one, whose digest is the root id.
 */
export class TrustRoots {
  private readonly parts: TrustRootsParts;
  /** Root ids by the digests of versions. It can never be another one: to say so, SHA-256 would have to be broken. */
  private readonly rootIds = new Map<string, string>();

  constructor(parts: TrustRootsParts) {
    this.parts = parts;
  }

  /** Throws a Problem `forbidden`, or `trust_root_refused` where the log does not hold the version before it. */
  async refuseUnlessMay(rights: AppendRights, submission: TrustRootSubmission): Promise<void> {
    const { digest, trustRoot } = submission;
    const rootId = trustRoot.previous === undefined ? digest : await this.rootIdOf(trustRoot.previous);
    if (rootId === undefined) throw missing(trustRoot);
    if (!mayAppendTrustRoot(rights, rootId)) {
      throw new Problem('forbidden', `This API key may not append versions of the trust root ${rootId}.`);
    }
  }

  /**
   * The time, in ms since the epoch, before which this version has to be logged. Throws a Problem where it can't follow what the log
   * holds, or was issued at another time than now. What it follows never changes once it is in the log, so this has not to be asked again.
   */
  async loggableUntil({ trustRoot, signers }: TrustRootSubmission): Promise<number> {
    if (trustRoot.previous !== undefined) {
      const before = await this.read(trustRoot.previous);
      if (before === undefined) throw missing(trustRoot);
      const follows = checkSuccession({ digest: trustRoot.previous, trustRoot: before }, trustRoot, signers);
      if (!follows.ok) throw new Problem('trust_root_refused', `${follows.code}: ${follows.detail}.`);
    }
    const issued = Date.parse(trustRoot.issued_at);
    const until = issued + MOST_BEHIND_MS + 1;
    const now = this.parts.now();
    if (now >= until) throw staleProblem(trustRoot);
    if (issued > now + MOST_AHEAD_MS) {
      const message = `It is issued at ${trustRoot.issued_at}, more than 30 days ahead of the log's clock (${new Date(now).toISOString()}).`;
      throw new Problem('trust_root_time', message);
    }
    return until;
  }

  private async rootIdOf(digest: string): Promise<string | undefined> {
    const passed: string[] = [];
    let at = digest;
    for (;;) {
      const known = this.rootIds.get(at);
      const version = known === undefined ? await this.read(at) : undefined;
      if (known === undefined && version === undefined) return undefined;
      passed.push(at);
      if (version?.previous === undefined) {
        const rootId = known ?? at;
        for (const each of passed) this.remember(each, rootId);
        return rootId;
      }
      at = version.previous;
    }
  }

  private remember(digest: string, rootId: string): void {
    this.rootIds.set(digest, rootId);
    if (this.rootIds.size <= MOST_REMEMBERED) return;
    const oldest = this.rootIds.keys().next();
    if (!oldest.done) this.rootIds.delete(oldest.value);
  }

  /** The logged version whose payload has this digest. */
  private async read(digest: string): Promise<TrustRoot | undefined> {
    const found = await this.parts.find(Buffer.from(digest.slice('sha256:'.length), 'hex'));
    if (found?.toldTo !== 'public') return undefined;
    const entry = parseEntry(await this.parts.tree.entry(found.index));
    const envelope = entry.ok && 'content' in entry.value ? parseEnvelope(entry.value.content) : undefined;
    if (!envelope?.ok || envelope.value.payloadType !== TRUST_ROOT_PAYLOAD_TYPE) return undefined;
    const trustRoot = parseTrustRoot(envelope.value.payload);
    return trustRoot.ok ? trustRoot.value : undefined;
  }
}

/** Of a version that was issued too long ago to be logged now. */
export function staleProblem({ issued_at }: TrustRoot): Problem {
  const message = `It was issued at ${issued_at}, more than 5 minutes before the log's clock. Issue it anew.`;
  return new Problem('trust_root_time', message);
}

function missing({ version, previous }: TrustRoot): Problem {
  const message = `The log does not hold version ${version - 1} (${previous}). Versions are appended in order.`;
  return new Problem('trust_root_refused', message);
}

/** Whose keys these are, by a trust root and its history (formats.md §7). */
import {
  listedKey,
  type Moments,
  newestVersion,
  type Result,
  type TrustChain,
  type TrustMembers,
  versionInForce,
} from '@assent/verifier';
import type { EntryFacts } from './entry-facts.ts';

export class TrustedKeys {
  readonly #chain: TrustChain;

  constructor(chain: TrustChain) {
    this.#chain = chain;
  }

  get rootId(): string {
    return this.#chain.rootId;
  }

  /** With the names of whose keys signed. @param loggedAt milliseconds */
  named(facts: EntryFacts, loggedAt: number): EntryFacts {
    const keys = facts.keys.map((key) => {
      const holder = this.#holderOf(key.keyid, loggedAt);
      return holder === undefined ? key : { ...key, holder };
    });
    return { ...facts, keys };
  }

  /** Whether the key counted then: listed, valid, neither retired nor stolen. */
  judge(keyid: string, moments: Moments): Result<unknown> {
    return listedKey(this.#chain, keyid, moments);
  }

  /** The number of the newest version that is known, if this one follows it. */
  precededBy(previous: string | undefined): number | undefined {
    const { digest, version } = newestVersion(this.#chain);
    return previous === digest ? version : undefined;
  }

  /** By the version in force, else by the newest: a key that was listed later was somebody's before. */
  #holderOf(keyid: string, loggedAt: number): string | undefined {
    const versions = [versionInForce(this.#chain, loggedAt), newestVersion(this.#chain)];
    return versions.map((version) => version && nameIn(version.members, keyid)).find((name) => name !== undefined);
  }
}

function nameIn({ approvers, services, boundaries }: TrustMembers, keyid: string): string | undefined {
  return approvers.get(keyid)?.holder ?? services.get(keyid)?.name ?? boundaries.get(keyid)?.name;
}

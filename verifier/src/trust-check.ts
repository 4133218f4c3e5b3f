/** Whether the signers may approve, and whether a key was revoked: the checks `trust` and `revocation` (formats.md §7 and §11). */
import type { AuthorizationInput } from './authorization.ts';
import type { FailureCode } from './failure-codes.ts';
import { NO_QUORUM } from './log-policy.ts';
import type { Primitives } from './primitives.ts';
import { type Check, failed, type ListedAs, passed, skipped } from './report.ts';
import { fail, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import { formatTime } from './time.ts';
import { joinVersions } from './trust-chain.ts';
import { checkRevoked, isOnTheLogsWord, keyOf, newestVersion, versionInForce } from './trust-lookup.ts';
import type { TrustChain } from './trust-root.ts';
import {
  type CountedApproval,
  type CountedSigners,
  countSigners,
  listedSigners,
  nameOfKey,
  type SignedStatement,
} from './trusted-signers.ts';

export type { CountedApproval } from './trusted-signers.ts';

export type TrustJudgement = {
  readonly trust: Check;
  readonly revocation: Check;
  /** The versions that the verifier has, once their chain is verified up to the pinned root id. */
  readonly chain?: TrustChain;
  /** Only when `trust` and `revocation` passed. */
  readonly approvals?: readonly CountedApproval[];
  /** By keyid, those of the signers that the version in force lists, whether they count or not. */
  readonly listed?: ReadonlyMap<string, ListedAs>;
};

/** Never rejects for bad evidence. */
export async function judgeTrust(input: AuthorizationInput, primitives: Primitives): Promise<TrustJudgement> {
  const { receipt, pinned } = input;
  if (pinned.trustRoot === undefined) return withoutTrustRoot(receipt.trust !== undefined);
  const joined = await joinVersions(pinned.trustRoot, receipt.trust ?? [], primitives);
  if (!joined.ok) {
    return joined.code === 'unsupported'
      ? bothSkipped('unsupported', `${joined.detail}.`)
      : { trust: failed('trust', joined), revocation: revocationUnmade };
  }
  if (joined.value === undefined) {
    return bothSkipped(
      'no_trust_root',
      'The versions of the trust root are needed, from version 1 up: only its root id is there.',
    );
  }
  const { chain } = joined.value;
  return { ...judgeStatement(input, chain, primitives.sha256), chain };
}

const revocationUnmade = skipped('revocation', 'premise_failed', 'A trust root whose word counts here is needed.');

function judgeStatement(input: AuthorizationInput, chain: TrustChain, hash: Sha256): TrustJudgement {
  const { statement, signers, loggedAt, seenBy, pinned } = input;
  const { organization } = statement;
  if (organization === undefined) {
    return bothSkipped(
      'no_organization',
      "A statement that names its organization is needed: this one can be anybody's.",
    );
  }
  if (organization !== chain.rootId) {
    const failure = fail('organization_mismatch', 'the statement was made for another organization');
    const trust = failed('trust', failure, { expected: chain.rootId, computed: organization });
    return { trust, revocation: revocationUnmade };
  }
  if (signers === undefined) return bothSkipped('premise_failed', 'Signatures that verify are needed.');
  if (loggedAt === undefined) {
    return bothSkipped('premise_failed', "A signed tree that holds it is needed: else the time is nobody's word.");
  }
  if (seenBy === undefined && pinned.logs.policy.quorum !== NO_QUORUM) {
    return bothSkipped('quorum_not_reached', 'The time is needed at which enough witnesses had seen it.');
  }
  return judgeSigners({ statement, signers, moments: { loggedAt, seenBy }, chain, hash }, pinned.at);
}

function judgeSigners(judged: SignedStatement, at: number | undefined): TrustJudgement {
  const { moments, chain } = judged;
  if (versionInForce(chain, moments.loggedAt) === undefined) {
    const failure = fail('trust_not_in_force', 'no version of the trust root had been issued when this was logged');
    return { trust: failed('trust', failure), revocation: revocationUnmade };
  }
  const listedAs = listedSigners(judged);
  const counted = countSigners(judged, listedAs);
  const trust = checkTrust(chain, at, counted);
  const revocation = checkRevocation(judged);
  const passes = counted.ok && trust.status === 'pass' && revocation.status === 'pass';
  return { trust, revocation, listed: listedAs, ...(passes && { approvals: counted.value.approvals }) };
}

function checkTrust(chain: TrustChain, at: number | undefined, counted: Result<CountedSigners>): Check {
  if (!counted.ok) return failed('trust', counted);
  const { trusted, untrusted } = counted.value;
  const rest = untrusted.length === 0 ? '' : ` Not counted: ${untrusted.join(', ')}.`;
  if (trusted.length === 0) {
    const who = 'nobody signed whom the trust root lists as an approver, or as a key of this service';
    return failed('trust', fail('signer_not_listed', `${who}.${rest}`));
  }
  const { version, expires_at } = newestVersion(chain);
  if (at !== undefined && formatTime(at) >= expires_at) {
    const failure = fail(
      'trust_expired',
      `version ${version} of the trust root is the newest here, and has expired: get a newer one`,
    );
    return failed('trust', failure, { expected: `before ${expires_at}`, computed: formatTime(at) });
  }
  return passed('trust', `Signed by ${trusted.join(', ')}, as the trust root lists them.${rest}`);
}

/** Every signer whom the newest version lists, also one who did not count: who uses a stolen key is not to be believed about the rest. */
function checkRevocation({ chain, signers, moments }: SignedStatement): Check {
  const { version, members } = newestVersion(chain);
  let onTheLogsWord = false;
  for (const { publicKey } of signers) {
    const revoked = checkRevoked(keyOf(members, publicKey.keyid), moments);
    if (!revoked.ok)
      return failed('revocation', fail(revoked.code, `${nameOfKey(members, publicKey.keyid)}: ${revoked.detail}`));
    onTheLogsWord ||= isOnTheLogsWord(chain, publicKey.keyid, moments);
  }
  const asOf = `as of version ${version} of the trust root`;
  return onTheLogsWord
    ? passed(
        'revocation',
        `A key was stolen later than this, by the log's word alone: no witnesses are asked for (${asOf}).`,
        { code: 'no_quorum' },
      )
    : passed('revocation', `No key was revoked before this, ${asOf}.`);
}

function withoutTrustRoot(isCarried: boolean): TrustJudgement {
  const carried = isCarried ? ' The receipt brings one along, which confers nothing by itself.' : '';
  return {
    trust: skipped('trust', 'no_trust_root', `A trust root that says whose keys these are is needed.${carried}`),
    revocation: skipped(
      'revocation',
      'no_trust_root',
      `A trust root that says which keys were revoked is needed.${carried}`,
    ),
  };
}

function bothSkipped(code: FailureCode, detail: string): TrustJudgement {
  return { trust: skipped('trust', code, detail), revocation: skipped('revocation', code, detail) };
}

/**
 * The checks that say whether an approval may be acted upon (formats.md §11): `intent` `trust` `revocation` `policy` `window`
 * `use`. They are judged on a statement that the `content` check let pass; without one none is made.
 */
import type { Statement } from './approval.ts';
import type { Json } from './canonical-json.ts';
import { MAX_DOCUMENT_DEPTH, named } from './document.ts';
import type { FailureCode } from './failure-codes.ts';
import { matchIntent } from './intent-match.ts';
import { parseJson } from './json.ts';
import { type Check, type CheckId, failed, passed, skipped } from './report.ts';
import { fail, type Result } from './result.ts';
import type { Sha256 } from './sha256.ts';
import { formatTime } from './time.ts';

/** How far clocks of the service and of the log may be apart. */
const CLOCK_SKEW = 60_000;

export type AuthorizationInput = {
  readonly statement: Statement;
  /** Milliseconds, the log's clock; undefined where the tree does not show that it was logged. */
  readonly loggedAt: number | undefined;
  /** The caller's own intent: parsed, or as text. */
  readonly unverifiedIntent: Json | Uint8Array | undefined;
  /** The caller's time in milliseconds. */
  readonly at: number | undefined;
  /** What the receipt carries for checks to come, only to say so. */
  readonly carried: { readonly trust: boolean; readonly policy: boolean; readonly consumption: boolean };
};

/** All six, in the report's order. */
export function checkAuthorization(input: AuthorizationInput, hash: Sha256): readonly Check[] {
  const { statement, loggedAt, unverifiedIntent, at, carried } = input;
  const trust = carried.trust ? ' The receipt brings one along, which confers nothing by itself.' : '';
  const policy = carried.policy ? " The receipt brings the policy's text along, which confers nothing by itself." : '';
  const use = carried.consumption ? ' The receipt brings one along, which was not judged.' : '';
  return [
    checkIntent(statement, unverifiedIntent, hash),
    skipped('trust', 'no_trust_root', `A trust root that says whose keys these are is needed.${trust}`),
    skipped('revocation', 'no_trust_root', `A trust root that says which keys were revoked is needed.${trust}`),
    skipped('policy', 'no_policy', `An approval policy that says who has to approve this is needed.${policy}`),
    checkWindow(statement, loggedAt, at),
    skipped('use', 'no_boundary', `A boundary's consumption of this approval is needed.${use}`),
  ];
}

/** The six of an entry that is no approval, or whose statement could not be had. */
export function withoutAuthorization(code: FailureCode, detail: string): readonly Check[] {
  const ids: readonly CheckId[] = ['intent', 'trust', 'revocation', 'policy', 'window', 'use'];
  return ids.map((id) => skipped(id, code, detail));
}

function checkIntent(statement: Statement, unverified: Json | Uint8Array | undefined, hash: Sha256): Check {
  if (unverified === undefined) {
    return skipped('intent', 'no_caller_intent', 'The action that you are about to run is needed, as an intent.');
  }
  const value = intentValue(unverified);
  if (!value.ok) return failed('intent', value);
  const { result, computed } = matchIntent(value.value, statement, hash);
  const values = { expected: statement.intent.digest, ...(computed !== undefined && { computed }) };
  if (result.ok) return passed('intent', 'Your action is, to the letter, the one that was decided on.', values);
  return result.code === 'unsupported'
    ? skipped('intent', 'unsupported', `${result.detail}.`)
    : failed('intent', result, values);
}

/** A gate gets the action from the agent that asks for it, so its text is evidence like any other and may be bad. */
function intentValue(unverified: Json | Uint8Array): Result<Json> {
  if (typeof unverified !== 'string' && !(unverified instanceof Uint8Array)) return { ok: true, value: unverified };
  return named('intent: ', parseJson(unverified, { maxDepth: MAX_DOCUMENT_DEPTH }));
}

function checkWindow(statement: Statement, loggedAt: number | undefined, at: number | undefined): Check {
  if (loggedAt === undefined) {
    return skipped(
      'window',
      'premise_failed',
      "A tree that holds the entry is needed, or the time in it is nobody's word.",
    );
  }
  const issued = Date.parse(statement.issued_at);
  const expires = Date.parse(statement.expires_at);
  const logged = formatTime(loggedAt);
  if (loggedAt < issued - CLOCK_SKEW) {
    const failure = fail('not_yet_valid', 'it was logged before it was issued');
    return failed('window', failure, { expected: `from ${formatTime(issued)} on, less a minute`, computed: logged });
  }
  const before = `before ${statement.expires_at}`;
  if (loggedAt >= expires) {
    return failed('window', fail('expired', 'it was logged after it had expired'), {
      expected: before,
      computed: logged,
    });
  }
  for (const item of statement.attested ?? []) {
    const attested = Date.parse(item.at);
    if (attested < issued - CLOCK_SKEW || attested > loggedAt + CLOCK_SKEW) {
      const failure = fail(
        'attested_out_of_window',
        'somebody was authenticated outside the time from issue to logging',
      );
      return failed('window', failure, {
        expected: `${statement.issued_at} to ${logged}, give or take a minute`,
        computed: item.at,
      });
    }
  }
  if (at === undefined) {
    return skipped(
      'window',
      'no_time',
      'It was logged in time; whether it has expired by now, only a caller who says the time can be told.',
    );
  }
  if (at >= expires) {
    return failed('window', fail('expired', 'it has expired'), { expected: before, computed: formatTime(at) });
  }
  return passed('window', `It was logged at ${logged} and expires at ${statement.expires_at}.`);
}

/**
 * What may be shown beside a statement (the intent, revealed or disclosed; the displayed text; the policy's text) has to be what
 * the statement's digests say (formats.md §1, §2 and §8, for the check `content` of §11).
 */
import type { Statement } from './approval.ts';
import { hexEncode } from './bytes.ts';
import { canonicalBytes, type Json } from './canonical-json.ts';
import { checkJson, named, text } from './document.ts';
import { displayDigest, type Intent } from './intent.ts';
import { matchIntent } from './intent-match.ts';
import { type Check, failed, skipped } from './report.ts';
import { fail } from './result.ts';
import type { Sha256 } from './sha256.ts';

export type UnverifiedParts = {
  /** The intent that the entry reveals. */
  readonly intent?: Json;
  /** What a receipt brings along. */
  readonly disclosed?: Disclosed;
};

export type Disclosed = { readonly intent?: Json; readonly display?: string; readonly policy?: Json };

export type MatchedParts = {
  /** Of what is off its digest, or could not be judged; all parts match if there is none. */
  readonly problems: readonly Check[];
  /** Revealed or disclosed, and JCS of the revealed one. */
  readonly shown: { readonly intent?: Intent; readonly canonicalIntent?: string };
};

/** Whether anything is shown beside content that is about none of it. */
export function hasParts({ intent, disclosed = {} }: UnverifiedParts): boolean {
  return [intent, ...Object.values(disclosed)].some((part) => part !== undefined);
}

export function matchParts(
  statement: Statement,
  { intent: revealed, disclosed = {} }: UnverifiedParts,
  hash: Sha256,
): MatchedParts {
  const problems: (Check | undefined)[] = [];
  let intent: Intent | undefined;
  let canonicalIntent: string | undefined;
  for (const unverified of [revealed, disclosed.intent]) {
    if (unverified === undefined) continue;
    const { result, computed } = matchIntent(unverified, statement, hash);
    if (result.ok) {
      intent = result.value.intent;
      if (unverified === revealed) canonicalIntent = result.value.canonical;
    } else if (result.code === 'unsupported') {
      problems.push(skipped('content', 'unsupported', `${result.detail}.`));
    } else {
      problems.push(failed('content', result, { expected: statement.intent.digest, ...(computed && { computed }) }));
    }
  }
  // An intent that is there and could not be read has its problem already, and nobody knows where its salt is.
  if (intent !== undefined || problems.length === 0) problems.push(checkDisplay(statement, disclosed, intent, hash));
  problems.push(checkPolicy(statement, disclosed, hash));
  return {
    problems: problems.filter((problem) => problem !== undefined),
    shown: intent === undefined ? {} : canonicalIntent === undefined ? { intent } : { intent, canonicalIntent },
  };
}

function checkDisplay(
  statement: Statement,
  { display }: Disclosed,
  intent: Intent | undefined,
  hash: Sha256,
): Check | undefined {
  if (display === undefined) return undefined;
  const sound = named('display', text(display));
  if (!sound.ok) return failed('content', sound);
  if (statement.display === undefined) {
    return failed(
      'content',
      fail('display_mismatch', 'a text that was shown is disclosed, and the statement names none'),
    );
  }
  if (intent === undefined) {
    const detail = 'a text that was shown is disclosed without the intent, whose salt its digest holds';
    return failed('content', fail('missing_member', detail));
  }
  const computed = displayDigest(intent, display, hash);
  if (computed === statement.display) return undefined;
  const failure = fail('display_mismatch', 'the text that is said to have been shown is not the one that was signed');
  return failed('content', failure, { expected: statement.display, computed });
}

function checkPolicy(statement: Statement, { policy }: Disclosed, hash: Sha256): Check | undefined {
  if (policy === undefined) return undefined;
  if (statement.policy === undefined) {
    return failed('content', fail('policy_mismatch', "a policy's text comes along, and the statement names none"));
  }
  const sound = named('policy', checkJson(policy));
  if (!sound.ok) return failed('content', sound);
  const computed = `sha256:${hexEncode(hash(canonicalBytes(policy)))}`;
  if (computed === statement.policy.digest) return undefined;
  const failure = fail('policy_mismatch', 'the policy is not the one whose digest was signed');
  return failed('content', failure, { expected: statement.policy.digest, computed });
}

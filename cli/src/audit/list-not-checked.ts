/** What an audit of this log with these pins does not say. */
import type { Pinned } from '../pinned.ts';
import type { AsOf } from './as-of.ts';
import type { AuditedHead } from './audited-head.ts';
import type { Counters } from './counters.ts';
import { type NotChecked, notChecked } from './not-checked.ts';

export type AuditPins = {
  readonly pinned: Pinned;
  /** Whether the key is the log's own word. */
  readonly isOwnKey: boolean;
  readonly hasTrustRoot: boolean;
  readonly hasPolicy: boolean;
};

export function aboutHead(head: AuditedHead, { pinned, isOwnKey }: AuditPins): readonly NotChecked[] {
  const list: NotChecked[] = [];
  if (!head.isSigned) {
    list.push(notChecked('no_log_key', 'who signed the head: no key of the log was given (--log-key or --log-policy)'));
  } else if (isOwnKey) {
    list.push(
      notChecked(
        'own_key',
        'whether the key is the log’s: it was taken from the log itself, and shows only that the log agrees with itself',
      ),
    );
  }
  if (head.missing !== undefined) {
    list.push(notChecked('quorum_missing', `whether enough witnesses saw the head: ${head.missing}`));
  } else if (head.seenBy === undefined) {
    const asked =
      pinned.logPolicy === undefined ? 'no log policy names witnesses' : 'the log policy asks for no witnesses';
    list.push(notChecked('no_witnesses', `whether everyone is shown this tree: ${asked}`));
  }
  return list;
}

export function aboutEntries(counters: Counters, pins: AuditPins): readonly NotChecked[] {
  const list: NotChecked[] = [];
  const count = (counter: Parameters<Counters['get']>[0], code: NotChecked['code'], detail: string): void => {
    const number = counters.get(counter);
    if (number > 0) list.push(notChecked(code, detail, number));
  };
  count(
    'sealed',
    'sealed',
    'what sealed entries hold: only who has content and salt can tell, so neither signatures nor duplicates among them',
  );
  count('withheld', 'withheld', 'entries that the log withholds: their place in the tree is known, and nothing else');
  count('unread', 'unread', 'entries of bundles that could not be read');
  count('unsupported', 'unsupported', 'entries of a type, or with an algorithm, that this version does not know');
  count('unfollowed', 'trust_roots', 'versions of trust roots of which it could not be told what they follow');
  if (!pins.hasTrustRoot) {
    list.push(
      notChecked('no_trust_root', 'whose keys signed, and whether they may: no trust root was given (--trust-root)'),
    );
    return list;
  }
  count(
    'others',
    'others',
    'whether approvals of others, or of no organization, count: your trust root says nothing about them',
  );
  list.push(
    notChecked(
      'revocations',
      'whether witnesses saw an approval before its key was stolen or retired: of single entries nothing here says when they were seen, so that was judged by logged_at, the log’s own word. Receipts say it',
    ),
  );
  if (!pins.hasPolicy)
    list.push(
      notChecked('no_policy', 'whether enough people approved: no approval policy was given (--approval-policy)'),
    );
  else count('own_without_intent', 'intents', 'whether approvals satisfy your policy whose intent is not public');
  return list;
}

export function always(asOf: AsOf | undefined): readonly NotChecked[] {
  return [
    ...(asOf ? [notChecked('after', 'what came after')] : []),
    notChecked(
      'times',
      'whether times are right: they are the log’s own word, in order and not ahead of this computer’s clock',
    ),
    notChecked('people', 'what people saw when they approved, and whether what was approved is what ran'),
  ];
}

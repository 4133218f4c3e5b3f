/** What only paper shows of a receipt that was checked: enough to look it up again, and to know what it was checked with. */

import { formatVkey, type LogPolicy, parsePolicy, policyDigest, type Report } from '@assent/verifier';
import { PAPER } from '../../words/common.ts';
import { FACTS, RESULT } from '../../words/receipts.ts';
import { PINS } from '../../words/verify.ts';
import { digestRows } from '../shared/approval-view.ts';
import { type Child, digest, element, facts, note, saidInBrief } from '../shared/dom.ts';
import { printFoot } from '../shared/print-foot.ts';
import { timeView } from '../shared/times.ts';
import type { Checked } from './checked.ts';
import { policyOf, quorumText } from './pins.ts';
import { hasSigned } from './result-view.ts';

/**
 * @param url that opens the entry; undefined where none is known. @param madeWith whose word the log key is
 */
export function paperView(checked: Checked, url: string | undefined, madeWith: string, now: number): HTMLElement {
  const { report } = checked;
  const checkedAt = element('span', {}, timeView(new Date(now).toISOString()), `. ${madeWith}`);
  const rows = [...digestRows(report), ...trustRows(checked), [RESULT.checkedAt, checkedAt] as const];
  const view = element(
    'div',
    { class: 'paper' },
    facts('facts wide', rows),
    // Until a code takes its place.
    note(PAPER.nothing),
  );
  if (url !== undefined) leadBack(view, report, url);
  return view;
}

/** "Your list", "your rules": whoever holds the sheet has to find out whose and which. */
function trustRows({ report, options }: Checked): (readonly [Child, Child] | undefined)[] {
  const { logKeys = [], logPolicy, trustRoot, approvalPolicy } = options;
  const policy = typeof logPolicy === 'string' ? policyOf(logPolicy) : logPolicy;
  const keys = [...logKeys, ...(policy?.logs ?? []).map(({ key }) => formatVkey(key.name, key.publicKey.raw))];
  const chain = trustRoot && 'chain' in trustRoot ? trustRoot.chain : undefined;
  const newest = chain?.versions.at(-1);
  const compared = report.checks.find(({ id }) => id === 'intent')?.computed;
  const rules = typeof approvalPolicy === 'string' ? parsePolicy(approvalPolicy) : undefined;
  return [
    ...[...new Set(keys)]
      .filter((vkey) => hasSigned(vkey, report.log))
      .map((vkey) => [RESULT.logKey, digest(vkey)] as const),
    policy && [RESULT.witnesses, witnessText(policy)],
    newest && chain && [RESULT.approvers, named(`${newest.name}${RESULT.ofVersion}${newest.version}`, chain.rootId)],
    rules?.ok ? [RESULT.rules, named(rules.value.name, policyDigest(rules.value))] : undefined,
    compared === undefined ? undefined : [RESULT.compared, digest(compared)],
  ];
}

/** How many of them are asked for, where one sentence says it, and who they are. */
function witnessText(policy: LogPolicy): HTMLElement {
  const asked = quorumText(policy);
  const names = policy.witnesses.map(({ name }) => name).join(', ');
  return element('span', {}, asked === PINS.policyGroups ? '' : `${asked} `, saidInBrief(names, 200));
}

function named(name: string, id: string): HTMLElement {
  return element('span', {}, saidInBrief(name, 80), ' ', digest(id));
}

/** Where the sheet leads, in the place of where it led before, or of the words that stand beside a code. */
export function leadBack(paper: HTMLElement, { log }: Report, url: string): void {
  if (log === undefined) return;
  const opens = FACTS.entry + log.index + FACTS.of + log.origin;
  const code = element('span', { 'data-code': PAPER.code(opens), 'data-url': url });
  paper.lastElementChild?.replaceWith(printFoot(code, url, opens));
}

/** A version of a trust root for people. */
import type { ListedKey, TrustedApprover, TrustMembers } from '@assent/verifier';
import type { Paint } from '../terminal/paint.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';
import { approverTerms, changeText, revocationText, serviceTerms, validity } from './changes.ts';
import type { TrustView, ViewedVersion } from './trust-view.ts';

const MAX_LINE = 2000;

/** @param now milliseconds: whether it has expired, and what is valid by then. */
export function trustText({ view, members }: ViewedVersion, paint: Paint, now: number): string {
  const { version, name, draft, changes } = view;
  const title = draft ? `draft of version ${version} of ${name}` : `version ${version} of ${name}`;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['', aboutLines(view, now)],
    ['Who makes the next version', rootLines(view)],
    ['Who may approve', approverLines(members, now)],
    [
      'Which services may say who approved',
      [...members.services].flatMap(([id, service]) => keyLines(service.name, id, serviceTerms(service), service, now)),
    ],
    [
      'Where approved actions run',
      [...members.boundaries].flatMap(([id, item]) => keyLines(item.name, id, '', item, now)),
    ],
    [
      'Which policies count',
      [...members.policies].map(([id, policy]) => `${id}: ${validity(policy)}${isOver(policy, now) ? ' (over)' : ''}`),
    ],
    [version === 1 ? 'What it lists' : `What changed since version ${version - 1}`, changes.map(changeText)],
  ];
  const lines = [paint('bold', title)];
  for (const [heading, content] of sections) {
    if (heading !== '') lines.push('', paint('bold', heading));
    lines.push(...(content.length === 0 ? ['  none'] : content.map((line) => `  ${safeExcerpt(line, MAX_LINE)}`)));
  }
  return `${lines.join('\n')}\n`;
}

function aboutLines({ root_id, digest, issued_at, expires_at, versions }: TrustView, now: number): readonly string[] {
  const expired = Date.parse(expires_at) <= now ? ' (EXPIRED: nothing is authorized by it any more)' : '';
  const future = Date.parse(issued_at) > now ? ' (not yet)' : '';
  return [
    `root id    ${root_id}`,
    `digest     ${digest}`,
    `in force   from ${issued_at}${future}`,
    `expires    ${expires_at}${expired}`,
    `versions   ${versions.map(({ version, issued_at: from }) => `${version} (${from})`).join(', ')}`,
  ];
}

function rootLines({ root, signatures }: TrustView): readonly string[] {
  const { threshold, keyids, signed_by } = root;
  const mark = (keyid: string) => (signed_by.includes(keyid) ? `${keyid} (signed this one)` : keyid);
  const others = signed_by.filter((keyid) => !keyids.includes(keyid));
  return [
    `${threshold} of these ${keyids.length}:`,
    ...keyids.map((keyid) => `  ${mark(keyid)}`),
    ...others.map((keyid) => `signed by ${keyid}, a root key of the version before`),
    ...(signatures === undefined || signatures.missing === 0
      ? []
      : [`missing: ${signatures.missing} of these: ${signatures.may_sign.join(', ')}`]),
  ];
}

function approverLines({ approvers }: TrustMembers, now: number): readonly string[] {
  const holders = new Map<string, (readonly [string, TrustedApprover])[]>();
  for (const [keyid, approver] of approvers) {
    holders.set(approver.holder, [...(holders.get(approver.holder) ?? []), [keyid, approver]]);
  }
  return [...holders].flatMap(([holder, keys]) =>
    keys.flatMap(([keyid, approver]) => keyLines(holder, keyid, approverTerms(approver), approver, now)),
  );
}

function keyLines(name: string, keyid: string, terms: string, item: ListedKey, now: number): readonly string[] {
  const over = item.revoked === undefined && isOver(item, now) ? ' (over)' : '';
  return [
    `${name}${terms === '' ? '' : ` ${terms}`}`,
    `  ${keyid}`,
    `  ${validity(item)}${over}`,
    ...(item.revoked === undefined ? [] : [`  ${revocationText(item.revoked)}`]),
  ];
}

function isOver({ valid_until }: { readonly valid_until?: string }, now: number): boolean {
  return valid_until !== undefined && Date.parse(valid_until) <= now;
}

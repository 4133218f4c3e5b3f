/** A report for people: the verdict, why, every check, and what the receipt is about. */
import type {
  ApprovalFacts,
  Check,
  ForeignFacts,
  LogFacts,
  Report,
  SignerFacts,
  Verdict,
  VerifiedApprovalFacts,
  WitnessFacts,
} from '@assent/verifier';
import { type Paint, painter, type Style } from './paint.ts';
import { safeExcerpt } from './safe-text.ts';

const VERDICTS: Readonly<Record<Verdict, { readonly mark: string; readonly style: Style }>> = {
  authorized: { mark: '✓', style: ['bold', 'green'] },
  authentic: { mark: '✓', style: ['bold', 'green'] },
  refused: { mark: '✗', style: ['bold', 'red'] },
  incomplete: { mark: '–', style: ['bold', 'yellow'] },
  invalid: { mark: '✗', style: ['bold', 'red'] },
};

/** Disclosed texts can be megabytes; `--json` has them whole. */
const MAX_VALUE = 2000;
const LABEL_WIDTH = 12;

/** Coloured where `stream` wants it. */
export function reportText(report: Report, stream: NodeJS.WriteStream): string {
  const paint = painter(stream);
  const lines = [...verdictLines(report, paint), ''];
  lines.push(...report.checks.flatMap((check) => checkLines(check, paint)));
  if (report.approval !== undefined) {
    lines.push(
      '',
      paint('bold', 'What was decided'),
      ...approvalLines(report.approval),
      ...verifiedLines(report.approval),
    );
  } else if (report.foreign !== undefined) {
    lines.push('', paint('bold', `What ${report.foreign.format} says`), ...foreignLines(report.foreign));
  } else if (report.unverified_approval !== undefined) {
    lines.push(
      '',
      paint('bold', 'What it claims was decided (not verified)'),
      ...approvalLines(report.unverified_approval),
    );
  }
  if (report.log !== undefined) {
    lines.push('', paint('bold', 'Where it is logged'), ...logLines(report.log));
  } else if (report.unverified_log !== undefined) {
    lines.push('', paint('bold', 'Where it claims to be logged (not verified)'), ...logLines(report.unverified_log));
  }
  return `${lines.join('\n')}\n`;
}

export function verdictLines(
  { verdict, summary }: Pick<Report, 'verdict' | 'summary'>,
  paint: Paint,
): readonly string[] {
  const { mark, style } = VERDICTS[verdict];
  return [paint(style, `${mark} ${verdict}`), safeExcerpt(summary, MAX_VALUE)];
}

/** `id` is any short name: evidence without a receipt has checks that no receipt has. */
export function checkLines(
  { id, status, code, title, detail, expected, computed }: Omit<Check, 'id'> & { readonly id: string },
  paint: Paint,
): readonly string[] {
  const name = id.padEnd(LABEL_WIDTH);
  const explanation = safeExcerpt(detail, MAX_VALUE);
  const below = ' '.repeat(4 + LABEL_WIDTH);
  switch (status) {
    case 'pass': {
      const caveat = code === undefined ? [] : [paint('dim', `${below}${explanation}`)];
      return [`  ${paint('green', '✓')} ${name}${title}`, ...caveat];
    }
    case 'skip':
      return [`  ${paint('yellow', '–')} ${name}${title}: not checked`, paint('dim', `${below}${explanation}`)];
    case 'fail': {
      const values = [
        ...(expected === undefined ? [] : [`${below}expected  ${safeExcerpt(expected, MAX_VALUE)}`]),
        ...(computed === undefined ? [] : [`${below}computed  ${safeExcerpt(computed, MAX_VALUE)}`]),
      ];
      return [paint('red', `  ✗ ${name}${title}: failed`), `${below}${explanation} (${code})`, ...values];
    }
  }
}

function approvalLines(approval: ApprovalFacts): readonly string[] {
  const { policy, attested = [] } = approval;
  return [
    line('decision', approval.decision),
    line('action', `${approval.action} on ${approval.connector}`),
    line('identity', `${approval.service}/${approval.id}`),
    line('requester', approval.requester),
    line('valid', `${approval.issued_at} until ${approval.expires_at}, use ${approval.use}`),
    ...(approval.organization === undefined ? [] : [line('organization', approval.organization)]),
    ...(policy === undefined ? [] : [line('policy', `${policy.rule} of ${policy.digest}`)]),
    ...attested.map(({ approver, role, method, at }) =>
      line('attested', `${approver} as ${role}, by attested:${method} at ${at}`),
    ),
    line('intent', approval.intent_digest),
    line('statement', approval.statement_digest),
  ];
}

function foreignLines(foreign: ForeignFacts): readonly string[] {
  const optional = (label: string, value: string | undefined) => (value === undefined ? [] : [line(label, value)]);
  return [
    line('decision', foreign.decision === 'none' ? 'no decision' : foreign.decision),
    ...optional('action', foreign.action),
    ...optional('who', foreign.who),
    ...optional('method', foreign.method),
    ...optional('when', foreign.when),
    ...optional('until', foreign.until),
    ...optional('id', foreign.id),
    line('type', foreign.payload_type),
    line('digest', foreign.digest),
    ...foreign.signers.map((signer) => line('signed by', signerText(signer))),
    ...foreign.cannot_prove.map((limit) => line('not proven', limit)),
  ];
}

function verifiedLines({ intent, display, signers }: VerifiedApprovalFacts): readonly string[] {
  return [
    ...(intent === undefined ? [] : [line('arguments', JSON.stringify(intent.args))]),
    ...(display === undefined ? [] : [line('shown', JSON.stringify(display))]),
    ...signers.map((signer) => line('signed by', signerText(signer))),
  ];
}

function signerText({ kind, keyid, algorithm, origin, top_origin, cross_origin, user_verified }: SignerFacts): string {
  const circumstances = [
    algorithm,
    ...(origin === undefined ? [] : [`at ${origin}`]),
    ...(top_origin === undefined ? [] : [`inside ${top_origin}`]),
    ...(cross_origin === true ? ['in a frame of another site'] : []),
    ...(user_verified === undefined ? [] : [user_verified ? 'user verified' : 'user not verified']),
  ];
  return `${kind} ${keyid} (${circumstances.join(', ')})`;
}

function logLines(log: LogFacts & Partial<WitnessFacts>): readonly string[] {
  return [
    line('log', log.origin),
    line('entry', `${log.index} of ${log.size}`),
    ...(log.logged_at === undefined ? [] : [line('logged at', log.logged_at)]),
    ...(log.sealed === undefined ? [] : [line('sealed', log.sealed)]),
    line('leaf hash', log.leaf_hash),
    line('root', log.root),
    ...(log.witnesses ?? []).map(({ name, time }) => line('cosigned by', `${name} at ${time}`)),
    ...(log.seen_by === undefined ? [] : [line('seen by', `a quorum of witnesses at ${log.seen_by}`)]),
  ];
}

export function line(label: string, value: string): string {
  return `  ${label.padEnd(LABEL_WIDTH + 1)}${safeExcerpt(value, MAX_VALUE)}`;
}

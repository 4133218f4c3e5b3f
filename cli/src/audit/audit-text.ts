/** An audit's report for the terminal. */
import { type Paint, painter, type Style } from '../terminal/paint.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';
import type { AuditCheck } from './audit-checks.ts';
import { durationText } from './audit-progress.ts';
import type { AuditReport, AuditVerdict } from './audit-report.ts';
import { countsText } from './counts-text.ts';
import { FINDING_TITLES, type Finding } from './findings.ts';

const VERDICTS: Readonly<Record<AuditVerdict, { readonly mark: string; readonly style: Style }>> = {
  clean: { mark: '✓', style: ['bold', 'green'] },
  findings: { mark: '✗', style: ['bold', 'red'] },
  incomplete: { mark: '–', style: ['bold', 'yellow'] },
};

const MOST_SHOWN = 20;
const MAX_VALUE = 2000;
const LABEL_WIDTH = 13;

/** Coloured where `stream` wants it. */
export function auditText(report: AuditReport, stream: NodeJS.WriteStream): string {
  const paint = painter(stream);
  const { mark, style } = VERDICTS[report.verdict];
  const { findings, not_checked: missed } = report;
  const lines = [
    paint(style, `${mark} ${report.verdict}`),
    safe(report.summary),
    '',
    ...report.checks
      .filter(({ id, status }) => id !== 'authority' || status !== 'skip')
      .map((check) => checkLine(check, paint)),
    '',
    paint('bold', 'What was read'),
    ...readLines(report),
  ];
  if (findings.total > 0) {
    const shown = findings.listed.slice(0, MOST_SHOWN);
    lines.push('', paint('bold', `Findings (${number(findings.total)})`));
    lines.push(...shown.flatMap((finding) => findingLines(finding, paint)));
    if (findings.total > shown.length) {
      lines.push(`  … and ${number(findings.total - shown.length)} more; --json and --html list the first 1,000`);
      for (const [code, count] of Object.entries(findings.by_code))
        lines.push(`  ${number(count).padStart(9)}  ${code}`);
    }
  }
  lines.push('', paint('bold', 'What was not checked'));
  for (const { detail, count, incomplete } of missed) {
    const much = count === undefined ? '' : `${number(count)}: `;
    lines.push(`  ${incomplete ? paint('yellow', '–') : '·'} ${safe(much + detail)}`);
  }
  return `${lines.join('\n')}\n`;
}

function checkLine({ title, status, findings }: AuditCheck, paint: Paint): string {
  switch (status) {
    case 'pass':
      return `  ${paint('green', '✓')} ${title}`;
    case 'skip':
      return `  ${paint('yellow', '–')} ${title}: not checked`;
    case 'fail':
      return paint('red', `  ✗ ${title}: ${number(findings)} ${findings === 1 ? 'finding' : 'findings'}`);
  }
}

function readLines(report: AuditReport): readonly string[] {
  const { source, head, audited, compared_heads: compared, seconds, state } = report;
  const from = audited.from > 0 ? ` from ${number(audited.from)} on` : '';
  const done = audited.size - audited.from;
  const rate = seconds >= 1 ? `, ${number(done / seconds)} entries/s` : '';
  const optional = (label: string, value: string | undefined) => (value === undefined ? [] : [line(label, value)]);
  return [
    line('log', head === undefined ? source : `${head.origin} at ${source}`),
    ...(head === undefined ? [] : [line('head', `${number(head.size)} entries, root ${head.root}`)]),
    ...(head?.witnesses ?? []).map(({ name, time }) => line('cosigned by', `${name} at ${time}`)),
    ...optional('seen by', head?.seen_by && `a quorum of witnesses at ${head.seen_by}${earlier(head.witnessed_size)}`),
    ...compared.map(({ size, from: whose, relation }) =>
      line('compared', `the head of ${number(size)} entries (${whose}): ${RELATIONS[relation]}`),
    ),
    line('entries', `${number(audited.size)}${from}`),
    ...countsText(report.counts).map((text) => line('', text)),
    ...(audited.first_logged_at && audited.last_logged_at
      ? [line('logged', `${audited.first_logged_at} to ${audited.last_logged_at}`)]
      : []),
    line('took', `${durationText(seconds)}${rate}`),
    ...optional('remembered', state),
  ];
}

export const RELATIONS = { consistent: 'of the same tree', fork: 'OF ANOTHER TREE', unknown: 'not known' } as const;

function findingLines(
  { code, index, detail, because, expected, computed, proof }: Finding,
  paint: Paint,
): readonly string[] {
  const where = index === undefined ? '' : `entry ${index}: `;
  const below = '    ';
  return [
    paint('red', `  ✗ ${where}${FINDING_TITLES[code]}`),
    `${below}${safe(detail)} (${because === undefined ? code : `${code}, ${because}`})`,
    ...(expected === undefined ? [] : [`${below}expected  ${safe(expected)}`]),
    ...(computed === undefined ? [] : [`${below}computed  ${safe(computed)}`]),
    ...(proof === undefined ? [] : [`${below}proof     ${safe(proof)}`]),
  ];
}

function line(label: string, value: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${safe(value)}`;
}

function safe(text: string): string {
  return safeExcerpt(text, MAX_VALUE);
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function earlier(size: number | undefined): string {
  return size === undefined ? '' : `, when it had ${number(size)} entries`;
}

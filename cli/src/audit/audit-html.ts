/**
 * An audit's report as one page: it needs no script, asks for nothing, and says so in its content security policy, which lets its one
 * style sheet through by its hash. What comes from the log is text, and escaped.
 */
import { createHash } from 'node:crypto';
import { safeExcerpt } from '../terminal/safe-text.ts';
import { durationText } from './audit-progress.ts';
import type { AuditReport } from './audit-report.ts';
import { AUDIT_STYLE } from './audit-style.ts';
import { RELATIONS } from './audit-text.ts';
import { countsText } from './counts-text.ts';
import { FINDING_TITLES, type Finding } from './findings.ts';
import { growthPlot } from './growth-plot.ts';

const MAX_TEXT = 2000;
const MARKS = { pass: '✓', fail: '✗', skip: '–' } as const;
const WORDS = { pass: 'passed', fail: 'failed', skip: 'not checked' } as const;

export function auditHtml(report: AuditReport): string {
  const styleHash = createHash('sha256').update(AUDIT_STYLE).digest('base64');
  const name = report.head?.origin ?? report.source;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Audit of ${html(name)}</title>
<style>${AUDIT_STYLE}</style>
</head>
<body>
<header>
<p class="kind">Audit of a log</p>
<h1>${html(name)}</h1>
<p class="verdict ${report.verdict}"><strong>${report.verdict}</strong> ${html(report.summary)}</p>
<p class="fine">Made at ${time(report.audited_at)} from ${html(report.source)} by <code>assent audit</code>. It takes no more than the log, the same keys and that command to make it again.</p>
</header>
<main>
${section('Figures', figures(report))}
${section('Checks', checks(report))}
${section('Growth', growthPlot(report.growth))}
${report.findings.total > 0 ? section(`Findings (${number(report.findings.total)})`, findings(report)) : ''}
${section('What was not checked', missed(report))}
${section('Head', head(report))}
</main>
</body>
</html>
`;
}

function section(title: string, content: string): string {
  return `<section>\n<h2>${html(title)}</h2>\n${content}\n</section>`;
}

function figures({ audited, counts, findings: { total }, seconds }: AuditReport): string {
  const signatures = (counts.passkeys ?? 0) + (counts.keys ?? 0);
  const cards: readonly (readonly [string, string])[] = [
    [number(audited.size), 'entries'],
    [number(signatures), 'signatures verified'],
    [number(counts.sealed ?? 0), 'sealed'],
    [number(total), total === 1 ? 'finding' : 'findings'],
    [durationText(seconds), 'for the audit'],
  ];
  const items = cards.map(([value, label]) => `<li><span class="value">${html(value)}</span> ${html(label)}</li>`);
  const lines = countsText(counts).map((text) => `<li>${html(text)}</li>`);
  return `<ul class="cards">${items.join('')}</ul>\n<ul class="lines">${lines.join('')}</ul>`;
}

function checks({ checks: list }: AuditReport): string {
  const items = list.map(({ title, status, findings: count }) => {
    const much = count > 0 ? ` (${number(count)})` : '';
    return `<li class="${status}"><span class="mark" aria-hidden="true">${MARKS[status]}</span> ${html(title)} <span class="word">${WORDS[status]}${much}</span></li>`;
  });
  return `<ul class="checks">${items.join('\n')}</ul>`;
}

function findings({ findings: { total, by_code: byCode, listed } }: AuditReport): string {
  const rows = Object.entries(byCode).map(
    ([code, count]) =>
      `<tr><td>${html(titleOf(code))}</td><td><code>${html(code)}</code></td><td class="number">${number(count)}</td></tr>`,
  );
  const rest = total > listed.length ? `<p class="fine">The first ${number(listed.length)} are listed.</p>` : '';
  return `<div class="wide"><table><thead><tr><th>What</th><th>Code</th><th class="number">How often</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>
${rest}<ol class="findings">${listed.map(findingItem).join('\n')}</ol>`;
}

function findingItem({ code, index, detail, because, expected, computed, proof }: Finding): string {
  const where = index === undefined ? '' : `<span class="entry">entry ${index}</span> `;
  const values = [
    ['expected', expected],
    ['computed', computed],
    ['proof', proof],
  ].flatMap(([label, value]) => (value === undefined ? [] : [`<dt>${label}</dt><dd><code>${html(value)}</code></dd>`]));
  const codes = because === undefined ? code : `${code}, ${because}`;
  const list = values.length > 0 ? `<dl>${values.join('')}</dl>` : '';
  return `<li>${where}<strong>${html(titleOf(code))}</strong><p>${html(detail)} <code>${html(codes)}</code></p>${list}</li>`;
}

function titleOf(code: string): string {
  return FINDING_TITLES[code as keyof typeof FINDING_TITLES] ?? code;
}

function missed({ not_checked: list }: AuditReport): string {
  const items = list.map(({ detail, count, incomplete }) => {
    const much = count === undefined ? '' : `<b>${number(count)}:</b> `;
    return `<li${incomplete ? ' class="incomplete"' : ''}>${much}${html(detail)}</li>`;
  });
  return `<ul class="missed">${items.join('\n')}</ul>`;
}

function head({ head: signed, compared_heads: compared, audited }: AuditReport): string {
  if (signed === undefined) return '<p>The log served no head that could be used.</p>';
  const row = (label: string, value: string) => `<dt>${html(label)}</dt><dd>${value}</dd>`;
  const rows = [
    row('size', `${number(signed.size)} entries`),
    row('root', `<code>${html(signed.root)}</code>`),
    row('signed by the log', signed.signed ? 'yes' : 'not checked'),
    ...signed.witnesses.map(({ name, time: at }) => row('cosigned by', `${html(name)}, ${time(at)}`)),
    ...(signed.seen_by === undefined ? [] : [row('quorum reached', time(signed.seen_by))]),
    ...(signed.witnessed_size === undefined ? [] : [row('cosigned at', `${number(signed.witnessed_size)} entries`)]),
    ...compared.map(({ size, from, relation }) =>
      row('compared with', `the head of ${number(size)} entries (${html(from)}): ${RELATIONS[relation]}`),
    ),
    ...(audited.from > 0 ? [row('read', `from entry ${number(audited.from)} on`)] : []),
  ];
  return `<dl class="facts">${rows.join('\n')}</dl>\n<pre>${html(signed.checkpoint)}</pre>`;
}

function time(text: string): string {
  return `<time datetime="${html(text)}">${html(text)}</time>`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** As the terminal shows it, so that nothing invisible is left, and without a character that HTML reads. Line ends stay. */
export function html(text: string): string {
  const lines = (text.length > MAX_TEXT ? safeExcerpt(text, MAX_TEXT) : text)
    .split('\n')
    .map((line) => safeExcerpt(line, MAX_TEXT));
  return lines.join('\n').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

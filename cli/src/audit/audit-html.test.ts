import { describe, expect, it } from 'vitest';
import { auditHtml, html } from './audit-html.ts';
import type { AuditReport } from './audit-report.ts';

const HOSTILE = `</style><script>alert(1)</script>"'&<img src=x onerror=alert(1)>\u202e\u0000`;

/** Everything that comes from a log, an attacker's. */
const report: AuditReport = {
  type: 'assent/audit/v1',
  verdict: 'findings',
  summary: `There is one finding in 3 entries of ${HOSTILE}.`,
  source: HOSTILE,
  audited_at: '2026-04-03T17:00:00.000Z',
  head: {
    origin: HOSTILE,
    size: 3,
    root: `sha256:${'0'.repeat(64)}`,
    signed: true,
    witnesses: [{ name: HOSTILE, time: HOSTILE }],
    seen_by: HOSTILE,
    checkpoint: `${HOSTILE}\n3\n`,
  },
  audited: { from: 1, size: 3, first_logged_at: HOSTILE, last_logged_at: HOSTILE },
  compared_heads: [{ size: 2, from: HOSTILE, relation: 'fork' }],
  checks: [{ id: 'tree', title: 'The tree', status: 'fail', findings: 1 }],
  counts: { approved: 3 },
  findings: {
    total: 1,
    by_code: { fork: 1 },
    listed: [{ code: 'fork', index: 1, detail: HOSTILE, expected: HOSTILE, computed: HOSTILE, proof: HOSTILE }],
  },
  not_checked: [{ code: 'people', detail: HOSTILE, count: 3, incomplete: true }],
  growth: [
    { time: '2026-04-03T17:00:00.000Z', entries: 2, failures: 1 },
    { entries: 1, failures: 0 },
  ],
  seconds: 1,
};

describe('auditHtml', () => {
  const page = auditHtml(report);

  it('lets nothing of a log become markup, and nothing run', () => {
    expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>|javascript:/i);
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toContain('\u202e');
    expect(page).not.toContain('\u0000');
    expect(page).toContain('&#60;script&#62;');
  });

  it('is one page that asks for nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    // Values aside, in which the log's words stand escaped.
    expect(page.replace(/"[^"]*"/g, '')).not.toMatch(/<[^>]*\b(src|href)=/);
    expect(page).not.toContain('url(');
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-`);
  });

  it('plots growth and failures', () => {
    expect(page).toContain('<svg');
    expect(page.match(/class="failure"/g)).toHaveLength(1);
  });

  it('has words for a log without entries or head', () => {
    const { head: _, ...rest } = report;
    const empty = auditHtml({ ...rest, growth: [], checks: [] });
    expect(empty).toContain('There is nothing to plot.');
    expect(empty).toContain('The log served no head that could be used.');
  });
});

describe('html', () => {
  it('escapes, cuts what is long, and keeps the ends of lines', () => {
    expect(html('a<b>\n"c" & \'d\'')).toBe('a&#60;b&#62;\n&#34;c&#34; &#38; &#39;d&#39;');
    expect(html('x'.repeat(3000)).length).toBeLessThan(2100);
  });
});

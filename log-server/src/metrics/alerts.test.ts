import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../metrics.ts';
import { PROBLEMS } from '../problems.ts';

const docs = new URL('../../../docs/', import.meta.url);
const rules = readFileSync(new URL('alerts.yml', docs), 'utf8');
const guide = readFileSync(new URL('operating.md', docs), 'utf8');
const alerts = [...rules.matchAll(/^ {6}- alert: (\w+)\n {8}expr: ((?:.|\n {10})+)\n/gm)].map(([, name, expr]) => ({
  name: name!,
  expr: expr!,
}));

describe('docs/alerts.yml', () => {
  it('has rules that this test can read', () => {
    expect(alerts.length).toBe(rules.match(/^\s*- alert:/gm)?.length);
    expect(alerts.length).toBeGreaterThan(20);
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
  });

  it.each(alerts)('$name asks for metrics and problem codes that there are', async ({ expr }) => {
    const text = await new Metrics().text();
    const known = new Set(Array.from(text.matchAll(/^# TYPE (\w+) /gm), ([, name]) => name));
    for (const name of expr.match(/\b(?:assent|process|nodejs)_[a-z_]+/g) ?? []) {
      expect(known, expr).toContain(name.replace(/_seconds_(bucket|count|sum)$/, '_seconds'));
    }
    for (const [, codes] of expr.matchAll(/code=~?"([^"]+)"/g)) {
      for (const code of codes!.split('|')) expect(Object.keys(PROBLEMS)).toContain(code);
    }
  });

  it('has a section in docs/operating.md for every alarm, and no section is about none', () => {
    const sections = [...guide.matchAll(/^### (Assent\w+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual(alerts.map(({ name }) => name).sort());
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, Problem, type ProblemCode } from './problems.ts';

const page = readFileSync(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
const ROW = /^\| `([a-z_]+)` \| (\d{3}) \| ([^|]+) \|/gm;

describe('PROBLEMS', () => {
  it('is the list in docs/http-api.md: every code with its status and title, and no other', () => {
    const listed = [...page.matchAll(ROW)].map(([, code, status, title]) => [code, { status: Number(status), title }]);
    expect(listed).toHaveLength(Object.keys(PROBLEMS).length);
    expect(Object.fromEntries(listed)).toEqual(PROBLEMS);
  });

  it('shows an example with the members of a real problem', () => {
    const example = /\{\n {6}"type": "urn:assent[\s\S]*?\n {4}\}/.exec(page)?.[0] ?? '';
    const shown: { code: ProblemCode; status: number; title: string; type: string } = JSON.parse(example);
    expect(shown).toMatchObject(PROBLEMS[shown.code]);
    expect(shown.type).toBe(`urn:assent:problem:${shown.code}`);
  });
});

describe('Problem', () => {
  it('keeps its code, message, extras and cause', () => {
    const cause = new Error('why');
    const problem = new Problem('identity_conflict', 'taken', { index: 7, cause });
    expect(problem).toMatchObject({ name: 'Problem', code: 'identity_conflict', message: 'taken', cause });
    expect(problem.extras.index).toBe(7);
  });
});

import { describe, expect, it } from 'vitest';
import { Problem } from '../../problems.ts';
import type { SearchQuery } from '../../search/search.ts';
import { listPath, readFilters, resolveQuestion, type SearchedLog, toSearchQuery } from './search-question.ts';

const [NAMED, INTENT, KEY, UNKNOWN] = ['1a', '2b', '3c', '4d'].map((byte) => `sha256:${byte.repeat(32)}`) as [
  string,
  string,
  string,
  string,
];

const log: SearchedLog = {
  find: async (name) => {
    if (name === NAMED) return 7;
    if (name === 'approvals.example.com/req_1') return 9;
    throw new Problem('not_found', `no ${name}`);
  },
  search: {
    find: async ({ intent, keyid }: SearchQuery) => ({
      found: intent === INTENT || keyid === KEY ? [{ index: 3, entry: new Uint8Array() }] : [],
      next: undefined,
    }),
  },
};
const asked = (typed: string, kind?: 'approval') => resolveQuestion(typed, kind, log);

describe('resolveQuestion', () => {
  it('leads to where each thing that can be asked for is found', async () => {
    expect(await asked('0')).toBe('/entry/0');
    expect(await asked('#42')).toBe('/entry/42');
    expect(await asked('approvals.example.com/req_1')).toBe('/entry/9');
    expect(await asked('approvals.example.com')).toBe('/entries?service=approvals.example.com');
    expect(await asked('approvals.example.com', 'approval')).toBe(
      '/entries?kind=approval&service=approvals.example.com',
    );
    expect(await asked(NAMED)).toBe('/entry/7');
    expect(await asked(NAMED.slice(7))).toBe('/entry/7');
    expect(await asked(NAMED.slice(7).toUpperCase())).toBe('/entry/7');
    expect(await asked(INTENT)).toBe(`/entries?intent=${encodeURIComponent(INTENT)}`);
    expect(await asked(KEY)).toBe(`/entries?keyid=${encodeURIComponent(KEY)}`);
  });

  it('says so where nothing has that name or fingerprint', async () => {
    for (const unknown of [UNKNOWN, 'nobody/nothing']) await expect(asked(unknown)).rejects.toThrow(Problem);
  });

  it('leads nowhere for what cannot be asked for', async () => {
    for (const unclear of ['what is this?', 'a/b/c', 'sha256:1a', '../x/..', '<script>', 'x'.repeat(129)]) {
      expect(await asked(unclear), unclear).toBe(undefined);
    }
  });
});

describe('readFilters', () => {
  it('reads back the address that it is written as', () => {
    const filters = { kind: 'approval', service: 'a.b@c+d', intent: INTENT, keyid: KEY, approval: NAMED } as const;
    const url = new URL(listPath(filters, 12), 'http://localhost');
    expect(readFilters(Object.fromEntries(url.searchParams))).toEqual({ filters, after: 12 });
    expect(readFilters({})).toEqual({ filters: {}, after: undefined });
    expect(listPath({})).toBe('/entries');
  });

  it('leaves out what a form sends empty', () => {
    expect(readFilters({ q: '', kind: '', service: '' })).toEqual({ filters: {}, after: undefined });
  });

  it.each([
    [{ kind: 'other' }],
    [{ service: 'a/b' }],
    [{ intent: '2b' }],
    [{ keyid: KEY.toUpperCase() }],
    [{ approval: `${NAMED} ` }],
    [{ after: '-1' }],
    [{ after: '01' }],
    [{ after: '9999999999999999' }],
  ])('refuses %j', (query) => {
    expect(() => readFilters(query)).toThrow(expect.objectContaining({ code: 'invalid_parameter' }));
  });

  it('asks the search for the bytes of a decision', () => {
    expect(toSearchQuery({ approval: NAMED }, undefined, 2)).toEqual({
      approval: new Uint8Array(32).fill(26),
      after: undefined,
      limit: 2,
    });
  });
});

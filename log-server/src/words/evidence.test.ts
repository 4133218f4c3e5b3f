import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MEMBERS } from './evidence.ts';

type Members = Readonly<Record<string, unknown>>;
type Case = {
  readonly input: Readonly<Record<string, { readonly text?: string }>>;
  readonly code?: string;
  readonly result?: unknown;
};

const VECTORS = new URL('../../../test-vectors/', import.meta.url);

/** The good documents of a format, of which there is one for everything that it may have. */
function documents(format: string, input: string): Members[] {
  const { cases } = JSON.parse(readFileSync(new URL(`${format}.json`, VECTORS), 'utf8')) as { cases: Case[] };
  return cases
    .filter(({ code, result }) => code === undefined && (result as Members).verdict !== 'invalid')
    .flatMap(({ input: { [input]: { text } = {} } }) => (text?.startsWith('{') ? [JSON.parse(text) as Members] : []));
}

function namesOf(all: readonly (Members | undefined)[]): string[] {
  return [...new Set(all.flatMap((members) => Object.keys(members ?? {})))];
}

const receipts = documents('receipt', 'receipt') as { disclosures?: Members }[];

it.each([
  ['decisions', namesOf(documents('statement', 'payload')), 15],
  ['uses', namesOf(documents('consumption', 'payload')), 6],
  ['lists of approvers', namesOf(documents('trust-root', 'payload')), 7],
  ['entries', namesOf(documents('entry', 'entry')), 5],
  ['what a browser writes down', namesOf(documents('webauthn', 'client_data_json')), 4],
  ['what is disclosed', namesOf(receipts.map(({ disclosures }) => disclosures)), 3],
  ['receipts', namesOf(receipts), 5],
])('every member of %s is explained', (_, names, atLeast) => {
  // Those three are parts of their own, and not members of one.
  const shown = names.filter((name) => !['entry', 'proof', 'disclosures'].includes(name));
  expect(shown.filter((name) => !Object.hasOwn(MEMBERS, name))).toEqual([]);
  expect(names.length).toBeGreaterThanOrEqual(atLeast);
});

/** JSON explained member by member, after a table of what the members of its format mean. */
import type { Json, JsonObject } from '@assent/verifier';
import { isObject } from '../http/problem.ts';
import { countOf } from '../terminal/count-of.ts';
import type { Look, Row } from './inspection.ts';

/**
 * What a value comes to. Returns the parts of its row: it may replace `value`, and must where that is a secret.
 *
 * @param parent the object that it is a member of.
 */
export type Reader = (value: Json, look: Look, parent: JsonObject) => Partial<Row>;

/**
 * By path: `intent.digest`, `signatures[].sig`, and `*` for a member of any name: `approvers.*.holder`. A text is the note of
 * what it means; with a reader, `[note, reader]`. `args.**`: whatever is below is not the format's; `**`, last: nor is anything else.
 */
export type Members = Readonly<Record<string, string | readonly [note: string, reader: Reader]>>;

/** A list of thousands says no more than its first hundred. */
const MOST_ITEMS = 100;
const SECRET = /private|secret|passphrase|password|credential_key|api_?key|^token$|^seed$|^d$/i;

export function walk(value: JsonObject, members: Members, look: Look, path = ''): readonly Row[] {
  return upToRoom(Object.entries(value), look, ([name, member]) =>
    rowOf(name, member, `${path}${name}`, members, look, value),
  );
}

function upToRoom<T>(items: readonly T[], look: Look, toRow: (item: T, index: number) => Row): readonly Row[] {
  const rows: Row[] = [];
  for (const [index, item] of items.entries()) {
    if (!look.hasRoom()) return [...rows, { label: '…', value: `${items.length - index} more` }];
    rows.push(toRow(item, index));
  }
  return rows;
}

function rowOf(label: string, value: Json, path: string, members: Members, look: Look, parent: JsonObject): Row {
  const known = find(members, path);
  const [note, reader] = typeof known === 'string' || known === undefined ? [known] : known;
  const noted = known === undefined ? 'not a member that this format defines' : note;
  const row = { label, ...(noted !== undefined && noted !== '' && { note: noted }) };
  if (reader !== undefined) return { ...row, ...reader(value, look, parent) };
  if (SECRET.test(label) && typeof value === 'string') {
    return { ...row, value: `${countOf(value.length, 'character')}, not shown: it may be a secret` };
  }
  if (Array.isArray(value)) return { ...row, ...listOf(value, path, members, look, parent) };
  if (isObject(value)) {
    const rows = walk(value, members, look, `${path}.`);
    return rows.length === 0 ? { ...row, value: '{}' } : { ...row, rows };
  }
  return { ...row, value: typeof value === 'string' ? value : JSON.stringify(value) };
}

function listOf(items: readonly Json[], path: string, members: Members, look: Look, parent: JsonObject): Partial<Row> {
  if (items.length === 0) return { value: 'none' };
  if (items.every((item) => typeof item === 'string' || typeof item === 'number')) {
    const isKnown = find(members, `${path}[]`);
    if (isKnown === undefined || typeof isKnown === 'string') return { value: items.slice(0, MOST_ITEMS).join(', ') };
  }
  const rows = upToRoom(items.slice(0, MOST_ITEMS), look, (item, i) =>
    rowOf(`[${i}]`, item, `${path}[]`, members, look, parent),
  );
  const more = items.length - rows.length;
  return { rows: more > 0 ? [...rows, { label: '…', value: `${more} more` }] : rows };
}

/** The entry for a path. Unknown beneath an open member, and the items of a known list, need no note. */
function find(members: Members, path: string): Members[string] | undefined {
  if (Object.hasOwn(members, path)) return members[path];
  for (const [pattern, entry] of Object.entries(members)) {
    if (pattern === '**') return '';
    if (pattern.endsWith('.**') && path.startsWith(pattern.slice(0, -2))) return '';
    if (pattern.includes('*') && matches(pattern, path)) return entry;
  }
  return path.endsWith('[]') && find(members, path.slice(0, -2)) !== undefined ? '' : undefined;
}

/** Names that are data may hold dots: `*` takes what the rest of the pattern leaves. */
function matches(pattern: string, path: string): boolean {
  const [before, after] = pattern.split('*') as [string, string];
  if (!path.startsWith(before) || path.length <= before.length + after.length || !path.endsWith(after)) return false;
  const name = path.slice(before.length, path.length - after.length);
  return after !== '' || /^(sha256:[0-9a-f]{64}|[^.[\]]+)$/.test(name);
}

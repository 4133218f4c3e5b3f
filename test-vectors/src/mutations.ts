/**
 * Random changes to good records that know how these are built: members are replaced, taken out, doubled, exchanged with members of
 * other records; lines of proofs likewise; texts are cut and spliced, bytes too.
 */

import { rememberingPrimitives } from '@assent/test-support/remembered-signatures';
import { unwrap } from '@assent/test-support/results';
import { type Json, type JsonObject, parseJson, parseNote, parseTlogProof, verifyReceipt } from '@assent/verifier';
import fc from 'fast-check';
import type { GoodRecord } from './records.ts';

export type Mutant = { readonly record: GoodRecord; readonly receipt: string | Uint8Array };

type Place = readonly string[];

/** Every place in a JSON value, as the names that lead there. */
function places(value: Json, here: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [here];
  return [here, ...Object.entries(value).flatMap(([name, member]) => places(member, [...here, name]))];
}

function at(value: Json, place: Place): Json {
  return place.reduce<Json>((inner, name) => (inner as JsonObject)[name]!, value);
}

/** A copy with another value there, or none. */
function withValue(value: Json, [name, ...rest]: Place, by: Json | undefined): Json | undefined {
  if (name === undefined) return by;
  const members = Object.entries(value as JsonObject).flatMap(([key, member]) => {
    const next = key === name ? withValue(member, rest, by) : member;
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

/** One change after the other, on the document. */
type Change = (document: Json) => Json;

export function mutants(records: readonly GoodRecord[]): fc.Arbitrary<Mutant> {
  const documents = records.map(({ receipt }) => JSON.parse(receipt) as JsonObject);
  const pool = documents.flatMap((document) => places(document).map((place) => at(document, place)));
  const fromPool = fc.constantFrom(...pool);
  const anyJson = fc.oneof(
    { arbitrary: fromPool, weight: 4 },
    { arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, weight: 1 },
  );
  /** Somewhere in the document, by a number of which any place has its share. */
  const somewhere = fc.nat();
  const placeIn = (document: Json, where: number) => {
    const all = places(document);
    return all[where % all.length]!;
  };
  const replace = fc.tuple(somewhere, fc.option(anyJson, { nil: undefined, freq: 5 })).map(
    ([where, by]): Change =>
      (document) =>
        withValue(document, placeIn(document, where), by) ?? null,
  );
  const exchange = fc.tuple(fc.nat(documents.length - 1), somewhere).map(
    ([other, where]): Change =>
      (document) => {
        const names = Object.keys(documents[other]!);
        const name = names[where % names.length]!;
        return typeof document === 'object' && document !== null && !Array.isArray(document)
          ? { ...document, [name]: documents[other]![name]! }
          : document;
      },
  );
  const splice = fc
    .tuple(
      somewhere,
      fc.nat(),
      fc.nat(6),
      fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('\n', '=', '"', '—', '\u0000', '0')),
    )
    .map(
      ([where, offset, length, insert]): Change =>
        (document) => {
          const place = placeIn(document, where);
          const value = at(document, place);
          if (typeof value !== 'string') return document;
          const cut = offset % (value.length + 1);
          return withValue(document, place, value.slice(0, cut) + insert + value.slice(cut + length))!;
        },
    );
  const lines = fc
    .tuple(fc.nat(documents.length - 1), fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'swap', 'take'))
    .map(
      ([other, from, to, how]): Change =>
        (document) => {
          const proof = isObject(document) ? document.proof : undefined;
          if (typeof proof !== 'string') return document;
          const mine = proof.split('\n');
          const theirs = String(documents[other]!.proof).split('\n');
          const [a, b] = [from % mine.length, to % mine.length];
          if (how === 'drop') mine.splice(a, 1);
          else if (how === 'double') mine.splice(b, 0, mine[a]!);
          else if (how === 'swap') [mine[a], mine[b]] = [mine[b]!, mine[a]!];
          else mine.splice(a, to % 2, theirs[to % theirs.length]!);
          return { ...(document as JsonObject), proof: mine.join('\n') };
        },
    );
  const changes = fc.array(fc.oneof(replace, exchange, splice, lines), { minLength: 1, maxLength: 3 });
  const structured = changes.map(
    (all) => (document: Json) => JSON.stringify(all.reduce<Json>((value, change) => change(value), document)),
  );
  const rough = fc
    .array(fc.tuple(fc.nat(), fc.nat(8), fc.uint8Array({ maxLength: 8 })), { minLength: 1, maxLength: 3 })
    .map((splices) => (document: Json) => {
      const bytes = [...new TextEncoder().encode(JSON.stringify(document))];
      for (const [where, length, insert] of splices) bytes.splice(where % (bytes.length + 1), length, ...insert);
      return Uint8Array.from(bytes);
    });
  const mutation = fc.oneof({ arbitrary: structured, weight: 9 }, { arbitrary: rough, weight: 1 });
  return fc
    .tuple(fc.nat(records.length - 1), mutation)
    .map(([which, mutate]) => ({ record: records[which]!, receipt: mutate(documents[which]!) }));
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the signatures of log and people cover of a receipt, as text. */
function coveredBy(receipt: JsonObject): string {
  const { index, proof, checkpoint } = unwrap(parseTlogProof(String(receipt.proof)));
  const { text } = unwrap(parseNote(checkpoint));
  return JSON.stringify([receipt.entry, index, proof.map((hash) => Buffer.from(hash).toString('hex')), text]);
}

/** Judges mutants: whether each gets a report, and whether a good verdict is one that some record has by right. */
export function createJudge(records: readonly GoodRecord[]) {
  const documents = records.map(({ receipt }) => JSON.parse(receipt) as JsonObject);
  const covered = new Set<string>();
  const carried = new Set<string>();
  for (const document of documents) {
    covered.add(coveredBy(document));
    if (isObject(document.consumption ?? null)) covered.add(coveredBy(document.consumption as JsonObject));
    for (const value of carriedIn(document)) carried.add(value);
  }
  const primitives = rememberingPrimitives();

  /** Undefined if all is well. */
  return async ({ record, receipt }: Mutant): Promise<string | undefined> => {
    const report = await verifyReceipt(receipt, { ...record.pins, primitives });
    if (report.checks.length !== 13) return `a report of ${report.checks.length} checks`;
    if (report.verdict !== 'authorized' && report.verdict !== 'authentic') return undefined;
    const document = unwrap(parseJson(receipt, { maxDepth: 64 })) as JsonObject;
    if (!covered.has(coveredBy(document))) return `${report.verdict}, and what is logged was changed`;
    if (report.verdict === 'authentic') return undefined;
    const foreign = carriedIn(document).find((value) => !carried.has(value));
    if (foreign !== undefined) return `authorized, and it carries ${foreign.slice(0, 200)}`;
    const { consumption } = document;
    if (consumption === undefined) return undefined;
    return covered.has(coveredBy(consumption as JsonObject))
      ? undefined
      : 'authorized, and the consumption was changed';
  };
}

/**
 * What a receipt brings along beside entry, proof and consumption, in an order that does not depend on how it is written. Of a
 * version of a trust root that is its payload: one that a verifier has pinned already is not read a second time.
 */
function carriedIn({ disclosures = {}, trust = [], policy }: JsonObject): readonly string[] {
  const payloads = (trust as readonly JsonObject[]).map(({ envelope }) => (envelope as JsonObject).payload!);
  const values = [...Object.values(disclosures as JsonObject), ...payloads, ...(policy === undefined ? [] : [policy])];
  return values.map((value) => JSON.stringify(sorted(value)));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name]!)]),
  );
}

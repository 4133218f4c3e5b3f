/** Properties of verification: it never throws, and what it calls authentic is what was logged. */
import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECISIONS, type Statement } from './approval.ts';
import { utf8Encode } from './bytes.ts';
import { canonicalJson, type Json, type JsonObject } from './canonical-json.ts';
import { checkContent } from './content.ts';
import { ENTRY_KINDS, formatEntryAround, parseEntry } from './entry.ts';
import { parseJson } from './json.ts';
import { CHECK_IDS } from './report.ts';
import { parseNote } from './signed-note.ts';
import { parseTlogProof } from './tlog-proof.ts';
import { verifyReceipt } from './verify-receipt.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const authenticator = createAuthenticator();
const serviceKey = createServiceKey();
const display = 'Refund 42.00 USD';
const approval = createApproval({ origin: log.origin, authenticator, serviceKey, display });
for (let i = 0; i < 3; i++) log.append({ content: createApproval({ origin: log.origin, serviceKey }).envelope });
const disclosures = { intent: approval.intent, display };
const { receipt } = log.append({ content: approval.envelope, reveal: { intent: approval.intent } }, disclosures);
const original: JsonObject = JSON.parse(receipt);

function verify(bytes: string | Uint8Array) {
  return verifyReceipt(bytes, { logKeys: [log.vkey], intent: approval.intent, at: Date.now() });
}

/** All that the entry, the log's signature and the proof cover; disclosures may be left out, not changed. */
function covered(document: JsonObject): unknown {
  const { index, proof, checkpoint } = unwrap(parseTlogProof(document.proof as string));
  return [document.entry, index, proof, unwrap(parseNote(checkpoint)).text];
}

async function expectSound(mutated: string | Uint8Array): Promise<void> {
  const report = await verify(mutated);
  expect(report.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
  expect(['authentic', 'incomplete', 'invalid']).toContain(report.verdict);
  if (report.verdict !== 'authentic') return;
  const document = unwrap(parseJson(mutated, { maxDepth: 64 })) as JsonObject;
  expect(covered(document)).toEqual(covered(original));
  for (const [name, disclosed] of Object.entries(document.disclosures ?? {})) {
    expect(canonicalJson(disclosed)).toBe(canonicalJson(disclosures[name as keyof typeof disclosures]));
  }
  expect(document).not.toHaveProperty('policy');
}

/** Every place in a JSON value, as the names that lead there. */
function places(value: Json, here: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [here];
  return [here, ...Object.entries(value).flatMap(([name, member]) => places(member, [...here, name]))];
}

/** A copy with the value at that place replaced, or left out if there is none to replace it with. */
function replaced(value: Json, [name, ...rest]: readonly string[], by: Json | undefined): Json | undefined {
  if (name === undefined) return by;
  const members = Object.entries(value as JsonObject).flatMap(([key, member]) => {
    const next = key === name ? replaced(member, rest, by) : member;
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

const anyJson = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
const anyPlace = fc.constantFrom(...places(original));

describe('verifyReceipt', () => {
  it('stays sound when members are replaced or left out', async () => {
    const replacement = fc.option(anyJson, { nil: undefined, freq: 4 });
    await fc.assert(
      fc.asyncProperty(anyPlace, replacement, async (place, by) => {
        await expectSound(JSON.stringify(replaced(original, place, by)) ?? '');
      }),
      { numRuns: 300 },
    );
  });

  it('stays sound when members are added, some of which exist', async () => {
    const names = fc.oneof(
      fc.constantFrom('trust', 'policy', 'consumption', 'disclosures', 'entry', '__proto__'),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(names, anyJson, async (name, value) => {
        await expectSound(receipt.replace('{', `{${JSON.stringify(name)}:${JSON.stringify(value)},`));
      }),
      { numRuns: 300 },
    );
  });

  it('stays sound when a text in it is changed', async () => {
    const texts = fc.constantFrom('entry', 'proof');
    const cut = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(40),
      fc.oneof(fc.string(), fc.constantFrom('\n', ' ', '"', '=')),
    );
    await fc.assert(
      fc.asyncProperty(texts, cut, async (name, [where, length, insert]) => {
        const text = original[name] as string;
        const at = Math.floor(where * text.length);
        await expectSound(
          JSON.stringify({ ...original, [name]: text.slice(0, at) + insert + text.slice(at + length) }),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('stays sound when its bytes are changed', async () => {
    const bytes = utf8Encode(receipt);
    const splice = fc.tuple(fc.nat(bytes.length), fc.nat(8), fc.uint8Array({ maxLength: 8 }));
    await fc.assert(
      fc.asyncProperty(fc.array(splice, { minLength: 1, maxLength: 3 }), async (splices) => {
        const mutated = [...bytes];
        for (const [at, length, insert] of splices) mutated.splice(at, length, ...insert);
        await expectSound(Uint8Array.from(mutated));
      }),
      { numRuns: 500 },
    );
  });

  it('answers anything with a report', async () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
      fc.json(),
      anyJson.map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        expect((await verify(bytes)).verdict).toBe('invalid');
      }),
      { numRuns: 300 },
    );
  });

  it("answers anything as the caller's intent with a report", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyJson, fc.anything(), fc.uint8Array()), async (intent) => {
        const report = await verifyReceipt(receipt, { logKeys: [log.vkey], intent: intent as Json });
        expect(report.verdict).toBe(intent === undefined ? 'authentic' : 'refused');
      }),
      { numRuns: 300 },
    );
  });
});

describe('checkContent', () => {
  it('never rejects, whatever it is given', async () => {
    const value = fc.oneof(anyJson, fc.anything() as fc.Arbitrary<Json>);
    const unverified = fc.record({
      kind: fc.constantFrom(...ENTRY_KINDS),
      content: fc.oneof(
        value,
        fc.tuple(anyPlace, value).map(([place, by]) => replaced({ entry: approval.envelope }, place, by) ?? null),
        fc
          .constantFrom(...places(approval.envelope))
          .chain((place) => value.map((by) => replaced(approval.envelope, place, by) ?? null)),
      ),
      intent: value,
      disclosed: fc.record(
        { intent: value, policy: value, display: fc.string({ unit: 'binary' }) },
        { requiredKeys: [] },
      ),
    });
    await fc.assert(
      fc.asyncProperty(unverified, async (input) => {
        const { content, signatures } = await checkContent({ ...input, origin: log.origin });
        // A key or a signature that was replaced leaves the content intact, and then does not verify.
        expect([content.status, signatures.status]).not.toEqual(['pass', 'pass']);
      }),
      { numRuns: 500 },
    );
  });

  // Two readers that disagree would let a log hold what nobody can verify (subtle rule 12).
  it('admits exactly what later verifies', async () => {
    const identifier = fc.stringMatching(/^[A-Za-z0-9._:@+-]{1,40}$/);
    const args = fc.dictionary(fc.string({ unit: 'grapheme' }), anyJson);
    const overrides = fc.record({
      service: identifier,
      id: identifier,
      requester: identifier,
      decision: fc.constantFrom(...DECISIONS),
      use: fc.constantFrom('single', 'multiple'),
    });
    await fc.assert(
      fc.asyncProperty(
        args,
        overrides as fc.Arbitrary<Partial<Statement>>,
        fc.boolean(),
        async (some, other, reveal) => {
          const text = JSON.stringify(some);
          const parsed = parseJson(text);
          fc.pre(parsed.ok);
          const made = createApproval({
            origin: log.origin,
            serviceKey,
            intent: { args: unwrap(parsed) as JsonObject },
            overrides: other,
          });
          // Through JSON, as the log receives it.
          const [content, intent] = [made.envelope, made.intent].map((value) =>
            unwrap(parseJson(JSON.stringify(value))),
          );
          const evidence = await checkContent({
            kind: 'approval',
            content: content!,
            origin: log.origin,
            ...(reveal && { intent: intent! }),
          });
          expect([evidence.content.status, evidence.signatures.status]).toEqual(['pass', 'pass']);
          const entry = utf8Encode(
            formatEntryAround(canonicalJson(content!), 'approval', Date.now(), evidence.canonicalIntent),
          );
          expect(parseEntry(entry).ok).toBe(true);
          const report = await verify(log.appendBytes(entry).receipt);
          expect(report.checks.slice(0, 7).every(({ status }) => status === 'pass')).toBe(true);
          expect(report.approval).toMatchObject({ service: made.statement.service, id: made.statement.id });
        },
      ),
      { numRuns: 100 },
    );
  });
});

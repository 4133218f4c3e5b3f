import { createApproval, createServiceKey } from '@assent/test-support';
import { formatEntry, type Json, parseEntry, parseEnvelope, parseStatement } from '@assent/verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFacts } from './entry-facts.ts';

const keys = [createServiceKey(), createServiceKey()];
const entryOf = (content: Json, kind: 'approval' | 'trust-root' = 'approval') =>
  formatEntry({ kind, loggedAt: 1, content });

describe('readFacts', () => {
  it('reads what the strict parsers read', () => {
    const approval = createApproval({ origin: 'log.test/a', serviceKey: keys });
    const bytes = entryOf(approval.envelope);
    const entry = parseEntry(bytes);
    const envelope = entry.ok && 'content' in entry.value ? parseEnvelope(entry.value.content) : undefined;
    if (!envelope?.ok) throw new Error('the envelope was just made');
    const statement = parseStatement(envelope.value.payload);
    expect(statement).toMatchObject({ ok: true });
    expect(readFacts(bytes)).toEqual({
      kind: 'approval',
      keyids: envelope.value.signatures.map(({ publicKey }) => publicKey.keyid),
      service: approval.statement.service,
      intent: approval.statement.intent.digest,
    });
  });

  it('says nothing of a sealed entry, and of a foreign payload only who signed it', () => {
    expect(readFacts(Buffer.from('{"kind":"approval","logged_at":1,"sealed":"sha256:00","type":"t"}'))).toBeUndefined();
    const foreign = createApproval({ origin: 'log.test/a', serviceKey: keys[0]!, payloadType: 'text/other' });
    const facts = readFacts(entryOf(foreign.envelope));
    expect(facts).toEqual({ kind: 'approval', keyids: [keys[0]!.publicKey.keyid] });
  });

  it('never throws', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ kind: fc.jsonValue(), content: fc.jsonValue() }, { requiredKeys: [] })
        .map((entry) => Buffer.from(JSON.stringify(entry))),
      fc
        .record({ payloadType: fc.constant('application/vnd.assent.approval.v1+json'), payload: fc.jsonValue() })
        .chain((content) =>
          fc.jsonValue().map((signatures) => ({ kind: 'approval', content: { ...content, signatures } })),
        )
        .map((entry) => Buffer.from(JSON.stringify(entry))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const facts = readFacts(input);
        expect(facts === undefined || typeof facts.kind === 'string').toBe(true);
      }),
    );
  });
});

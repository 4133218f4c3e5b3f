import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createConsumption } from '@assent/test-support/consumptions';
import { codeOf, unwrap } from '@assent/test-support/results';
import { describe, expect, it } from 'vitest';
import { base64urlDecode } from './base64.ts';
import { utf8Decode, utf8Encode } from './bytes.ts';
import { canonicalBytes, type JsonObject } from './canonical-json.ts';
import {
  CONSUMPTION_PAYLOAD_TYPE,
  type Consumption,
  createAttempt,
  formatConsumption,
  parseConsumption,
} from './consumption.ts';
import { checkContent, type UnverifiedContent } from './content.ts';

const EXAMPLE = {
  approval: 'sha256:27a78ca622fbb25de1a113815863c8684b6e73d5d78251b60354ea3ad08835e7',
  at: '2026-04-03T17:02:00.000Z',
  attempt: 'AAECAwQFBgcICQoLDA0ODw',
  boundary: 'payments-gw-3',
  intent: 'sha256:2ba59369b7a3a6e1b93ae012f16285f1c0d3a31d1bb5d039eb8bd01847b775ec',
};

describe('a consumption', () => {
  it('is written as the example in its format, and read back', () => {
    const payload = formatConsumption(EXAMPLE);
    expect(unwrap(utf8Decode(payload))).toBe(
      `{"approval":"${EXAMPLE.approval}","at":"${EXAMPLE.at}","attempt":"${EXAMPLE.attempt}","boundary":"payments-gw-3","intent":"${EXAMPLE.intent}","type":"assent/consumption/v1"}`,
    );
    expect(unwrap(parseConsumption(payload))).toEqual({ type: 'assent/consumption/v1', ...EXAMPLE });
  });

  it.each<[string, JsonObject, string]>([
    ['another type', { type: 'assent/consumption/v2', more: 1 }, 'unsupported'],
    ['an unknown member', { more: 1 }, 'unknown_member'],
    ['an approval that is no digest', { approval: EXAMPLE.approval.toUpperCase() }, 'bad_value'],
    ['an intent that is no digest', { intent: 'sha256:00' }, 'bad_value'],
    ['a boundary that is no identifier', { boundary: 'a b' }, 'bad_identifier'],
    ['an attempt of 15 bytes', { attempt: 'AAECAwQFBgcICQoLDA0O' }, 'bad_value'],
    ['an attempt of 17 bytes', { attempt: 'AAECAwQFBgcICQoLDA0ODxA' }, 'bad_value'],
    ['a padded attempt', { attempt: `${EXAMPLE.attempt}==` }, 'bad_base64'],
    ['an attempt with unused bits', { attempt: 'AAECAwQFBgcICQoLDA0ODx' }, 'bad_base64'],
    ['an attempt that is a number', { attempt: 1 }, 'wrong_type'],
    ['a time without milliseconds', { at: '2026-04-03T17:02:00Z' }, 'bad_time'],
  ])('is refused with %s', (_, change, code) => {
    const payload = canonicalBytes({ type: 'assent/consumption/v1', ...EXAMPLE, ...change });
    expect(codeOf(parseConsumption(payload))).toBe(code);
    if (!('type' in change)) {
      expect(() => formatConsumption({ ...EXAMPLE, ...change } as Consumption)).toThrow(TypeError);
    }
  });

  it.each(['approval', 'at', 'attempt', 'boundary', 'intent', 'type'])('is refused without %s', (name) => {
    const { [name]: _, ...rest }: JsonObject = { type: 'assent/consumption/v1', ...EXAMPLE };
    expect(codeOf(parseConsumption(canonicalBytes(rest)))).toBe('missing_member');
  });

  it('is refused when it is not canonical', () => {
    const spaced = JSON.stringify({ type: 'assent/consumption/v1', ...EXAMPLE }, null, 1);
    expect(codeOf(parseConsumption(utf8Encode(spaced)))).toBe('json_not_canonical');
  });

  it('takes attempts of 16 bytes that are never the same', () => {
    const attempts = Array.from({ length: 100 }, createAttempt);
    expect(new Set(attempts).size).toBe(100);
    expect(attempts.every((attempt) => unwrap(base64urlDecode(attempt)).length === 16)).toBe(true);
  });
});

describe('the content of a consumption', () => {
  const key = createServiceKey();
  const approval = createApproval({ origin: 'log.example.com', serviceKey: createServiceKey() });
  const { envelope, attempt } = createConsumption({ approval, key });

  async function outcome(unverified: Partial<UnverifiedContent>): Promise<string[]> {
    const evidence = await checkContent({ kind: 'consumption', content: envelope, ...unverified });
    return [evidence.content, evidence.signatures].map(({ status, code }) => (code ? `${status} ${code}` : status));
  }

  it('passes, and says what it consumes', async () => {
    for (const signer of [key, createServiceKey('es256')]) {
      const made = createConsumption({ approval, key: signer, overrides: { attempt } });
      const evidence = await checkContent({ kind: 'consumption', content: made.envelope });
      expect([evidence.content.status, evidence.signatures.status]).toEqual(['pass', 'pass']);
      expect(evidence.consumption).toMatchObject({ approval: approval.digest, attempt });
      expect(evidence.statement).toBeUndefined();
    }
  });

  it('is of its own kind', async () => {
    expect(await outcome({ kind: 'approval' })).toEqual(['fail kind_mismatch', 'skip premise_failed']);
    expect((await outcome({ content: approval.envelope }))[0]).toBe('fail kind_mismatch');
  });

  it('fails where the payload is none, and waits for a version that knows a later one', async () => {
    const bad = createConsumption({ approval, key, payload: utf8Encode('{}') });
    expect(await outcome({ content: bad.envelope })).toEqual(['fail missing_member', 'pass']);
    const later = createConsumption({ approval, key, payload: utf8Encode('{"type":"assent/consumption/v2"}') });
    expect(await outcome({ content: later.envelope })).toEqual(['skip unsupported', 'pass']);
  });

  it('takes nothing beside it that is compared with nothing', async () => {
    const shown = { ...approval.intent };
    expect((await outcome({ intent: shown }))[0]).toBe('fail unknown_member');
    for (const disclosed of [{ intent: shown }, { display: 'x' }, { policy: {} }]) {
      expect((await outcome({ disclosed }))[0], Object.keys(disclosed)[0]).toBe('fail unknown_member');
    }
    expect(await outcome({ disclosed: {} })).toEqual(['pass', 'pass']);
  });

  it('is signed by one key, which is no passkey', async () => {
    const two = createConsumption({ approval, key: [key, createServiceKey()] });
    expect(await outcome({ content: two.envelope })).toEqual(['pass', 'fail wrong_signer']);
    const tapped = createApproval({
      origin: 'log.example.com',
      authenticator: createAuthenticator(),
      payload: createConsumption({ approval, key }).payload,
      payloadType: CONSUMPTION_PAYLOAD_TYPE,
    });
    expect(await outcome({ content: tapped.envelope })).toEqual(['pass', 'fail wrong_signer']);
  });

  it('fails with a signature of another payload', async () => {
    const other = createConsumption({ approval, key }).envelope;
    expect(await outcome({ content: { ...envelope, payload: other.payload! } })).toEqual([
      'pass',
      'fail signature_invalid',
    ]);
  });
});

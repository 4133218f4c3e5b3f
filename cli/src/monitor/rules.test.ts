import type { JsonObject } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import type { EntryFacts } from './entry-facts.ts';
import { isAbout, parseRules } from './rules.ts';

const KEY = `sha256:${'ab'.repeat(32)}`;
const document = (...rules: readonly JsonObject[]): JsonObject => ({ type: 'assent/monitor-rules/v1', rules });

const facts: EntryFacts = {
  index: 7,
  kind: 'approval',
  visibility: 'open',
  logged_at: '2026-04-03T17:00:00.000Z',
  leaf_hash: KEY,
  keys: [{ keyid: KEY, kind: 'passkey', holder: 'alice@example.com' }],
  service: 'approvals.example.com',
  action: 'payment.refund',
  connector: 'stripe/acct_1',
  requester: 'agent:support-bot',
  decision: 'approved',
  attested: ['bob@example.com'],
};

describe('parseRules', () => {
  it('reads what is written at its top', () => {
    const rules = parseRules(
      document(
        { id: 'payments', action: 'payment.*', decision: 'approved' },
        { id: 'strangers', when: 'untrusted_key' },
        { id: 'forgotten', when: 'unconsumed', after_seconds: 3600, action: 'payment.*' },
        { id: 'out-of-nowhere', when: 'unapproved' },
      ),
      'rules.json',
    );
    expect(rules.map(({ id, when, afterMs }) => [id, when, afterMs])).toEqual([
      ['payments', 'logged', undefined],
      ['strangers', 'untrusted_key', undefined],
      ['forgotten', 'unconsumed', 3_600_000],
      ['out-of-nowhere', 'unapproved', undefined],
    ]);
  });

  it.each<[JsonObject, string]>([
    [{ type: 'assent/monitor-rules/v2', rules: [] }, 'it is no assent/monitor-rules/v1'],
    [{ ...document(), more: 1 }, 'there is no member more'],
    [{ type: 'assent/monitor-rules/v1', rules: {} }, '"rules" is no list'],
    [document({ id: 'a' }, { id: 'a' }), 'two rules have the id a'],
    [document({ action: 'x' }), 'rules[0].id'],
    [document({ id: 'a', when: 'never' }), 'rules[0].when'],
    [document({ id: 'a', acton: 'x' }), 'rules[0]: there is no member acton'],
    [document({ id: 'a', action: '*.refund' }), 'rules[0].action has its *'],
    [document({ id: 'a', action: '' }), 'rules[0].action has its *'],
    [document({ id: 'a', action: 1 }), 'rules[0].action is no text'],
    [document({ id: 'a', key: 'sha256:AB' }), 'rules[0].key'],
    [document({ id: 'a', kind: 'approvals' }), 'rules[0].kind'],
    [document({ id: 'a', decision: 'yes' }), 'rules[0].decision'],
    [document({ id: 'a', when: 'unconsumed' }), 'rules[0].after_seconds'],
    [document({ id: 'a', after_seconds: 5 }), 'rules[0].after_seconds'],
    [document({ id: 'a', when: 'unconsumed', after_seconds: 0.5 }), 'rules[0].after_seconds'],
    [document({ id: 'a', when: 'unapproved', action: 'x' }), 'rules[0].action does not go with'],
  ])('refuses %j', (rules, words) => {
    let failure: unknown;
    try {
      parseRules(rules, 'rules.json');
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(CommandFailure);
    expect((failure as CommandFailure).message).toContain(`rules.json: ${words}`);
  });
});

describe('isAbout', () => {
  const fits = (about: JsonObject) => isAbout(parseRules(document({ id: 'a', ...about }), 'x')[0]!, facts);

  it.each<[JsonObject, boolean]>([
    [{}, true],
    [{ key: KEY }, true],
    [{ key: `sha256:${'cd'.repeat(32)}` }, false],
    [{ holder: 'alice@example.com' }, true],
    [{ holder: 'bob@*' }, true],
    [{ holder: 'carol@example.com' }, false],
    [{ service: 'approvals.example.com' }, true],
    [{ service: 'approvals.example.co' }, false],
    [{ action: 'payment.*' }, true],
    [{ action: 'payment.refund*' }, false],
    [{ connector: '*' }, true],
    [{ requester: 'agent:*' }, true],
    [{ requester: 'human:*' }, false],
    [{ kind: 'approval' }, true],
    [{ kind: 'consumption' }, false],
    [{ decision: 'approved' }, true],
    [{ decision: 'rejected' }, false],
    [{ action: 'payment.*', service: 'other' }, false],
  ])('%j: %s', (about, expected) => {
    expect(fits(about)).toBe(expected);
  });

  it('does not fit what an entry does not say', () => {
    const sealed: EntryFacts = { ...facts, visibility: 'sealed', keys: [] };
    const { service: _, ...silent } = sealed;
    expect(isAbout(parseRules(document({ id: 'a', service: '*' }), 'x')[0]!, silent)).toBe(false);
  });
});

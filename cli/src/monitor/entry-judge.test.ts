import { createConsumption, createServiceKey, createTestLog, type TestKey } from '@assent/test-support';
import { createApproval } from '@assent/test-support/approvals';
import { unwrap } from '@assent/test-support/results';
import { createTrustVersion, keyApprover, trustedBoundary } from '@assent/test-support/trust-roots';
import { createSalt, type JsonObject, type Revocation, type Statement, verifyTrustRoot } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { primitives } from '../primitives.ts';
import { readEntry } from './entry-facts.ts';
import { type Before, EntryJudge } from './entry-judge.ts';
import { LiveApprovals } from './live-approvals.ts';
import { parseRules } from './rules.ts';
import { TrustedKeys } from './trusted-keys.ts';

const T = Date.parse('2026-04-03T17:00:00.000Z');
const MINUTE = 60_000;
const BEFORE = { began: 0, hidden: 0, clock: 0 };
const log = createTestLog({ origin: 'log.example.com/approvals' });
const [root, alice, gateway, stranger] = [
  createServiceKey(),
  createServiceKey(),
  createServiceKey(),
  createServiceKey(),
];

async function trust(revoked?: Revocation) {
  const version = createTrustVersion({
    rootKeys: [root],
    issuedAt: T - 100 * MINUTE,
    members: {
      approvers: new Map([keyApprover(alice, 'alice@example.com', revoked && { revoked })]),
      boundaries: new Map([trustedBoundary(gateway, 'payments-gw-3')]),
    },
  });
  const { chain } = unwrap(await verifyTrustRoot(version.digest, [version.item]));
  return { trusted: new TrustedKeys(chain), rootId: version.digest };
}

type Setup = { readonly began?: number; readonly unseenAt?: number; readonly revoked?: Revocation };

/** What is told about each entry by these rules, as codes with their severity. */
async function judging(rules: readonly JsonObject[], { began = 0, unseenAt, revoked }: Setup = {}) {
  const { trusted, rootId } = await trust(revoked);
  const live = new LiveApprovals([]);
  const parsed = parseRules({ type: 'assent/monitor-rules/v1', rules }, 'rules.json');
  const judge = new EntryJudge({ log: log.origin, rules: parsed, trusted, live });
  let index = 0;
  let hidden = 0;
  const take = async (entry: Parameters<typeof log.append>[0]) => {
    const read = await readEntry(log.append(entry).entry, index, log.origin, primitives);
    const told = judge.judge(read, index++, { began, hidden, clock: 0, unseenAt });
    if (entry.salt !== undefined) hidden++;
    return told;
  };
  const approve = (by: TestKey, overrides: Partial<Statement> = {}, now = T) =>
    createApproval({
      origin: log.origin,
      serviceKey: by,
      now,
      overrides: { organization: rootId, boundaries: [gateway.publicKey.keyid], ...overrides },
    });
  return { judge, live, take, approve };
}

const codes = (events: readonly { readonly code: string; readonly severity: string }[]) =>
  events.map(({ code, severity }) => `${code} ${severity}`);

describe('a rule untrusted_key', () => {
  const rules = [{ id: 'strangers', when: 'untrusted_key' }];

  it('tells of keys that are not listed, of the organization of the trust root', async () => {
    const { take, approve } = await judging(rules);
    expect(await take({ content: approve(alice).envelope, loggedAt: T })).toEqual([]);
    const [told] = await take({ content: approve(stranger).envelope, loggedAt: T });
    expect(told).toMatchObject({
      code: 'untrusted_key',
      severity: 'alarm',
      detail: expect.stringContaining('signer_not_listed'),
    });
    const other = approve(stranger, { organization: `sha256:${'0'.repeat(64)}` });
    expect(await take({ content: other.envelope, loggedAt: T })).toEqual([]);
  });

  it('is about what it says, whatever organization that names', async () => {
    const { take, approve } = await judging([{ ...rules[0]!, service: 'approvals.*' }]);
    const other = approve(stranger, { organization: `sha256:${'0'.repeat(64)}` });
    expect(codes(await take({ content: other.envelope, loggedAt: T }))).toEqual(['untrusted_key alarm']);
  });

  it('tells of a stolen key, also if the log backdates what its thief signs', async () => {
    const revoked = {
      reason: 'compromised',
      at: '2026-04-03T18:00:00.000Z',
      since: '2026-04-03T17:02:00.000Z',
    } as const;
    const honest = await judging(rules, { revoked });
    expect(await honest.take({ content: honest.approve(alice).envelope, loggedAt: T })).toEqual([]);
    const late = await honest.take({ content: honest.approve(alice).envelope, loggedAt: T + 3 * MINUTE });
    expect(late[0]?.detail).toContain('key_compromised');
    const backdated = await judging(rules, { revoked, unseenAt: T + 4 * MINUTE });
    const [told] = await backdated.take({ content: backdated.approve(alice).envelope, loggedAt: T });
    expect(told?.detail).toContain('key_compromised');
  });

  it('tells of a retired key, and of a boundary that is none', async () => {
    const revoked = { reason: 'retired', at: '2026-04-03T17:00:00.000Z' } as const;
    const { take, approve } = await judging(rules, { revoked });
    expect((await take({ content: approve(alice).envelope, loggedAt: T }))[0]?.detail).toContain('key_retired');
    const approval = approve(stranger, { boundaries: [stranger.publicKey.keyid] });
    await take({ content: approval.envelope, loggedAt: T });
    const use = createConsumption({ approval, key: stranger });
    expect(codes(await take({ kind: 'consumption', content: use.envelope, loggedAt: T }))).toEqual([
      'untrusted_key alarm',
    ]);
  });
});

describe('a new version of the trust root', () => {
  it('is told where keys are judged by the one before', async () => {
    const first = createTrustVersion({ rootKeys: [root], issuedAt: T });
    const second = createTrustVersion({ previous: first, issuedAt: T + MINUTE });
    const { chain } = unwrap(await verifyTrustRoot(first.digest, [first.item]));
    const options = { log: log.origin, rules: [], live: new LiveApprovals([]) };
    const judge = new EntryJudge({ ...options, trusted: new TrustedKeys(chain) });
    const take = async (content: JsonObject, by = judge) => {
      const { entry } = log.append({ kind: 'trust-root', content, loggedAt: T });
      return by.judge(await readEntry(entry, 9, log.origin, primitives), 9, BEFORE);
    };
    expect(await take(first.envelope)).toEqual([]);
    expect(await take(second.envelope)).toMatchObject([
      {
        code: 'trust_root',
        detail: expect.stringContaining('version 2 of the trust root, and keys are judged by version 1'),
      },
    ]);
    expect(await take(second.envelope, new EntryJudge({ ...options, trusted: undefined }))).toEqual([]);
  });
});

describe('a rule unconsumed', () => {
  const rules = [{ id: 'forgotten', when: 'unconsumed', after_seconds: 3600, action: 'payment.*' }];

  it('tells once of what nobody used in time, though it has expired', async () => {
    const { take, approve, judge, live } = await judging(rules);
    await take({ content: approve(alice).envelope, loggedAt: T });
    live.forget(T + 30 * MINUTE, 3_600_000, T + 30 * MINUTE);
    expect(judge.overdue(T + 60 * MINUTE - 1)).toEqual([]);
    expect(codes(judge.overdue(T + 60 * MINUTE))).toEqual(['unconsumed alarm']);
    expect(judge.overdue(T + 90 * MINUTE)).toEqual([]);
    live.forget(T + 90 * MINUTE, 3_600_000, T + 90 * MINUTE);
    expect(live.list()).toEqual([]);
  });

  it('has nothing to say of what was used, may be used again, or was refused', async () => {
    const { take, approve, judge, live } = await judging(rules);
    const approval = approve(alice);
    await take({ content: approval.envelope, loggedAt: T });
    await take({ kind: 'consumption', content: createConsumption({ approval, key: gateway }).envelope, loggedAt: T });
    await take({ content: approve(alice, { use: 'multiple' }).envelope, loggedAt: T });
    await take({ content: approve(alice, { decision: 'rejected' }).envelope, loggedAt: T });
    expect(judge.overdue(T + 1000 * MINUTE)).toEqual([]);
    expect(live.list()).toEqual([]);
  });
});

describe('a rule unapproved', () => {
  const rules = [{ id: 'out-of-nowhere', when: 'unapproved' }];
  const consume = (approval: ReturnType<typeof createApproval>, overrides = {}, key = gateway) => ({
    kind: 'consumption' as const,
    content: createConsumption({ approval, key, overrides }).envelope,
    loggedAt: T + MINUTE,
  });

  it('tells of the second use, of one that was too late, for something else, or by another boundary', async () => {
    const { take, approve } = await judging(rules);
    const approval = approve(alice);
    await take({ content: approval.envelope, loggedAt: T });
    expect(await take(consume(approval))).toEqual([]);
    expect(codes(await take(consume(approval)))).toEqual(['unapproved alarm']);

    const told = async (use: Parameters<typeof take>[0], next = approve(alice)) => {
      await take({ content: next.envelope, loggedAt: T });
      return (await take(use))[0]?.detail;
    };
    const [late, other, foreign] = [approve(alice), approve(alice), approve(alice)];
    expect(await told({ ...consume(late), loggedAt: T + 15 * MINUTE }, late)).toContain('had expired');
    expect(await told(consume(other, { intent: `sha256:${'0'.repeat(64)}` }), other)).toContain('for another action');
    expect(await told(consume(foreign, {}, stranger), foreign)).toContain('does not name its key');
  });

  it('is not sure where it could not look', async () => {
    const sealed = await judging(rules);
    const approval = sealed.approve(alice);
    await sealed.take({ content: approval.envelope, salt: createSalt(), loggedAt: T });
    expect(codes(await sealed.take(consume(approval)))).toEqual(['unapproved notice']);
    const late = await judging(rules, { began: 5 });
    const [told] = await late.take(consume(approval));
    expect(told).toMatchObject({ severity: 'notice', detail: expect.stringContaining('before entry 5') });
  });
});

describe('an entry that no log may take', () => {
  it('is told without a rule; one of a later version is said not to be looked at', async () => {
    const { judge } = await judging([]);
    const tell = async (text: string) =>
      codes(judge.judge(await readEntry(new TextEncoder().encode(text), 0, log.origin, primitives), 0, BEFORE));
    expect(await tell('{"type":"assent/entry/v2"}')).toEqual(['unreadable_entry notice']);
    expect(await tell('{}')).toEqual(['invalid_entry alarm']);
    const { take, approve } = await judging([]);
    const { payload, signatures, payloadType } = approve(alice).envelope;
    const [signature] = signatures as readonly JsonObject[];
    const forged = { payload, payloadType, signatures: [{ ...signature, sig: Buffer.alloc(64).toString('base64') }] };
    const [told] = await take({ content: forged as JsonObject, loggedAt: T });
    expect(told).toMatchObject({ code: 'invalid_entry', detail: expect.stringMatching(/\(signature_\w+\)/) });
  });
});

describe('the time of an entry', () => {
  const at = async (loggedAt: number, before: Partial<Before>) => {
    const { judge, approve } = await judging([]);
    const { entry } = log.append({ content: approve(alice).envelope, loggedAt });
    return codes(judge.judge(await readEntry(entry, 0, log.origin, primitives), 0, { ...BEFORE, ...before }));
  };

  it('is not before that of the entry before it', async () => {
    expect(await at(T, { clock: T })).toEqual([]);
    expect(await at(T, { clock: T + 1 })).toEqual(['invalid_entry alarm']);
  });

  it('is not long before witnesses saw the tree without it', async () => {
    expect(await at(T, { unseenAt: T + 5 * MINUTE })).toEqual([]);
    expect(await at(T, { unseenAt: T + 5 * MINUTE + 1 })).toEqual(['backdated alarm']);
  });
});

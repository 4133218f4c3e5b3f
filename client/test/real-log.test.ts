import {
  createApproval,
  createConsumption,
  createServiceKey,
  createTestDatabase,
  type TestDatabase,
} from '@assent/test-support';
import { createServerHome, type ServerHome, type ServerProcess } from '@assent/test-support/fault/index';
import { attachConsumption, base64Encode, createSalt, verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlreadyConsumed, keysOnFirstUse, LogClient, type Submission } from '../src/index.ts';

/** The client and the built log as a service would use them. */
describe('LogClient and a real log', () => {
  const key = createServiceKey();
  let database: TestDatabase;
  let home: ServerHome;
  let server: ServerProcess;
  let log: LogClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    home = createServerHome({ databaseUrl: database.url });
    server = await home.start();
    const logKeys = await keysOnFirstUse(server.url);
    log = new LogClient({ url: server.url, apiKey: home.apiKey, trust: { logKeys } });
  });
  afterAll(async () => {
    await home?.remove();
    await database?.drop();
  });

  const approve = () => createApproval({ origin: home.origin, serviceKey: key });

  it('appends each visibility once, however often it is sent', async () => {
    const [open, revealed, sealed] = [approve(), approve(), approve()];
    const submissions: Submission[] = [
      { visibility: 'open', content: open.envelope },
      { visibility: 'revealed', content: revealed.envelope, intent: { ...revealed.intent } },
      { visibility: 'sealed', content: sealed.envelope, salt: base64Encode(createSalt()) },
    ];
    for (const submission of submissions) {
      const first = await log.append(submission);
      expect(first).toMatchObject({ created: true, report: { verdict: 'authentic' } });
      expect(await log.append(submission)).toMatchObject({ created: false, index: first.index });
      expect((await log.receipt(first.index)).index).toBe(first.index);
    }
    const { service, id } = open.statement;
    expect((await log.receipt({ service, id })).report.approval?.id).toBe(id);
    const taken = log.append({ visibility: 'revealed', content: open.envelope, intent: { ...open.intent } });
    await expect(taken).rejects.toMatchObject({ code: 'identity_conflict', index: 0 });
  });

  it('finds what is called like a folder', async () => {
    for (const [service, id] of [
      ['approvals.example.com', '..'],
      ['.', 'req_1'],
    ] as const) {
      const { envelope } = createApproval({ origin: home.origin, serviceKey: key, overrides: { service, id } });
      const { index } = await log.append({ visibility: 'open', content: envelope });
      expect((await log.receipt({ service, id })).index).toBe(index);
    }
  });

  it('appends more than fit into one batch', async () => {
    const submissions = Array.from(
      { length: 1_100 },
      (): Submission => ({ visibility: 'open', content: approve().envelope }),
    );
    const bad: Submission = {
      visibility: 'open',
      content: createApproval({ origin: 'another.log', serviceKey: key }).envelope,
    };
    const outcomes = await log.appendAll([...submissions.slice(0, 500), bad, ...submissions.slice(500)]);
    expect(outcomes).toHaveLength(1_101);
    expect(outcomes[500]).toMatchObject({ refused: { status: 422, code: 'content_refused' } });
    const indexes = new Set(outcomes.map((outcome) => ('appended' in outcome ? outcome.appended.index : -1)));
    expect(indexes.size).toBe(1_101);
  });

  it('consumes an approval once, and tells whoever comes later by which receipt', async () => {
    const boundary = createServiceKey();
    const overrides = { boundaries: [boundary.publicKey.keyid] };
    const approval = createApproval({ origin: home.origin, serviceKey: key, overrides });
    const { receipt } = await log.append({ visibility: 'open', content: approval.envelope });
    const { envelope, attempt } = createConsumption({ approval, key: boundary });
    const consumed = await log.consume(envelope, { wait: 'witnessed' });
    expect(consumed).toMatchObject({ created: true, report: { consumption: { approval: approval.digest, attempt } } });
    expect(await log.consume(envelope)).toMatchObject({ created: false, index: consumed.index });

    const late = await log.consume(createConsumption({ approval, key: boundary }).envelope).catch((error) => error);
    expect(late).toBeInstanceOf(AlreadyConsumed);
    expect(late).toMatchObject({ status: 409, index: consumed.index, first: { report: { consumption: { attempt } } } });

    const attached = attachConsumption(receipt, consumed.receipt);
    const pins = { logKeys: await keysOnFirstUse(server.url), boundary: { keyid: boundary.publicKey.keyid, attempt } };
    const report = await verifyReceipt(attached.ok ? attached.value : '', pins);
    expect(report.checks.at(-1)).toMatchObject({ id: 'use', status: 'skip', code: 'no_trust_root' });
    await expect(log.consume(approval.envelope)).rejects.toThrow(TypeError);
  });
});

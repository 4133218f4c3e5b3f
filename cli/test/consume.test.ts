/** `assent consume` against a log that answers what a test tells it to. With the real one: trust-ceremony.slow.test.ts. */
import { createPrivateKey } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  createConsumption,
  createServiceKey,
  createTestLog,
  createTestWitness,
  withCheckpoint,
} from '@assent/test-support';
import { createTestOrganization } from '@assent/test-support/organizations';
import { type Handler, json, type ScriptedServer, startScriptedServer } from '@assent/test-support/scripted-server';
import type { Json } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, type Run, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const file = (name: string, content: unknown): string => {
  const target = path.join(folder, name);
  writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(target, 0o600);
  return target;
};

const log = createTestLog({ origin: 'log.example.com' });
const acme = createTestOrganization({ rootKey: createServiceKey() });
const approval = acme.approve({ origin: log.origin });
const receipt = file('refund.receipt.json', log.append({ content: approval.envelope }).receipt);
const pins = [
  '--log-key',
  log.vkey,
  '--intent',
  file('intent.json', approval.intent),
  '--trust-root',
  acme.trustRoot.rootId,
  '--trust-versions',
  file('versions.json', acme.trustRoot.versions),
  '--approval-policy',
  file('policy.json', acme.approvalPolicy),
];
const key = [
  '--key',
  file('boundary.pem', acme.boundary.pem),
  '--api-key-file',
  file('api-key', `assent_0011aabb_${'s'.repeat(43)}`),
];

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

let attempts = 0;
const consume = (...more: string[]): Promise<Run> =>
  runAssent([
    'consume',
    receipt,
    '--log',
    server.url,
    ...pins,
    ...key,
    '--attempt',
    path.join(folder, `${attempts++}.json`),
    '--json',
    ...more,
  ]);

const consumptionReceipt = (content: Json): string => log.append({ kind: 'consumption', content }).receipt;
/** Sends a receipt of `change` of what it was sent. */
const takes =
  (change: (content: Json) => Json = (content) => content): Handler =>
  (response, { body }) =>
    json(response, 201, consumptionReceipt(change((JSON.parse(body) as { content: Json }).content)));
const another = (overrides = {}) => createConsumption({ approval, key: acme.boundary, overrides }).envelope;
const conflict =
  (first?: string): Handler =>
  (response) =>
    json(response, 409, {
      code: 'already_consumed',
      detail: 'It is consumed.',
      ...(first !== undefined && { receipt: JSON.parse(first) as Json }),
    });

describe('assent consume', () => {
  it('sends the attempt that is on disk by then, and prints a receipt that authorizes', async () => {
    server.answer((response, request, count) => {
      const there = readFileSync(path.join(folder, `${attempts - 1}.json`), 'utf8');
      expect((JSON.parse(request.body) as { content: Json }).content).toEqual(JSON.parse(there));
      takes()(response, request, count);
    });
    const run = await consume();
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('authorized: ')]);
    expect(server.seen).toMatchObject([{ method: 'POST', path: '/api/v1/consumptions?wait=signed' }]);
    expect(jsonOf(run)).toHaveProperty('consumption.type', 'assent/receipt/v1');
  });

  it('opens the key of a boundary that is under a passphrase', async () => {
    const format = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'correct horse' } as const;
    const locked = String(createPrivateKey(acme.boundary.pem).export(format));
    server.answer(takes());
    const run = await consume(
      ...['--key', file('locked.pem', locked)],
      ...['--passphrase-file', file('passphrase', 'correct horse')],
    );
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('authorized: ')]);
  });

  it('goes on with an attempt only when told to', async () => {
    server.answer((response) => response.destroy());
    const lost = await consume();
    expect([lost.exitCode, jsonOf(lost).code]).toEqual([3, 'connection_lost']);
    const same = ['--attempt', path.join(folder, `${attempts - 1}.json`)];
    server.answer(takes());
    const again = await consume(...same);
    expect([again.exitCode, jsonOf(again).code, server.seen.length]).toEqual([2, 'file_exists', 0]);
    const resumed = await consume(...same, '--resume');
    expect([resumed.exitCode, server.seen.length]).toEqual([0, 1]);
  });

  it('lets nothing run before witnesses have seen the consumption, and waits for them', async () => {
    const witness = createTestWitness({ name: 'witness.test/a' });
    const seen = (text: string): string => withCheckpoint(text, (note) => witness.append(note, Date.now()));
    const policy = file('log.policy', `log ${log.vkey}\nwitness a ${witness.vkey}\nquorum a\n`);
    const own = acme.approve({ origin: log.origin });
    const approved = file('seen.receipt.json', seen(log.append({ content: own.envelope }).receipt));
    const args = [...pins, '--intent', file('own.intent.json', own.intent), '--log-policy', policy];
    let logged = '';
    server.answer((response, { method, body }) => {
      if (method === 'GET') return json(response, 200, seen(logged));
      if (logged === '') logged = consumptionReceipt((JSON.parse(body) as { content: Json }).content);
      json(response, 201, logged);
    });
    const run = (...more: string[]) => runAssent(['consume', approved, '--log', server.url, ...args, ...key, ...more]);
    const early = await run();
    expect([early.exitCode, early.stderr]).toEqual([2, expect.stringContaining('authentic: ')]);
    const late = await run('--resume', '--wait', 'witnessed');
    expect([late.exitCode, late.stderr]).toEqual([0, expect.stringContaining('authorized: ')]);
  });

  it.each<[string, Handler, number, string]>([
    ['shows that another one was first', conflict(consumptionReceipt(another())), 1, 'conflict'],
    [
      'shows a consumption of something else',
      conflict(consumptionReceipt(another({ approval: `sha256:${'0'.repeat(64)}` }))),
      1,
      'receipt_refused',
    ],
    [
      'shows an approval',
      conflict(log.append({ content: acme.approve({ origin: log.origin }).envelope }).receipt),
      1,
      'receipt_refused',
    ],
    [
      "shows another log's receipt",
      conflict(
        createTestLog({ origin: 'other.example.com' }).append({ kind: 'consumption', content: another() }).receipt,
      ),
      1,
      'receipt_refused',
    ],
    ['says so without a receipt', conflict(), 1, 'conflict'],
    ['answers with another attempt', takes(() => another()), 1, 'receipt_refused'],
    [
      'has no such approval',
      (response) => json(response, 404, { code: 'approval_unknown', detail: 'It is not here.' }),
      2,
      'not_found',
    ],
  ])('does not let the action run when the log %s', async (_, handler, exitCode, code) => {
    server.answer(handler);
    const run = await consume('-o', path.join(folder, 'never.json'));
    expect([run.exitCode, jsonOf(run).code]).toEqual([exitCode, code]);
    expect(existsSync(path.join(folder, 'never.json'))).toBe(false);
  });
});

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  createApproval,
  createServiceKey,
  createTestLog,
  createTestWitness,
  withCheckpoint,
} from '@assent/test-support';
import { type Handler, json, type ScriptedServer, startScriptedServer } from '@assent/test-support/scripted-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  const target = path.join(folder, name);
  writeFileSync(target, text, { mode: 0o600 });
  return target;
};

const SEEN = Date.parse('2027-01-01T00:00:00.000Z');
const log = createTestLog({ origin: 'log.example.com' });
const approval = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
const { receipt } = log.append({ content: approval.envelope });
const [A, B] = ['A', 'B'].map((name) => createTestWitness({ name: `witness.test/${name}` }));
const cosigned = withCheckpoint(receipt, (note) => B!.append(A!.append(note, SEEN), SEEN + 5_000));
const witnesses = `witness A ${A!.vkey} https://a.test\nwitness B ${B!.vkey}\ngroup both all A B\nquorum both\n`;
const policyFile = file('log.policy', `log ${log.vkey}\n${witnesses}`);
const cosignedFile = file('cosigned.receipt.json', cosigned);
const receiptFile = file('plain.receipt.json', receipt);
const envelopeFile = file('envelope.json', JSON.stringify(approval.envelope));
const apiKeyFile = file('api-key', `assent_0011aabb_${'s'.repeat(43)}\n`);

describe('--log-policy', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  it('shows who cosigned, and since when a quorum has seen it', async () => {
    const run = await runAssent(['verify', cosignedFile, '--log-policy', policyFile, '--offline']);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toContain('cosigned by  A at 2027-01-01T00:00:00.000Z');
    expect(run.stdout).toContain('cosigned by  B at 2027-01-01T00:00:05.000Z');
    expect(run.stdout).toContain('seen by      a quorum of witnesses at 2027-01-01T00:00:05.000Z');
    const report = jsonOf(await runAssent(['verify', cosignedFile, '--log-policy', policyFile, '--json']));
    expect(report).toMatchObject({ verdict: 'authentic', log: { seen_by: '2027-01-01T00:00:05.000Z' } });
  });

  it('ends with 2 where the quorum has not cosigned', async () => {
    const run = await runAssent(['verify', receiptFile, '--log-policy', policyFile, '--json']);
    expect(run.exitCode).toBe(2);
    expect(jsonOf(run)).toMatchObject({ verdict: 'incomplete' });
    expect(JSON.stringify(jsonOf(run))).toContain('quorum_not_reached');
  });

  it('takes the key of the log from --log-key where it names no log, and refuses one that it does not list', async () => {
    const nameless = file('witnesses.policy', witnesses);
    const run = await runAssent(['verify', cosignedFile, '--log-policy', nameless, '--log-key', log.vkey]);
    expect(run.exitCode, run.stderr).toBe(0);
    const other = createTestLog({ origin: 'other.test' });
    const refused = await runAssent(['verify', cosignedFile, '--log-policy', policyFile, '--log-key', other.vkey]);
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('lists logs, and not the one of --log-key');
  });

  it('names the line that is wrong', async () => {
    const wrong = file('wrong.policy', `log ${log.vkey}\nwitness A\nquorum none\n`);
    const run = await runAssent(['verify', cosignedFile, '--log-policy', wrong]);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('is no log policy: line 2');
    const empty = await runAssent(['verify', cosignedFile, '--log-policy', file('empty.policy', '')]);
    expect([empty.exitCode, empty.stdout]).toEqual([2, '']);
    expect(empty.stderr).toContain('empty.policy is no log policy: it is empty');
    const nameless = await runAssent(['verify', cosignedFile, '--log-policy', file('nameless.policy', witnesses)]);
    expect(nameless.exitCode).toBe(2);
    expect(nameless.stderr).toContain('nameless.policy lists no log, so nobody knows who signed this');
  });

  it('holds for receipts that a log answers with', async () => {
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.assent.receipt+json' }).end(cosigned);
    });
    const run = await runAssent(['receipt', '0', '--log', server.url, '--log-policy', policyFile]);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
  });

  it('lets receipt wait for witnesses, and says when they were too late', async () => {
    const answer = (text: string): Handler => {
      return (response) => response.writeHead(200, { 'content-type': 'application/vnd.assent.receipt+json' }).end(text);
    };
    const receiptWith = (...args: string[]) => runAssent(['receipt', '0', '--log', server.url, ...args]);
    const wait = ['--log-policy', policyFile, '--wait', 'witnessed'];
    server.answer((response, request, count) => answer(count < 3 ? receipt : cosigned)(response, request, count));
    const run = await receiptWith(...wait);
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([0, `${cosigned}\n`, '']);
    expect(server.seen).toHaveLength(3);

    server.answer(answer(receipt));
    const late = await receiptWith(...wait, '--timeout', '3');
    expect([late.exitCode, late.stdout]).toEqual([2, `${receipt}\n`]);
    expect(late.stderr).toContain('the witnesses have not cosigned within 3 s');

    server.answer(answer(cosigned.replace('index 0', 'index 1')));
    expect(await receiptWith(...wait)).toMatchObject({ exitCode: 1, stdout: '' });
    expect(server.seen).toHaveLength(1);

    server.answer(answer(cosigned));
    for (const [args, words] of [
      [['--wait', 'witnessed'], 'needs --log-policy'],
      [[...wait, '--no-verify'], 'cannot wait for witnesses'],
    ] as const) {
      const refused = await receiptWith(...args);
      expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
      expect(refused.stderr).toContain(words);
    }
    expect(server.seen).toHaveLength(0);
  });

  it('lets append wait for witnesses, and says when they were too late', async () => {
    const late: Handler = (response, request) => {
      if (request.method === 'POST') return json(response, 202, { index: 0, state: 'signed' });
      response.writeHead(200, { 'content-type': 'application/vnd.assent.receipt+json' }).end(receipt);
    };
    const append = () =>
      runAssent(
        ['append', envelopeFile, '--log', server.url, '--api-key-file', apiKeyFile, '--wait', 'witnessed'].concat([
          '--log-policy',
          policyFile,
        ]),
      );
    server.answer(late);
    const run = await append();
    expect(run.exitCode, run.stderr).toBe(2);
    expect(run.stdout).toBe(`${receipt}\n`);
    expect(run.stderr).toContain('the witnesses have not cosigned in time');
    expect(server.seen[0]?.path).toBe('/api/v1/entries?wait=witnessed');
    server.answer((response) => {
      response.writeHead(201, { 'content-type': 'application/vnd.assent.receipt+json' }).end(cosigned);
    });
    const inTime = await append();
    expect([inTime.exitCode, inTime.stdout]).toEqual([0, `${cosigned}\n`]);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createApproval,
  createServiceKey,
  createTestDatabase,
  type TestApproval,
  type TestDatabase,
} from '@assent/test-support';
import { type ServerProcess, startServerProcess } from '@assent/test-support/fault/server-process';
import { verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKeyText } from '../src/api-key-text.ts';
import { type Outcome, runProgram } from './support/run-program.ts';
import { ORIGIN } from './support/test-log.ts';

// The built program from end to end: keys by its commands, a batch through its threads, and whose entries they were.

const SERVICE = 'refunds.example.com';
const serviceKey = createServiceKey();
const boundary = `sha256:${'b'.repeat(64)}`;
const trustRoot = `sha256:${'c'.repeat(64)}`;
const approve = (service = SERVICE): TestApproval =>
  createApproval({ origin: ORIGIN, serviceKey, overrides: { service } });

let database: TestDatabase;
let dataDir: string;
let server: ServerProcess;
const bootstrapKey = createApiKeyText();

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(path.join(tmpdir(), 'assent-keys-'));
  server = await startServerProcess({ dataDir, databaseUrl: database.url, origin: ORIGIN, apiKey: bootstrapKey });
});

afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const keys = (...args: string[]): Promise<Outcome> =>
  runProgram(['keys', ...args], { DATABASE_URL: database.url, ASSENT_DATA_DIR: dataDir });

async function batch(key: string, entries: object[]): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return fetch(`${server.url}/api/v1/entries/batch`, { method: 'POST', headers, body: JSON.stringify({ entries }) });
}

it('hands out a key with terms, holds it to them, changes its rate, and tells what it appended', async () => {
  const terms = ['--blind', '--foreign', '--default-visibility', 'sealed', '--rate', '0.001', '--burst', '60'];
  const digests = ['--boundary', boundary, '--trust-root', trustRoot];
  const added = await keys('add', '--name', 'refunds', '--service', SERVICE, ...terms, ...digests);
  expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^assent_[0-9a-f]{8}_[\w-]{43}\n$/) });
  expect(added.stderr).toContain(`statements of ${SERVICE}; consumptions of boundary ${boundary}; `);
  const key = added.stdout.trim();
  const id = key.slice(7, 15);
  // A boundary's key needs no service.
  expect(await keys('add', '--name', 'gateway', '--boundary', boundary)).toMatchObject({ code: 0 });
  const [json, table] = await Promise.all([keys('list', '--json'), keys('list')]);
  expect(JSON.parse(json.stdout).keys.find((listed: { id: string }) => listed.id === id)).toEqual({
    id,
    name: 'refunds',
    services: [SERVICE],
    boundaries: [boundary],
    trust_roots: [trustRoot],
    blind: true,
    foreign: true,
    default_visibility: 'sealed',
    rate: { per_second: 0.001, burst: 60 },
    created_at: expect.any(String),
  });
  expect(table.stdout).toMatch(
    new RegExp(
      `^${id}  refunds +${SERVICE}  0\\.001/s \\(60\\)  blind, foreign, sealed by default, boundaries: 1, trust roots: 1  `,
      'm',
    ),
  );
  expect(table.stdout).toMatch(/^[0-9a-f]{8} {2}gateway +- +- +boundaries: 1 /m);
  expect(table.stdout + json.stdout).not.toContain(key.slice(16));

  const first = await batch(bootstrapKey, [{ kind: 'approval', content: approve('other.example.com').envelope }]);
  expect(first.status).toBe(200);
  const entries = Array.from({ length: 50 }, (_, i) => {
    const { envelope } = approve(i === 20 ? 'other.example.com' : SERVICE);
    return { kind: 'approval', visibility: 'open', content: i === 30 ? { ...envelope, payload: 'AAAA' } : envelope };
  });
  const response = await batch(key, entries);
  const { results } = (await response.json()) as { results: { status: number; index?: number; receipt?: object }[] };
  expect(results.map(({ status }) => status)).toEqual(entries.map((_, i) => (i === 20 ? 403 : i === 30 ? 422 : 201)));
  expect(results.flatMap(({ index }) => index ?? [])).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
  const { vkeys } = (await (await fetch(`${server.url}/api/v1/log`)).json()) as { vkeys: string[] };
  const report = await verifyReceipt(JSON.stringify(results[49]?.receipt), { logKeys: vkeys });
  expect(report.verdict, report.summary).toBe('authentic');
  const over = await batch(key, entries.slice(0, 11));
  expect(over.status).toBe(429);
  expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(900);

  const [whois, whoisJson, appended, nobody, limited, unlimited] = await Promise.all([
    keys('whois', '0', '48'),
    keys('whois', '1', '--json'),
    keys('appended', id),
    keys('whois', '49'),
    keys('limit', 'ffffffff', '--rate', '5'),
    keys('limit', id, '--rate', '7'),
  ]);
  expect(whois.stdout).toBe(
    `ENTRY  KEY       NAME\n0      ${bootstrapKey.slice(7, 15)}  first key\n48     ${id}  refunds\n`,
  );
  expect(JSON.parse(whoisJson.stdout)).toEqual({
    type: 'assent/appended-by/v1',
    entries: [{ index: 1, key: id, name: 'refunds' }],
  });
  expect(appended).toMatchObject({ code: 0, stdout: '1-48\n' });
  expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('There is no entry 49.') });
  expect(limited).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no API key ffffffff') });
  expect(unlimited).toMatchObject({ code: 0, stderr: expect.stringContaining('7 records a second, and 70 at once') });
});

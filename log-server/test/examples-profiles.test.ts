import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '@assent/test-support';
import { type ServerProcess, startServerProcess } from '@assent/test-support/fault/server-process';
import { verifyReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKeyText } from '../src/api-key-text.ts';

// The programs are run as a reader runs them, against the built server: `npm test` builds it first.
const EXAMPLES = fileURLToPath(new URL('../../examples/profiles/', import.meta.url));
const run = promisify(execFile);

let database: TestDatabase;
let folder: string;
let server: ServerProcess;
let apiKeyFile: string;
let logKeys: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'assent-profiles-'));
  const apiKey = createApiKeyText();
  apiKeyFile = path.join(folder, 'key');
  writeFileSync(apiKeyFile, `${apiKey}\n`);
  server = await startServerProcess({
    dataDir: folder,
    databaseUrl: database.url,
    origin: 'log.test/profiles',
    apiKey,
  });
  logKeys = ((await (await fetch(`${server.url}/api/v1/log`)).json()) as { vkeys: string[] }).vkeys;
});

afterAll(async () => {
  await server.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

describe('the examples of profiles', () => {
  it.each([
    ['cosignet', 'Cosignet', 'approved'],
    ['signed-approval', 'SignedApproval', 'approved'],
    ['agentmint', 'AgentMint', 'approved'],
    ['in-toto', 'in-toto', 'none'],
  ])('%s makes, appends and verifies one', async (name, format, decision) => {
    const receiptFile = path.join(folder, `${name}.receipt.json`);
    const { stdout } = await run(process.execPath, [`${EXAMPLES}${name}.mjs`, server.url, apiKeyFile, receiptFile]);
    expect(stdout).toMatch(/^authentic: The evidence holds: /);
    expect(stdout).toContain('not proven: ');
    const report = await verifyReceipt(readFileSync(receiptFile), { logKeys });
    expect(report.verdict).toBe('authentic');
    expect(report.foreign).toMatchObject({ format, decision });
  });
});

/** The commands about trust roots without a log. The whole ceremony with one: trust-ceremony.slow.test.ts. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createAuthenticator } from '@assent/test-support';
import { createRegistration, newChallenge } from '@assent/test-support/registrations';
import { beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

const cwd = temporaryFolder();
const trust = (...args: string[]) => runAssent(['trust', ...args], { cwd });
const write = (name: string, content: string): void => writeFileSync(path.join(cwd, name), content, { mode: 0o600 });
const read = (name: string): string => readFileSync(path.join(cwd, name), 'utf8');

const keys = {
  a: generateKeyPairSync('ed25519'),
  b: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  x: generateKeyPairSync('ed25519'),
};
const dora = createAuthenticator({ rpId: 'example.com', origin: 'https://approvals.example.com' });
const challenge = newChallenge();
const passkey = [
  '--approver',
  'dora@example.com',
  '--role',
  'finance',
  '--registration',
  'dora.json',
  '--challenge',
  Buffer.from(challenge).toString('base64url'),
  '--origin',
  dora.origin,
  '--rp-id',
  dora.rpId,
];

beforeAll(async () => {
  for (const [name, { publicKey, privateKey }] of Object.entries(keys)) {
    write(`${name}.pub`, String(publicKey.export({ type: 'spki', format: 'pem' })));
    write(`${name}.pem`, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  }
  write(
    'dora.json',
    JSON.stringify(createRegistration(dora, { challenge, attestation: { format: 'tpm', statement: new Map() } })),
  );
  const run = await trust(
    'init',
    '--name',
    'acme.example',
    '--root-key',
    'a.pub',
    '--root-key',
    'b.pub',
    '--threshold',
    '2',
    '-o',
    'v1.json',
  );
  expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('careful: all 2 root keys')]);
  expect(run.stdout).toContain('missing    2 signatures');
  expect(statSync(path.join(cwd, 'v1.json')).mode & 0o777).toBe(0o600);
});

describe('assent trust', () => {
  it('says plainly that an attestation was not verified', async () => {
    const run = await trust('add', 'v1.json', ...passkey, '-o', 'with-dora.json', '--json');
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain('tpm, NOT VERIFIED');
    expect(jsonOf(run)).toMatchObject({
      type: 'assent/trust-draft-status/v1',
      version: 1,
      changes: expect.arrayContaining([expect.objectContaining({ of: 'approver', name: 'dora@example.com' })]),
      signatures: { missing: 2, signed_by: [] },
    });
    const changed = await trust(
      'add',
      'with-dora.json',
      '--approver',
      'dora@example.com',
      '--role',
      'legal',
      '--update',
      '--json',
    );
    expect(JSON.stringify(jsonOf(changed).changes)).toContain('as legal');
  });

  it('adds a service, and a person with a key', async () => {
    const service = [
      '--service',
      'approvals.example.com',
      '--key',
      'x.pub',
      '--attests',
      'alice=finance,legal',
      '--method',
      'totp',
    ];
    const run = await trust('add', 'v1.json', ...service, '-o', 'service.json', '--json');
    expect(JSON.stringify(jsonOf(run).changes)).toContain('attests alice as finance, legal, by totp');
    const twice = await trust(
      'add',
      'service.json',
      '--approver',
      'alice',
      '--role',
      'finance',
      '--key',
      'x.pub',
      '--json',
    );
    expect([twice.exitCode, jsonOf(twice).code]).toEqual([2, 'usage']);
    expect(twice.stderr).toContain('already');
  });

  it('is signed with keys of both kinds, one of them in hardware, and then not changed by accident', async () => {
    write('signed.json', read('v1.json'));
    expect((await trust('sign', 'signed.json', '--key', 'a.pem')).exitCode).toBe(0);
    const change = ['add', 'signed.json', '--boundary', 'gw', '--key', 'x.pub'];
    const refused = await trust(...change, '--json');
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('--discard-signatures')]);
    expect(jsonOf(await trust(...change, '--discard-signatures', '-o', 'again.json', '--json'))).toMatchObject({
      signatures: { missing: 2 },
    });

    expect((await trust('sign', 'signed.json', '--to-sign', 'bytes')).exitCode).toBe(0);
    const { privateKey } = keys.b;
    writeFileSync(path.join(cwd, 'wrong.sig'), sign('sha256', Buffer.from('hello'), privateKey));
    const elsewhere = ['--public-key', 'b.pub', '--json'];
    const wrong = await trust('sign', 'signed.json', '--signature', 'wrong.sig', ...elsewhere);
    expect([wrong.exitCode, jsonOf(wrong).checks]).toMatchObject([1, [{ code: 'signature_invalid' }]]);
    writeFileSync(path.join(cwd, 'right.sig'), sign('sha256', readFileSync(path.join(cwd, 'bytes')), privateKey));
    const right = await trust('sign', 'signed.json', '--signature', 'right.sig', ...elsewhere);
    expect(jsonOf(right)).toMatchObject({ signatures: { missing: 0 } });
    expect((await trust('publish', 'signed.json', '--versions', 'versions.json', '--offline')).exitCode).toBe(0);
    const shown = await trust('show', 'versions.json', '--json');
    expect(jsonOf(shown)).toMatchObject({ type: 'assent/trust-root-view/v1', version: 1, draft: false });
  });
});

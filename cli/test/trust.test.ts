/** The commands about trust roots without a log. The whole ceremony with one: trust-ceremony.slow.test.ts. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createAuthenticator, createServiceKey, createTestLog } from '@assent/test-support';
import { createTestOrganization } from '@assent/test-support/organizations';
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
    const early = await trust('renew', 'versions.json', '--issued-at', 'now', '-o', 'early.json', '--json');
    expect([early.exitCode, jsonOf(early).message]).toEqual([2, expect.stringContaining('leave --issued-at away')]);
    const shown = await trust('show', 'versions.json', '--version', '1', '--json');
    expect(jsonOf(shown)).toMatchObject({ type: 'assent/trust-root-view/v1', version: 1, draft: false });
  });

  it('takes signatures that were made at the same time on copies of one draft, and no others', async () => {
    for (const [copy, key] of [
      ['alice.json', 'a.pem'],
      ['bob.json', 'b.pem'],
    ] as const) {
      expect((await trust('sign', 'v1.json', '--key', key, '-o', copy)).exitCode).toBe(0);
    }
    const run = await trust('merge', 'alice.json', 'bob.json', 'v1.json', '-o', 'merged.json', '--json');
    expect([run.exitCode, jsonOf(run)]).toMatchObject([0, { file: 'merged.json', signatures: { missing: 0 } }]);
    expect(statSync(path.join(cwd, 'merged.json')).mode & 0o777).toBe(0o600);
    // In place of the first: read whole before it is written.
    expect((await trust('merge', 'bob.json', 'alice.json')).exitCode).toBe(0);
    expect(jsonOf(await trust('show', 'bob.json', '--json'))).toMatchObject({ signatures: { missing: 0 } });

    expect((await trust('renew', 'v1.json', '-o', 'other.json')).exitCode).toBe(0);
    const before = read('alice.json');
    const refused = await trust('merge', 'alice.json', 'other.json', '--json');
    expect([refused.exitCode, jsonOf(refused)]).toMatchObject([
      1,
      { code: 'evidence_refused', checks: [{ id: 'trust' }] },
    ]);
    const signature = /"sig": "(.)/;
    write(
      'forged.json',
      read('bob.json').replace(signature, (text) => text.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A'))),
    );
    const forged = await trust('merge', 'alice.json', 'forged.json', '--json');
    expect([forged.exitCode, jsonOf(forged).message]).toMatchObject([1, expect.stringContaining('forged.json: ')]);
    expect(read('alice.json')).toBe(before);
    expect((await trust('merge', 'alice.json')).exitCode).toBe(2);
  });

  it('shows the versions that a receipt brings along, and whose choice they were', async () => {
    const acme = createTestOrganization({ rootKey: createServiceKey() });
    const log = createTestLog({ origin: 'log.example.com' });
    const receipt = JSON.parse(
      log.append({ content: acme.approve({ origin: log.origin }).envelope }).receipt,
    ) as object;
    write('with.receipt.json', JSON.stringify({ ...receipt, trust: acme.trustRoot.versions }));
    write('without.receipt.json', JSON.stringify(receipt));
    const run = await trust('show', 'with.receipt.json');
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('whoever made it chose them')]);
    expect(run.stdout).toContain(acme.trustRoot.rootId);
    const pinned = await trust('show', 'with.receipt.json', '--trust-root', acme.trustRoot.rootId, '--json');
    expect([pinned.exitCode, pinned.stderr, jsonOf(pinned).root_id]).toEqual([0, '', acme.trustRoot.rootId]);
    const other = await trust('show', 'with.receipt.json', '--trust-root', `sha256:${'0'.repeat(64)}`);
    expect(other.exitCode).toBe(1);
    const without = await trust('show', 'without.receipt.json');
    expect([without.exitCode, without.stderr]).toEqual([2, expect.stringContaining('brings no trust root along')]);
    // To look at them is all that they are good for.
    const change = ['--boundary', 'gw', '--key', 'x.pub', '-o', 'never.json'];
    expect((await trust('add', 'with.receipt.json', ...change)).exitCode).toBe(2);
  });
});

/**
 * An organization from zero, through the built programs alone: three people on three machines, a real log, a passkey of a real browser.
 * From the first root key to an approval that is used once, and to the day on which the passkey is stolen.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addVirtualAuthenticator, launchBrowser } from '@assent/test-support/browser';
import { makePasskey, usePasskey } from '@assent/test-support/browser-passkeys';
import {
  APPROVAL_PAYLOAD_TYPE,
  base64Decode,
  envelopeSignatureFromAssertion,
  formatEnvelope,
  formatStatement,
  formatTime,
  type Json,
  type PublicKey,
  parsePublicKey,
  passkeyRequest,
} from '@assent/verifier';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, type Run, runAssent, temporaryFolder } from './run-assent.ts';
import { type RunningLog, startLog } from './running-log.ts';

const desk = temporaryFolder();
const machines = {
  alice: path.join(desk, 'alice'),
  bob: path.join(desk, 'bob'),
  carol: path.join(desk, 'carol'),
} as const;
type Person = keyof typeof machines;

let log: RunningLog;
let browser: Browser;
let page: Page;
let origin: string;
let vkey: string;

beforeAll(async () => {
  for (const folder of Object.values(machines)) mkdirSync(folder);
  [log, browser] = await Promise.all([startLog(), launchBrowser()]);
  const url = new URL(log.url);
  // An address is no relying party.
  url.hostname = 'localhost';
  origin = url.origin;
  page = await (await browser.newContext()).newPage();
  await addVirtualAuthenticator(page);
  await page.goto(`${origin}/livez`);
  const about = (await (await fetch(`${log.url}/api/v1/log`)).json()) as { vkeys: string[] };
  vkey = about.vkeys[0]!;
});
afterAll(async () => {
  await browser?.close();
  await log?.stop();
});

const as = (person: Person, ...args: string[]): Promise<Run> => runAssent(args, { cwd: machines[person] });
async function done(person: Person, ...args: string[]): Promise<Run> {
  const run = await as(person, ...args);
  expect([args.join(' '), run.exitCode, run.stderr]).toEqual([args.join(' '), 0, run.stderr]);
  return run;
}
const at = (person: Person, file: string): string => path.join(machines[person], file);
const write = (person: Person, file: string, content: unknown): void =>
  writeFileSync(at(person, file), typeof content === 'string' ? content : JSON.stringify(content));
const read = (person: Person, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(at(person, file), 'utf8')) as Record<string, unknown>;
/** By mail, on a stick: whatever carries a file. */
const hand = (from: Person, to: Person, ...files: readonly string[]): void => {
  for (const file of files) copyFileSync(at(from, file), at(to, file));
};
const toLog = () => ['--log', log.url, '--log-key', vkey, '--api-key-file', log.apiKeyFile];

const rule = (id: string, action: string, use: 'single' | 'multiple'): Json => ({
  id,
  action,
  connector: 'stripe/*',
  effect: 'approve',
  require: { approvals: 1, roles: ['finance'], max_ttl_seconds: 900, use },
});
const policy = {
  type: 'assent/policy/v1',
  name: 'acme',
  rules: [rule('refund', 'payment.refund', 'single'), rule('read', 'payment.read', 'multiple')],
};

let rootId: string;
let passkey: PublicKey;
let credentialId: string;
let policyDigest: string;

/** As an approval service asks for it, and a browser answers. */
async function approve(action: string, use: 'single' | 'multiple', boundaries: readonly string[]): Promise<string> {
  const intent = await done(
    'alice',
    'intent',
    '--action',
    action,
    '--connector',
    'stripe/acct_1',
    '--arg',
    'amount=42.00',
    '-o',
    `${action}.intent.json`,
    '--json',
  );
  const { digest } = jsonOf(intent) as { digest: string };
  const payload = formatStatement({
    log: log.origin,
    service: 'approvals.example.com',
    id: `req_${action}_${use}`,
    organization: rootId,
    decision: 'approved',
    intent: { digest, action, connector: 'stripe/acct_1' },
    policy: { digest: policyDigest, rule: use === 'single' ? 'refund' : 'read' },
    requester: 'agent:support-bot',
    issued_at: formatTime(Date.now()),
    expires_at: formatTime(Date.now() + 600_000),
    use,
    ...(boundaries.length > 0 && { boundaries }),
  });
  const request = passkeyRequest({
    payload,
    rpId: 'localhost',
    allowCredentials: [{ type: 'public-key', id: credentialId }],
  });
  const signature = envelopeSignatureFromAssertion(passkey, request.nonce, await usePasskey(page, request));
  if (!signature.ok) throw new Error(signature.detail);
  write(
    'alice',
    `${action}.envelope.json`,
    formatEnvelope({ payloadType: APPROVAL_PAYLOAD_TYPE, payload, signatures: [signature.value] }),
  );
  await done('alice', 'append', `${action}.envelope.json`, ...toLog(), '-o', `${action}.receipt.json`);
  return digest;
}

const pins = (action: string) => [
  '--trust-root',
  rootId,
  '--trust-versions',
  'acme.versions.json',
  '--approval-policy',
  'policy.json',
  '--intent',
  `${action}.intent.json`,
  '--log-key',
  vkey,
];

describe('an organization', () => {
  it('is founded by three, of whom two sign, and logged', async () => {
    for (const person of ['alice', 'bob', 'carol'] as const) {
      const made = await done(person, 'keygen', '-o', 'root.pem');
      write(person, `${person}.pub`, made.stdout);
      if (person !== 'alice') hand(person, 'alice', `${person}.pub`);
    }
    write('alice', 'policy.json', policy);
    const keys = ['alice.pub', 'bob.pub', 'carol.pub'].flatMap((file) => ['--root-key', file]);
    await done(
      'alice',
      'trust',
      'init',
      '--name',
      'acme.example',
      ...keys,
      '--threshold',
      '2',
      '--issued-at',
      'now',
      '-o',
      'v1.json',
    );
    await done('alice', 'trust', 'add', 'v1.json', '--policy', 'policy.json');
    const service = await done('alice', 'keygen', '-o', 'boundary.pem');
    write('alice', 'boundary.pub', service.stdout);
    const drafted = await done(
      'alice',
      'trust',
      'add',
      'v1.json',
      '--boundary',
      'payments-gw-1',
      '--key',
      'boundary.pub',
      '--json',
    );
    const draft = jsonOf(drafted) as { root_id: string; digest: string };
    rootId = draft.root_id;
    policyDigest = Object.keys(
      (jsonOf(await done('alice', 'trust', 'show', 'v1.json', '--json')).members as { policies: object }).policies,
    )[0]!;

    await done('alice', 'trust', 'sign', 'v1.json', '--key', 'root.pem', '--digest', draft.digest);
    const early = await as(
      'alice',
      'trust',
      'publish',
      'v1.json',
      '--versions',
      'acme.versions.json',
      ...toLog(),
      '--json',
    );
    expect([early.exitCode, jsonOf(early).code]).toEqual([2, 'usage']);
    hand('alice', 'bob', 'v1.json');
    const shown = await done('bob', 'trust', 'show', 'v1.json');
    expect(shown.stdout).toContain('missing: 1 of these');
    const second = await done('bob', 'trust', 'sign', 'v1.json', '--key', 'root.pem', '--trust-root', rootId, '--json');
    expect(jsonOf(second)).toMatchObject({ version: 1, signatures: { missing: 0 } });
    hand('bob', 'alice', 'v1.json');
    const published = await done(
      'alice',
      'trust',
      'publish',
      'v1.json',
      '--versions',
      'acme.versions.json',
      ...toLog(),
      '-o',
      'v1.receipt.json',
    );
    expect(published.stderr).toContain('logged as entry 0');
    const again = await done(
      'alice',
      'trust',
      'publish',
      'v1.json',
      '--versions',
      'acme.versions.json',
      ...toLog(),
      '-o',
      'v1.receipt.json',
    );
    expect(again.stderr).toContain('it was there already: entry 0');
    const verified = await done('alice', 'verify', 'v1.receipt.json', '--log-key', vkey, '--json');
    expect(jsonOf(verified)).toMatchObject({ verdict: 'authentic', trust_root: { digest: rootId, version: 1 } });
    const entry = JSON.stringify(read('alice', 'v1.receipt.json'));
    for (const secret of ['payments-gw-1', policyDigest]) expect(entry).not.toContain(secret);
  });

  it('takes a person in by a passkey that she makes in a browser', async () => {
    const { challenge, registration } = await makePasskey(page, 'localhost');
    write('alice', 'dora.json', registration);
    credentialId = registration.id;
    const dora = [
      '--approver',
      'dora@example.com',
      '--role',
      'finance',
      '--registration',
      'dora.json',
      '--origin',
      origin,
      '--issued-at',
      'now',
      '-o',
      'v2.json',
    ];
    const replayed = await as(
      'alice',
      'trust',
      'add',
      'acme.versions.json',
      ...dora,
      '--challenge',
      Buffer.alloc(32).toString('base64url'),
      '--json',
    );
    expect([replayed.exitCode, jsonOf(replayed).checks]).toMatchObject([
      1,
      [{ id: 'registration', code: 'challenge_mismatch' }],
    ]);
    const added = await done(
      'alice',
      'trust',
      'add',
      'acme.versions.json',
      ...dora,
      '--challenge',
      challenge,
      '--json',
    );
    const [{ id: keyid }] = jsonOf(added).changes as [{ id: string }];
    expect(jsonOf(added).changes).toMatchObject([{ what: 'added', of: 'approver', name: 'dora@example.com' }]);
    expect(added.stderr).toContain('by a user who was verified');

    const spare = await makePasskey(page, 'localhost', { attestation: 'direct' });
    write('alice', 'spare.json', spare.registration);
    const second = [
      '--approver',
      'dora@example.com',
      '--role',
      'finance',
      '--registration',
      'spare.json',
      '--origin',
      origin,
    ];
    const vouched = await done('alice', 'trust', 'add', 'v2.json', ...second, '--challenge', spare.challenge);
    expect(vouched.stderr).toContain('attestation: packed, NOT VERIFIED');

    hand('alice', 'bob', 'acme.versions.json');
    hand('alice', 'carol', 'v2.json', 'acme.versions.json');
    await done('carol', 'trust', 'sign', 'v2.json', '--key', 'root.pem', '--trust-versions', 'acme.versions.json');
    hand('carol', 'bob', 'v2.json');
    await done('bob', 'trust', 'sign', 'v2.json', '--key', 'root.pem', '--trust-versions', 'acme.versions.json');
    hand('bob', 'alice', 'v2.json');
    await done(
      'alice',
      'trust',
      'publish',
      'v2.json',
      '--versions',
      'acme.versions.json',
      ...toLog(),
      '-o',
      'v2.receipt.json',
    );
    const members = jsonOf(await done('alice', 'trust', 'show', 'acme.versions.json', '--json')).members as {
      approvers: Record<string, { publicKey: string }>;
    };
    const spki = base64Decode(members.approvers[keyid]!.publicKey);
    const key = spki.ok ? parsePublicKey(spki.value) : spki;
    if (!key.ok) throw new Error(key.detail);
    passkey = key.value;
    const linted = await done(
      'alice',
      'policy',
      'lint',
      'policy.json',
      '--trust-versions',
      'acme.versions.json',
      '--strict',
    );
    expect(linted.stderr).toContain('nothing odd');
    // Who has the newer versions is not made to sign another version 2.
    const stale = JSON.parse(readFileSync(at('alice', 'acme.versions.json'), 'utf8')) as unknown[];
    write('alice', 'stale.versions.json', stale.slice(0, 1));
    await done('alice', 'trust', 'retire', 'stale.versions.json', 'payments-gw-1', '-o', 'fork.json');
    const forked = await as(
      'alice',
      'trust',
      'sign',
      'fork.json',
      '--key',
      'root.pem',
      '--trust-versions',
      'acme.versions.json',
      '--json',
    );
    expect([forked.exitCode, jsonOf(forked).checks]).toMatchObject([1, [{ code: 'trust_chain_broken' }]]);
  });

  it('authorizes what she approves, and nothing else', async () => {
    await approve('payment.read', 'multiple', []);
    const verified = await done(
      'alice',
      'verify',
      'payment.read.receipt.json',
      ...pins('payment.read'),
      '--at',
      'now',
      '--require',
      'authorized',
      '--json',
    );
    expect(jsonOf(verified)).toMatchObject({
      verdict: 'authorized',
      approval: { approvals: [{ holder: 'dora@example.com', method: 'passkey' }] },
    });
    const old = await as(
      'alice',
      'verify',
      'payment.read.receipt.json',
      '--trust-root',
      rootId,
      '--trust-versions',
      'stale.versions.json',
      '--log-key',
      vkey,
      '--json',
    );
    expect([old.exitCode, jsonOf(old).verdict]).toEqual([1, 'refused']);
  });

  it('runs an action once', async () => {
    const boundary = (
      jsonOf(await done('alice', 'trust', 'show', 'acme.versions.json', '--json')).members as { boundaries: object }
    ).boundaries;
    await approve('payment.refund', 'single', Object.keys(boundary));
    const consume = (...more: string[]) =>
      as(
        'alice',
        'consume',
        'payment.refund.receipt.json',
        '--key',
        'boundary.pem',
        ...pins('payment.refund'),
        ...more,
      );
    const online = ['--log', log.url, '--api-key-file', log.apiKeyFile];

    const unpinned = await as(
      'alice',
      'consume',
      'payment.refund.receipt.json',
      '--key',
      'boundary.pem',
      '--boundary',
      'payments-gw-1',
      '--log-key',
      vkey,
      ...online,
      '--json',
    );
    expect([unpinned.exitCode, jsonOf(unpinned).code]).toEqual([2, 'usage']);
    const prepared = await consume('--offline', '--json');
    expect([prepared.exitCode, jsonOf(prepared).type]).toEqual([0, 'assent/consumption-prepared/v1']);
    const unsure = await consume(...online, '--json');
    expect([unsure.exitCode, jsonOf(unsure).code]).toEqual([2, 'file_exists']);
    const consumed = await consume(...online, '--resume', '-o', 'consumed.receipt.json');
    expect([consumed.exitCode, consumed.stderr]).toEqual([0, expect.stringContaining('authorized: ')]);
    expect(read('alice', 'consumed.receipt.json')).toHaveProperty('consumption.type', 'assent/receipt/v1');

    const again = await consume(...online, '--attempt', 'second.json', '--json');
    expect([again.exitCode, jsonOf(again)]).toMatchObject([
      1,
      { code: 'conflict', message: expect.stringContaining('payments-gw-1') },
    ]);
    const repeated = await consume(...online, '--resume');
    expect([repeated.exitCode, repeated.stderr]).toEqual([0, expect.stringContaining('by this very attempt before')]);
  });

  it('refuses what a stolen passkey signed', async () => {
    const since = formatTime(Date.now() - 3_600_000);
    await done(
      'alice',
      'trust',
      'compromise',
      'acme.versions.json',
      'dora@example.com',
      '--since',
      since,
      '--issued-at',
      'now',
      '-o',
      'v3.json',
    );
    await done('alice', 'trust', 'sign', 'v3.json', '--key', 'root.pem');
    hand('alice', 'carol', 'v3.json', 'acme.versions.json');
    await done('carol', 'trust', 'sign', 'v3.json', '--key', 'root.pem', '--trust-versions', 'acme.versions.json');
    hand('carol', 'alice', 'v3.json');
    await done(
      'alice',
      'trust',
      'publish',
      'v3.json',
      '--versions',
      'acme.versions.json',
      ...toLog(),
      '-o',
      'v3.receipt.json',
    );
    for (const action of ['payment.read', 'payment.refund']) {
      const verified = await as('alice', 'verify', `${action}.receipt.json`, ...pins(action), '--at', 'now', '--json');
      expect([verified.exitCode, jsonOf(verified).verdict]).toEqual([1, 'refused']);
      expect(jsonOf(verified).checks).toContainEqual(
        expect.objectContaining({ id: 'revocation', status: 'fail', code: 'key_compromised' }),
      );
    }
    const healed = await as(
      'alice',
      'trust',
      'compromise',
      'acme.versions.json',
      'dora@example.com',
      '--since',
      'now',
      '-o',
      'v4.json',
      '--json',
    );
    expect([healed.exitCode, jsonOf(healed).code]).toEqual([2, 'usage']);
    expect(healed.stderr).toContain('only an earlier time can be said now');
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator, createServiceKey, createTestLog } from '@assent/test-support';
import { base64Decode, type Json, parseStatement } from '@assent/verifier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonOf, PROGRAM, type Run, runAssent, temporaryFolder } from './run-assent.ts';
import { type Handler, json, problem, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const API_KEY = `assent_0011aabb_${'s'.repeat(43)}`;
const folder = temporaryFolder();
const file = (name: string, content: string, mode = 0o600): string => {
  const target = path.join(folder, name);
  writeFileSync(target, content);
  chmodSync(target, mode);
  return target;
};

const log = createTestLog({ origin: 'log.example.com' });
const approval = createApproval({ origin: log.origin, authenticator: createAuthenticator() });
const envelopeFile = file('envelope.json', JSON.stringify(approval.envelope, null, 2));
const intentFile = file('intent.json', JSON.stringify(approval.intent, null, 2));
const apiKeyFile = file('api-key', `${API_KEY}\n`);
const keyFile = path.join(folder, 'service.pem');
const { intent: _, ...withoutIntent } = approval.statement;
const statementFile = file('statement.json', JSON.stringify(withoutIntent, null, 2));

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
  await runAssent(['keygen', '-o', keyFile]);
});
afterAll(() => server.close());

type Sent = { kind: string; content: Json; visibility?: string; intent?: Json };
const sent = (): Sent | undefined => {
  const post = server.seen.find(({ method }) => method === 'POST');
  return post && (JSON.parse(post.body) as Sent);
};

/** A log that takes whatever it is sent; the real one's rules are tested end to end. */
const obliging: Handler = (response, request) => {
  if (request.method === 'GET') return json(response, 200, { origin: log.origin, vkeys: [log.vkey], size: 0 });
  const { content, intent } = JSON.parse(request.body) as Sent;
  json(response, 201, log.append({ content, ...(intent !== undefined && { reveal: { intent } }) }).receipt);
};

const append = (...args: string[]): Promise<Run> =>
  runAssent(['append', '--log', server.url, '--log-key', log.vkey, '--api-key-file', apiKeyFile, ...args]);

beforeEach(() => server.answer(obliging));

describe('assent append ENVELOPE', () => {
  it('sends it with the API key, and prints the receipt', async () => {
    const run = await append(envelopeFile);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toMatch(/^assent: appended as entry \d+ of log\.example\.com\n$/);
    expect(jsonOf(run).type).toBe('assent/receipt/v1');
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/entries?wait=signed',
      authorization: `Bearer ${API_KEY}`,
    });
    expect(sent()).toEqual({ kind: 'approval', content: approval.envelope });
  });

  it('takes it from standard input, and the API key from the environment', async () => {
    const args = ['append', '-', '--log', server.url, '--log-key', log.vkey];
    for (const env of [{ ASSENT_API_KEY: API_KEY }, { ASSENT_API_KEY_FILE: apiKeyFile }]) {
      const run = await runAssent(args, { env, stdin: JSON.stringify(approval.envelope) });
      expect(run.exitCode).toBe(0);
      expect(server.seen.at(-1)?.authorization).toBe(`Bearer ${API_KEY}`);
    }
  });

  it('makes the intent public only when told to', async () => {
    await append(envelopeFile, '--intent', intentFile);
    expect(sent()).toEqual({ kind: 'approval', content: approval.envelope });
    for (const flags of [
      ['--reveal', intentFile],
      ['--intent', intentFile, '--reveal'],
    ]) {
      server.answer(obliging);
      const run = await append(envelopeFile, ...flags);
      expect(run.exitCode).toBe(0);
      expect(sent()).toEqual({
        kind: 'approval',
        visibility: 'revealed',
        content: approval.envelope,
        intent: approval.intent,
      });
    }
  });

  it('says that it was there already', async () => {
    const { receipt } = log.append({ content: approval.envelope });
    server.answer((response) => json(response, 200, receipt));
    const run = await append(envelopeFile, '-o', path.join(folder, 'out.receipt.json'));
    expect([run.exitCode, run.stdout]).toEqual([0, '']);
    expect(run.stderr).toContain('it was there already: entry');
    expect(readFileSync(path.join(folder, 'out.receipt.json'), 'utf8')).toBe(`${receipt}\n`);
  });

  it('sends again what met a busy log or a cut connection', async () => {
    server.answer((response, request, count) => {
      if (count === 1) response.destroy();
      else if (count === 2) json(response, 503, { code: 'not_durable' }, { 'retry-after': '0' });
      else obliging(response, request, count);
    });
    const run = await append(envelopeFile);
    expect([run.exitCode, server.seen.length]).toEqual([0, 3]);
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
  });
});

describe('assent append --key --statement', () => {
  it('fills in the intent, signs the canonical bytes, and prints a receipt that verifies', async () => {
    const run = await append('--key', keyFile, '--statement', statementFile, '--intent', intentFile);
    expect(run.exitCode).toBe(0);
    const { payload: encoded } = sent()!.content as { payload: string };
    const payload = base64Decode(encoded);
    expect(payload.ok && parseStatement(payload.value)).toEqual({ ok: true, value: approval.statement });
    const verified = await runAssent(['verify', '-', '--log-key', log.vkey, '--intent', intentFile, '--json'], {
      stdin: run.stdout,
    });
    expect(jsonOf(verified)).toMatchObject({
      verdict: 'authentic',
      approval: { signers: [{ kind: 'key', algorithm: 'ed25519' }] },
    });
  });

  it('signs the same bytes each time, so that a retry finds the entry that is there', async () => {
    const args = ['--key', keyFile, '--statement', statementFile, '--intent', intentFile];
    await append(...args);
    const first = sent();
    server.answer(obliging);
    await append(...args);
    expect(sent()).toEqual(first);
  });

  it.each<[string, Record<string, Json | undefined>, string]>([
    ['no log', { log: undefined }, 'statement.log is missing'],
    ['no type', { type: undefined }, 'statement.type is missing'],
    ['no decision', { decision: undefined }, 'statement.decision is missing'],
    ['an unknown member', { amount: '42.00' }, 'amount'],
    ['a time without milliseconds', { issued_at: '2026-04-03T17:00:00Z' }, 'statement.issued_at'],
    ['an end before its beginning', { expires_at: '2020-01-01T00:00:00.000Z' }, 'expires_at'],
    ['an unknown decision', { decision: 'maybe' }, 'statement.decision'],
  ])('refuses a statement with %s, and sends nothing', async (name, change, words) => {
    const changed = file(`${name}.json`, JSON.stringify({ ...withoutIntent, ...change }));
    const run = await append('--key', keyFile, '--statement', changed, '--intent', intentFile, '--json');
    expect([run.exitCode, jsonOf(run).code, server.seen.length]).toEqual([2, 'file_malformed', 0]);
    expect(run.stderr).toContain(words);
  });

  it('does not guess an intent, and does not replace one', async () => {
    const without = await append('--key', keyFile, '--statement', statementFile);
    expect([without.exitCode, server.seen.length]).toEqual([2, 0]);
    expect(without.stderr).toContain('--intent');
    const otherIntent = createApproval({ origin: log.origin, serviceKey: createServiceKey() }).statement.intent;
    const other = file('other-intent.json', JSON.stringify({ ...withoutIntent, intent: otherIntent }));
    const run = await append('--key', keyFile, '--statement', other, '--intent', intentFile, '--json');
    expect([run.exitCode, server.seen.length]).toEqual([1, 0]);
    expect(jsonOf(run)).toMatchObject({
      code: 'evidence_refused',
      checks: [{ id: 'content', code: 'intent_mismatch' }],
    });
  });

  it.each<[string, string, number, string]>([
    ['readable by others', '', 0o644, 'chmod 600'],
    ['no key', 'hello', 0o600, 'not a private key'],
    [
      'under a passphrase',
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n-----END ENCRYPTED PRIVATE KEY-----\n',
      0o600,
      'passphrase',
    ],
  ])('refuses a key file that is %s', async (name, content, mode, words) => {
    const text = content === '' ? readFileSync(keyFile, 'utf8') : content;
    const run = await append(
      '--key',
      file(`${name}.pem`, text, mode),
      '--statement',
      statementFile,
      '--intent',
      intentFile,
    );
    expect([run.exitCode, server.seen.length]).toEqual([2, 0]);
    expect(run.stderr).toContain(words);
  });

  it('refuses a key of another kind', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = file('ec.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const run = await append('--key', pem, '--statement', statementFile, '--intent', intentFile);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('Ed25519');
  });
});

describe('what is refused before anything is sent', () => {
  it('a signature that does not verify', async () => {
    const forged = approval.envelope.payload as string;
    const payload = Buffer.from(
      Buffer.from(forged, 'base64').toString().replace('support-bot', 'support-bat'),
    ).toString('base64');
    const run = await append(file('forged.json', JSON.stringify({ ...approval.envelope, payload })), '--json');
    expect([run.exitCode, server.seen.length]).toEqual([1, 0]);
    expect(jsonOf(run)).toMatchObject({
      type: 'assent/error/v1',
      code: 'evidence_refused',
      checks: [{ id: 'signatures' }],
    });
    expect(run.stderr).toContain('nothing was sent');
  });

  it('a statement for another log', async () => {
    const elsewhere = createApproval({ origin: 'other.example.com', serviceKey: createServiceKey() });
    const run = await append(file('elsewhere.json', JSON.stringify(elsewhere.envelope)), '--json');
    expect([run.exitCode, server.seen.length]).toEqual([1, 0]);
    expect(jsonOf(run)).toMatchObject({
      checks: [{ code: 'log_mismatch', expected: log.origin, computed: 'other.example.com' }],
    });
  });

  it.each<[string[], string]>([
    [[], 'what to append is missing'],
    [['--reveal', envelopeFile], `--reveal took ${envelopeFile}`],
    [[envelopeFile, '--key', keyFile], 'not both'],
    [['--key', keyFile], 'go together'],
    [['--statement', statementFile], 'go together'],
    [[envelopeFile, '--reveal'], '--reveal needs the intent'],
    [[envelopeFile, '--reveal', intentFile, '--intent', intentFile], '--reveal takes no file'],
    [['-', '--intent', '-'], 'read once'],
    [['nowhere.json'], 'there is no such file'],
    [[PROGRAM], 'not strict JSON'],
    [[envelopeFile, '--intent', statementFile], 'is no intent'],
  ])('%j', async (args, words) => {
    const run = await append(...args);
    expect([run.exitCode, run.stdout, server.seen.length]).toEqual([2, '', 0]);
    expect(run.stderr).toContain(words);
  });

  it('an API key that is missing, readable by others, or none', async () => {
    const args = ['append', envelopeFile, '--log', server.url, '--log-key', log.vkey];
    const missing = await runAssent(args);
    expect(missing.stderr).toContain('ASSENT_API_KEY');
    const readable = await runAssent([...args, '--api-key-file', file('open-api-key', API_KEY, 0o644)]);
    expect(readable.stderr).toContain('chmod 600');
    const none = await runAssent([...args, '--api-key-file', file('two-lines', `${API_KEY}\n${API_KEY}`)]);
    expect(none.stderr).toContain('one line');
    expect([missing, readable, none].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
    for (const { stdout, stderr } of [missing, readable, none]) expect(stdout + stderr).not.toContain(API_KEY);
    expect(server.seen).toHaveLength(0);
  });
});

describe('what the log answers', () => {
  const refusedChecks = [
    { id: 'content', status: 'pass', title: 'x', detail: 'y' },
    {
      id: 'signatures',
      status: 'fail',
      code: 'signature_invalid',
      title: 'x',
      detail: 'so it is',
      expected: 'a\u0007',
      computed: 'b',
    },
  ];
  it.each<[number, string, object, number, string]>([
    [400, 'invalid_request', {}, 2, 'request_refused'],
    [413, 'too_large', {}, 2, 'request_refused'],
    [415, 'unsupported_media_type', {}, 2, 'request_refused'],
    [401, 'unauthenticated', {}, 4, 'unauthenticated'],
    [403, 'forbidden', {}, 4, 'forbidden'],
    [404, 'not_found', {}, 2, 'not_found'],
    [409, 'identity_conflict', { index: 7 }, 1, 'conflict'],
    [422, 'content_refused', { checks: refusedChecks }, 1, 'evidence_refused'],
  ])('%i %s', async (status, code, extras, exitCode, kind) => {
    server.answer(problem(status, code, extras));
    const run = await append(envelopeFile, '-o', path.join(folder, 'refused.receipt.json'), '--json');
    expect([run.exitCode, server.seen.length]).toEqual([exitCode, 1]);
    expect(jsonOf(run)).toMatchObject({
      type: 'assent/error/v1',
      code: kind,
      problem: { status, code, detail: `because ${code}` },
    });
    expect(run.stderr).toContain(`${status} ${code}: because ${code}`);
    if (status === 409) {
      expect(jsonOf(run).index).toBe(7);
      expect(run.stderr).toContain('7');
    }
    if (status === 422) {
      expect(jsonOf(run).checks).toEqual([
        { id: 'signatures', code: 'signature_invalid', detail: 'so it is', expected: 'a\u0007', computed: 'b' },
      ]);
      expect(run.stderr).toContain('✗ signatures: so it is (signature_invalid)');
      expect(run.stderr).toContain('a\\u{7}');
    }
    expect(run.stdout + run.stderr).not.toContain(API_KEY);
    expect(existsSync(path.join(folder, 'refused.receipt.json'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('the receipt of something else', async () => {
    const other = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
    const { receipt } = log.append({ content: other.envelope });
    server.answer((response) => json(response, 201, receipt));
    const run = await append(envelopeFile, '--json');
    expect([run.exitCode, jsonOf(run).code]).toEqual([1, 'receipt_refused']);
  });

  it('the right entry, with an intent that was to stay private, or without one that was to be public', async () => {
    const revealed = log.append({ content: approval.envelope, reveal: { intent: approval.intent } });
    server.answer((response) => json(response, 201, revealed.receipt));
    expect((await append(envelopeFile)).exitCode).toBe(1);
    const open = log.append({ content: approval.envelope });
    server.answer((response) => json(response, 201, open.receipt));
    expect((await append(envelopeFile, '--reveal', intentFile)).exitCode).toBe(1);
  });

  it('a receipt that does not hold', async () => {
    const { receipt } = log.append({ content: approval.envelope });
    server.answer((response) => json(response, 201, receipt.replace('index ', 'index 1')));
    const run = await append(envelopeFile);
    expect([run.exitCode, run.stdout]).toEqual([1, '']);
    expect(run.stderr).toContain('does not hold');
  });

  it('something that is no receipt', async () => {
    server.answer((response) => json(response, 202, { index: 7 }));
    expect((await append(envelopeFile)).exitCode).toBe(3);
    server.answer((response) => response.writeHead(201, { 'content-type': 'text/html' }).end('<h1>'));
    expect((await append(envelopeFile)).exitCode).toBe(3);
    server.answer((response) => json(response, 201, { index: 7 }));
    expect((await append(envelopeFile)).exitCode).toBe(1);
  });

  it('a redirect, which never gets the API key', async () => {
    const elsewhere = await startScriptedServer();
    server.answer((response) => response.writeHead(307, { location: `${elsewhere.url}/api/v1/entries` }).end());
    const run = await append(envelopeFile, '--json');
    expect([run.exitCode, jsonOf(run).code, elsewhere.seen.length]).toEqual([3, 'redirect', 0]);
    await elsewhere.close();
  });

  it('its own key, when none is pinned', async () => {
    const run = await runAssent(['append', envelopeFile, '--log', server.url, '--api-key-file', apiKeyFile]);
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain(`--log-key '${log.vkey}'`);
    expect(server.seen.map(({ method, authorization }) => [method, authorization])).toEqual([
      ['GET', undefined],
      ['POST', `Bearer ${API_KEY}`],
    ]);
  });
});

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createServiceKey } from '@assent/test-support';
import { json, problem, startScriptedServer } from '@assent/test-support/scripted-server';
import { describe, expect, it } from 'vitest';
import {
  API_KEY,
  apiKeyFile,
  append,
  approval,
  envelopeFile,
  file,
  folder,
  intentFile,
  keyFile,
  log,
  server,
  statementFile,
} from './appending.ts';
import { jsonOf, PROGRAM, runAssent } from './run-assent.ts';

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

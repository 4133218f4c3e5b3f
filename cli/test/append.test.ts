import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createServiceKey } from '@assent/test-support';
import { json } from '@assent/test-support/scripted-server';
import { base64Decode, type Json, parseStatement } from '@assent/verifier';
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
  obliging,
  sent,
  server,
  statementFile,
  withoutIntent,
} from './appending.ts';
import { jsonOf, runAssent } from './run-assent.ts';

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

  it('opens a key that is under a passphrase, and a passphrase needs a key', async () => {
    const locked = String(
      createPrivateKey(readFileSync(keyFile)).export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'correct horse',
      }),
    );
    const signing = ['--statement', statementFile, '--intent', intentFile];
    const passphrase = ['--passphrase-file', file('passphrase', 'correct horse\n')];
    const run = await append('--key', file('locked.pem', locked), ...passphrase, ...signing);
    expect([run.exitCode, server.seen.length]).toEqual([0, 1]);
    server.answer(obliging);
    const without = await append(envelopeFile, ...passphrase);
    expect([without.exitCode, server.seen.length]).toEqual([2, 0]);
    expect(without.stderr).toContain('--passphrase-file goes with --key');
  });

  it('refuses a key of another kind', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = file('ec.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
    const run = await append('--key', pem, '--statement', statementFile, '--intent', intentFile);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('Ed25519');
  });
});

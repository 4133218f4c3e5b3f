/** `assent append --seal` and `assent open`, through the built program. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator } from '@assent/test-support';
import { json } from '@assent/test-support/scripted-server';
import { canonicalJson, sealContent } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { append, approval, envelopeFile, file, folder, intentFile, log, obliging, sent, server } from './appending.ts';
import { jsonOf, runAssent } from './run-assent.ts';

const at = (name: string): string => path.join(folder, name);
const read = (name: string): Record<string, unknown> & { salt: string; disclosures: Record<string, unknown> } =>
  JSON.parse(readFileSync(at(name), 'utf8'));
const verify = (name: string) => runAssent(['verify', at(name), '--log-key', log.vkey, '--json']);
const open = (...args: string[]) => runAssent(['open', ...args, '--log-key', log.vkey], { cwd: folder });

describe('assent append --seal', () => {
  it('sends content and salt, and writes a receipt that its owner can use', async () => {
    const run = await append(envelopeFile, '--seal', '-o', at('plain.receipt.json'));
    expect([run.exitCode, run.stdout]).toEqual([0, '']);
    const { salt, ...rest } = sent()!;
    expect(rest).toEqual({ kind: 'approval', visibility: 'sealed', content: approval.envelope });
    const receipt = read('plain.receipt.json');
    expect(receipt.disclosures).toEqual({ content: approval.envelope, salt });
    expect(JSON.parse(receipt.entry as string).sealed).toBe(
      sealContent(approval.envelope, Buffer.from(salt!, 'base64')),
    );
    expect(jsonOf(await verify('plain.receipt.json'))).toMatchObject({ verdict: 'authentic' });
    expect(read('plain.opening.json')).toEqual({
      type: 'assent/opening/v1',
      sealed: JSON.parse(receipt.entry as string).sealed,
      content: approval.envelope,
      salt,
    });
    for (const name of ['plain.receipt.json', 'plain.opening.json'])
      expect(statSync(at(name)).mode & 0o777).toBe(0o600);
    expect(run.stderr).toContain(at('plain.opening.json'));
  });

  it('has the salt on disk before anything is sent, and sends the same again after a crash', async () => {
    let kept = '';
    server.answer((response, request, count) => {
      if (request.method === 'GET') return obliging(response, request, count);
      kept = readFileSync(at('crash.opening.json'), 'utf8');
      json(response, 503, { code: 'not_durable' }, { 'retry-after': '60' });
    });
    const lost = await append(envelopeFile, '--seal', '-o', at('crash.receipt.json'));
    expect(lost.exitCode).toBe(3);
    expect(lost.stderr).toContain('the same command sends the same again');
    expect(JSON.parse(kept).salt).toBe(sent()!.salt);
    expect(existsSync(at('crash.receipt.json'))).toBe(false);

    server.answer(obliging);
    const again = await append(envelopeFile, '--seal', '-o', at('crash.receipt.json'));
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain('an earlier attempt');
    expect(sent()!.salt).toBe(JSON.parse(kept).salt);
    expect(readFileSync(at('crash.opening.json'), 'utf8')).toBe(kept);
  });

  it('uses a salt for one entry alone, and never overwrites an opening', async () => {
    const other = createApproval({ origin: log.origin, authenticator: createAuthenticator() });
    const opening = at('taken.opening.json');
    expect((await append(envelopeFile, '--seal', '--opening', opening)).exitCode).toBe(0);
    const before = readFileSync(opening, 'utf8');
    server.answer(obliging);
    const otherFile = file('other-envelope.json', JSON.stringify(other.envelope));
    const run = await append(otherFile, '--seal', '--opening', opening, '--json');
    expect([run.exitCode, jsonOf(run).code, sent()]).toEqual([2, 'file_exists', undefined]);
    expect(readFileSync(opening, 'utf8')).toBe(before);
    writeFileSync(opening, before.slice(0, 40));
    const cut = await append(envelopeFile, '--seal', '--opening', opening, '--json');
    expect([cut.exitCode, jsonOf(cut).code, sent()]).toEqual([2, 'file_malformed', undefined]);
    const first = read('plain.opening.json').salt;
    expect(JSON.parse(before).salt).not.toBe(first);
  });

  it('sends the commitment alone when blind, and checks the evidence itself', async () => {
    const run = await append(envelopeFile, '--seal', '--blind', '-o', at('blind.receipt.json'));
    expect(run.exitCode).toBe(0);
    expect(sent()).toEqual({ kind: 'approval', sealed: read('blind.opening.json').sealed });
    expect(jsonOf(await verify('blind.receipt.json'))).toMatchObject({ verdict: 'authentic' });
    server.answer(obliging);
    const bad = file('bad-envelope.json', JSON.stringify(approval.envelope).replace(/"sig":"..../, '"sig":"AAAA'));
    const refused = await append(bad, '--seal', '--blind', '-o', at('bad.receipt.json'), '--json');
    expect([refused.exitCode, jsonOf(refused).code, sent()]).toEqual([1, 'evidence_refused', undefined]);
    expect(existsSync(at('bad.opening.json'))).toBe(false);
  });

  it('refuses the receipt of another commitment', async () => {
    server.answer((response, request, count) => {
      if (request.method === 'GET') return obliging(response, request, count);
      json(response, 201, log.append({ content: approval.envelope, salt: new Uint8Array(32) }).receipt);
    });
    const run = await append(envelopeFile, '--seal', '-o', at('lie.receipt.json'), '--json');
    expect([run.exitCode, jsonOf(run).code, existsSync(at('lie.receipt.json'))]).toEqual([1, 'receipt_refused', false]);
  });

  it('refuses the receipt of an open entry: what was to stay private became public', async () => {
    server.answer((response, request, count) => {
      if (request.method === 'GET') return obliging(response, request, count);
      json(response, 201, log.append({ content: approval.envelope }).receipt);
    });
    const run = await append(envelopeFile, '--seal', '-o', at('leak.receipt.json'), '--json');
    expect([run.exitCode, jsonOf(run).code]).toEqual([1, 'receipt_refused']);
  });

  it.each([
    [['--seal'], '-o FILE or --opening FILE'],
    [['--seal', '--reveal', intentFile, '-o', 'x'], '--reveal and --seal'],
    [['--seal', '--open', '-o', 'x'], '--open and --seal'],
    [['--blind'], '--seal'],
    [['--opening', 'x'], '--seal'],
  ])('refuses %j, and sends nothing', async (flags, words) => {
    const run = await append(envelopeFile, ...flags);
    expect([run.exitCode, server.seen.length]).toEqual([2, 0]);
    expect(run.stderr).toContain(words);
  });

  it('says "open" when told to, whatever the API key defaults to', async () => {
    expect((await append(envelopeFile, '--open')).exitCode).toBe(0);
    expect(sent()).toEqual({ kind: 'approval', visibility: 'open', content: approval.envelope });
  });
});

describe('assent open', () => {
  const salt = Buffer.alloc(32, 7);
  const { receipt: bare } = log.append({ content: approval.envelope, salt });
  const bareFile = file('bare.receipt.json', bare);
  const saltFile = file('salt.txt', `${salt.toString('base64')}\n`);
  const opening = {
    type: 'assent/opening/v1',
    sealed: sealContent(approval.envelope, salt),
    content: approval.envelope,
    salt: salt.toString('base64'),
  };
  const openingFile = file('kept.opening.json', JSON.stringify(opening));

  it('opens the receipt that the log hands out, shows what it says, and writes it for others', async () => {
    for (const flags of [
      ['--opening', openingFile],
      ['--content', envelopeFile, '--salt', saltFile],
    ]) {
      const run = await open(bareFile, ...flags, '--intent', intentFile, '-o', at('opened.receipt.json'));
      expect([run.exitCode, run.stderr]).toEqual([0, '']);
      expect(run.stdout).toContain('✓ authentic');
      expect(run.stdout).toContain(approval.statement.id);
      expect(run.stdout).toContain('"amount":"42.00"');
      expect(run.stdout).toContain(opening.sealed);
      expect(read('opened.receipt.json').disclosures).toEqual({
        content: approval.envelope,
        salt: opening.salt,
        intent: approval.intent,
      });
      expect(jsonOf(await verify('opened.receipt.json'))).toMatchObject({ verdict: 'authentic' });
    }
    const again = await open(at('opened.receipt.json'), '--json');
    expect([again.exitCode, jsonOf(again).verdict]).toEqual([0, 'authentic']);
  });

  it('takes out again what a receipt discloses', async () => {
    await open(bareFile, '--opening', openingFile, '-o', at('for-strip.receipt.json'));
    const run = await open(at('for-strip.receipt.json'), '--strip');
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(canonicalJson(JSON.parse(run.stdout))).toBe(canonicalJson(JSON.parse(bare)));
    for (const secret of [opening.salt, approval.statement.id, String(approval.envelope.payload)]) {
      expect(run.stdout).not.toContain(secret);
    }
  });

  it('is incomplete, and says what is missing, while nothing is disclosed; so is verify', async () => {
    const run = await open(bareFile);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toContain('– incomplete');
    expect(run.stderr).toContain('--opening FILE');
    const verified = await runAssent(['verify', bareFile, '--log-key', log.vkey]);
    expect(verified.exitCode).toBe(2);
    expect(verified.stdout).toContain('Sealed and not disclosed');
    expect(verified.stdout).toContain(opening.sealed);
  });

  it.each<[string, string[], string]>([
    ['another content', ['--content', intentFile, '--salt', saltFile], 'commitment_mismatch'],
    [
      'another salt',
      ['--content', envelopeFile, '--salt', file('zeros.txt', Buffer.alloc(32).toString('base64'))],
      'commitment_mismatch',
    ],
    ['an intent alone', ['--intent', intentFile], 'missing_member'],
  ])('refuses %s, and writes nothing', async (name, flags, code) => {
    const target = `${name.replaceAll(' ', '-')}.receipt.json`;
    const run = await open(bareFile, ...flags, '-o', at(target), '--json');
    expect([run.exitCode, jsonOf(run).code, existsSync(at(target))]).toEqual([1, 'evidence_refused', false]);
    expect(run.stderr).toContain(code);
  });

  it('writes nothing that is invalid: what was sealed may be bad evidence', async () => {
    const forged = JSON.parse(JSON.stringify(approval.envelope).replace(/"sig":"..../, '"sig":"AAAA'));
    const sealed = file('forged.receipt.json', log.append({ content: forged, salt }).receipt);
    const content = file('forged-envelope.json', JSON.stringify(forged));
    const run = await open(sealed, '--content', content, '--salt', saltFile, '-o', at('never.receipt.json'), '--json');
    expect([run.exitCode, jsonOf(run).verdict, existsSync(at('never.receipt.json'))]).toEqual([1, 'invalid', false]);
  });

  it.each<[string[], string]>([
    [['--content', envelopeFile], '--content and --salt go together'],
    [['--opening', openingFile, '--salt', saltFile], '--opening'],
    [['--strip', '--opening', openingFile], '--strip'],
    [['--content', envelopeFile, '--salt', file('short.txt', 'AAAA')], '44 characters'],
    [['--opening', file('no-opening.json', '{"type":"assent/opening/v1"}')], 'is no opening'],
    [['--opening', file('changed.opening.json', JSON.stringify({ ...opening, content: {} }))], 'commitment_mismatch'],
  ])('refuses %j', async (flags, words) => {
    const run = await open(bareFile, ...flags);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(words);
  });
});

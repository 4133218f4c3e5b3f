import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator, createServiceKey } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';
import { type RunningLog, startLog } from './running-log.ts';

const cwd = temporaryFolder();
const write = (name: string, value: unknown): string => {
  writeFileSync(path.join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 });
  return name;
};

let log: RunningLog;
beforeAll(async () => {
  log = await startLog();
});
afterAll(() => log?.stop());

const assent = (...args: string[]) => runAssent(args, { cwd });
const size = async (): Promise<number> => {
  const about = (await (await fetch(`${log.url}/api/v1/log`)).json()) as { size: number };
  return about.size;
};
const pin = async (): Promise<string> => {
  const about = (await (await fetch(`${log.url}/api/v1/log`)).json()) as { vkeys: string[] };
  return about.vkeys[0]!;
};

describe('against the real log', () => {
  it('goes from a new key to a verified receipt, and refuses it once it is changed', async () => {
    expect((await assent('keygen', '-o', 'service.pem')).exitCode).toBe(0);
    const made = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
    const { intent: _, ...statement } = made.statement;
    write('statement.json', statement);
    write('intent.json', made.intent);
    const vkey = write('log.vkey', await pin());
    const append = ['append', '--log', log.url, '--log-key', vkey, '--api-key-file', log.apiKeyFile];
    const sign = ['--key', 'service.pem', '--statement', 'statement.json', '--intent', 'intent.json', '--reveal'];

    const appended = await assent(...append, ...sign, '-o', 'refund.receipt.json');
    expect([appended.exitCode, appended.stderr]).toEqual([0, `assent: appended as entry 0 of ${log.origin}\n`]);

    const again = await assent(...append, ...sign);
    expect([again.exitCode, again.stderr]).toEqual([0, `assent: it was there already: entry 0 of ${log.origin}\n`]);
    expect(await size()).toBe(1);

    const verify = ['verify', 'refund.receipt.json', '--log-key', vkey, '--offline', '--at', 'now', '--json'];
    const verified = await assent(...verify, '--intent', 'intent.json');
    expect(verified.exitCode).toBe(0);
    expect(jsonOf(verified)).toMatchObject({
      verdict: 'authentic',
      approval: { statement_digest: made.digest, intent: { args: made.intent.args } },
      log: { origin: log.origin, index: 0 },
    });

    const text = readFileSync(path.join(cwd, 'refund.receipt.json'), 'utf8');
    write('raised.receipt.json', text.replace('42.00', '4200.00'));
    const raised = await assent('verify', 'raised.receipt.json', '--log-key', vkey, '--json');
    expect([raised.exitCode, jsonOf(raised).verdict]).toEqual([1, 'invalid']);

    write('raised-intent.json', { ...made.intent, args: { ...made.intent.args, amount: '4200.00' } });
    const other = await assent(...verify, '--intent', 'raised-intent.json');
    expect([other.exitCode, jsonOf(other).verdict]).toEqual([1, 'refused']);

    const unpinned = await assent('verify', 'refund.receipt.json', '--json');
    expect([unpinned.exitCode, jsonOf(unpinned).verdict]).toEqual([2, 'incomplete']);
    const asked = await assent('verify', 'refund.receipt.json', '--log', log.url);
    expect(asked.exitCode).toBe(0);
    expect(asked.stderr).toContain(`--log-key '${await pin()}'`);
  });

  it('appends what a passkey signed, and finds it by every name', async () => {
    const made = createApproval({ origin: log.origin, authenticator: createAuthenticator() });
    write('envelope.json', made.envelope);
    const appended = await assent('append', 'envelope.json', '--log', log.url, '--api-key-file', log.apiKeyFile);
    expect(appended.exitCode).toBe(0);
    const { index } = jsonOf(await assent('verify', made.digest, '--log', log.url, '--json')).log as { index: number };
    const leaf = (
      jsonOf(await assent('verify', String(index), '--log', log.url, '--json')).log as { leaf_hash: string }
    ).leaf_hash;
    for (const name of [String(index), made.digest, leaf, `${made.statement.service}/${made.statement.id}`]) {
      const verified = await assent('verify', name, '--log', log.url, '--log-key', await pin(), '--json');
      expect(verified.exitCode).toBe(0);
      expect(jsonOf(verified)).toMatchObject({
        approval: { statement_digest: made.digest, signers: [{ kind: 'passkey' }] },
      });
      const receipt = await assent('receipt', name, '--log', log.url, '--log-key', await pin());
      expect([receipt.exitCode, jsonOf(receipt).type]).toEqual([0, 'assent/receipt/v1']);
    }
    const address = `${log.url}/api/v1/receipts/${index}`;
    expect((await assent('verify', address, '--log-key', await pin())).exitCode).toBe(0);
    expect((await assent('verify', address)).exitCode).toBe(2);
  });

  it('seals, shows nobody what, and opens for an auditor', async () => {
    const made = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
    write('secret.json', made.envelope);
    const key = ['--log', log.url, '--log-key', await pin()];
    const seal = ['append', 'secret.json', '--seal', ...key, '--api-key-file', log.apiKeyFile];
    expect((await assent(...seal, '-o', 'secret.receipt.json')).exitCode).toBe(0);
    const again = await assent(...seal, '-o', 'secret.receipt.json');
    expect([again.exitCode, again.stderr]).toEqual([0, expect.stringContaining('it was there already')]);
    const owned = jsonOf(await assent('verify', 'secret.receipt.json', ...key, '--json'));
    expect(owned).toMatchObject({ verdict: 'authentic', approval: { statement_digest: made.digest } });

    const { index } = owned.log as { index: number };
    const bare = await assent('verify', String(index), ...key, '--json');
    expect([bare.exitCode, jsonOf(bare).verdict]).toEqual([2, 'incomplete']);
    for (const name of [made.digest, `${made.statement.service}/${made.statement.id}`]) {
      const unknown = await assent('receipt', name, ...key, '--json');
      expect([unknown.exitCode, jsonOf(unknown).code]).toEqual([2, 'not_found']);
      const found = await assent('receipt', name, ...key, '--api-key-file', log.apiKeyFile, '-o', 'found.receipt.json');
      expect(found.exitCode, found.stderr).toBe(0);
      const judged = await assent('open', 'found.receipt.json', ...key, '--opening', 'secret.opening.json', '--json');
      expect(jsonOf(judged)).toMatchObject({ verdict: 'authentic', log: { index } });
    }
    const opened = await assent('open', String(index), ...key, '--opening', 'secret.opening.json', '--json');
    expect([opened.exitCode, jsonOf(opened).verdict]).toEqual([0, 'authentic']);
    // The first key of a log has no right to what nobody can check.
    const blind = await assent(...seal, '--blind', '--opening', 'blind.opening.json', '--json');
    expect([blind.exitCode, jsonOf(blind).code]).toEqual([4, 'forbidden']);
  });

  it('ends as documented when the log refuses, and the tree does not grow', async () => {
    const before = await size();
    const made = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
    const good = write('good.json', made.envelope);
    const append = (file: string, ...more: string[]) =>
      assent('append', file, '--log', log.url, '--json', '--api-key-file', log.apiKeyFile, ...more);

    const wrongKey = write('wrong-key', `assent_00000000_${'A'.repeat(43)}`);
    const refused = await assent('append', good, '--log', log.url, '--json', '--api-key-file', wrongKey);
    expect([refused.exitCode, jsonOf(refused).code]).toEqual([4, 'unauthenticated']);

    const elsewhere = createApproval({ origin: 'other.example.com', serviceKey: createServiceKey() });
    const foreign = await append(write('elsewhere.json', elsewhere.envelope));
    expect([foreign.exitCode, jsonOf(foreign).code]).toEqual([1, 'evidence_refused']);

    const missing = await assent('receipt', '1000000', '--log', log.url, '--json');
    expect([missing.exitCode, jsonOf(missing).code]).toEqual([2, 'not_found']);
    const nobody = await assent('receipt', 'nobody.example.com/x+y@z:1', '--log', log.url, '--json');
    expect([nobody.exitCode, jsonOf(nobody).code]).toEqual([2, 'not_found']);
    expect(await size()).toBe(before);

    expect((await append(good)).exitCode).toBe(0);
    const { service, id } = made.statement;
    const second = createApproval({ origin: log.origin, serviceKey: createServiceKey(), overrides: { service, id } });
    const conflict = await append(write('second.json', second.envelope));
    expect([conflict.exitCode, jsonOf(conflict).code, jsonOf(conflict).index]).toEqual([1, 'conflict', before]);
    expect(await size()).toBe(before + 1);
  });

  it('is healthy to a doctor, as long as the API key is its own', async () => {
    const examine = ['doctor', '--log', log.url, '--log-key', await pin(), '--json'];
    const before = await size();
    const well = await assent(...examine, '--api-key-file', log.apiKeyFile);
    const checks = jsonOf(well).checks as { id: string; status: string }[];
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'node pass',
      'pinned pass',
      'log pass',
      'ready pass',
      'clock pass',
      'head pass',
      'checkpoint pass',
      'api-key pass',
    ]);
    expect([well.exitCode, await size()]).toEqual([0, before]);
    const stranger = write('stranger-key', `assent_0011aabb_${'x'.repeat(43)}`);
    const ill = await assent(...examine, '--api-key-file', stranger);
    expect(ill.exitCode).toBe(4);
    expect((jsonOf(ill).checks as object[]).at(-1)).toMatchObject({ id: 'api-key', code: 'unauthenticated' });
  });
});

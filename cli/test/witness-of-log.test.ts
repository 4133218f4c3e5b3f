import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator } from '@assent/test-support';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { createWitnessHome, type WitnessHome, type WitnessProcess } from '@assent/test-support/witness-program';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';
import { type RunningLog, startLog } from './running-log.ts';

/** All programs as they are built: a log with two witnesses, an append, and someone who verifies. */
describe('a log with assent witness as its witnesses', () => {
  const folder = temporaryFolder();
  const file = (name: string, text: string): string => {
    const target = path.join(folder, name);
    writeFileSync(target, text);
    return target;
  };
  const homes: WitnessHome[] = [];
  let log: RunningLog;
  let members = '';
  let vkey: string;

  beforeAll(async () => {
    const witnesses: WitnessProcess[] = [];
    for (const name of ['north', 'south']) {
      const home = createWitnessHome(`witness.test/${name}`);
      homes.push(home);
      const witness = await home.start();
      const { url } = witness;
      witnesses.push(witness);
      members += `witness ${name} ${home.vkey} ${url}\n`;
    }
    members += 'group both all north south\nquorum both\n';
    log = await startLog('log.test/witnessed', { ASSENT_WITNESS_POLICY: file('witnesses', members) });
    const described = (await (await fetch(`${log.url}/api/v1/log`)).json()) as { vkeys: string[] };
    vkey = described.vkeys[0]!;
    // From here on they know the log, which asked them in vain when it started.
    for (const home of homes) {
      home.listLogs([{ vkey }]);
      home.reload();
    }
    await waitUntil('they know it', () => witnesses.every(({ said }) => said().includes('cosigns for 1 log')));
  });
  afterAll(async () => {
    await log?.stop();
    for (const home of homes) await home.remove();
  });

  it('gives receipts that a quorum of them has cosigned', async () => {
    const { envelope } = createApproval({ origin: log.origin, authenticator: createAuthenticator() });
    const receipt = path.join(folder, 'receipt.json');
    const keys = ['--log', log.url, '--log-policy', file('log.policy', `log ${vkey}\n${members}`)];
    const args = ['append', file('envelope.json', JSON.stringify(envelope)), '--wait', 'witnessed', '-o', receipt];
    const appended = await runAssent([...args, ...keys, '--api-key-file', log.apiKeyFile]);
    expect(appended.exitCode, appended.stderr).toBe(0);
    const verified = await runAssent(['verify', receipt, '--offline', '--json', ...keys.slice(2)]);
    // In the order in which they answered.
    const witnesses = expect.toSatisfy(
      (seen: readonly { name: string }[]) => String(seen.map(({ name }) => name).sort()) === 'north,south',
    );
    expect(jsonOf(verified)).toMatchObject({ verdict: 'authentic', log: { witnesses, seen_by: expect.any(String) } });
    // And the log's own probe finds there what it signed.
    const { stateFolder } = homes[0]!;
    await waitUntil('a witness holds the newest head', async () => {
      const shown = jsonOf(await runAssent(['witness', 'show', '--state', stateFolder, '--json']));
      return (shown.logs as { size: number }[])[0]?.size === 1;
    });
  });
});

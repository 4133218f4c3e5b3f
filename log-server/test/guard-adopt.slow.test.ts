/** Seen red: without `refuseIfWitnessed()` in commands/guard.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardDirectory } from '../src/open-parts.ts';
import { withClient } from './faults/fault-test.ts';
import { AuditedLog } from './support/audited-log.ts';
import { type Outcome, runProgram } from './support/run-program.ts';
import { ORIGIN } from './support/test-log.ts';
import {
  createWitnessedHome,
  EVERYTHING,
  eventually,
  submission,
  type WitnessedHome,
} from './support/witnessed-log.ts';

let home: WitnessedHome;
let folder: string;

/** Three entries, cosigned; then the guard is lost. */
beforeEach(async () => {
  home = await createWitnessedHome(['W']);
  folder = mkdtempSync(path.join(tmpdir(), 'assent-adopt-'));
  writeFileSync(path.join(folder, 'policy'), home.policyFile('quorum W\n').text);
  const { log, close } = await home.open({ witnesses: { policy: home.policyFile('quorum W\n'), intervalMs: 0 } });
  for (let i = 0; i < 3; i++) await log.append(submission(), EVERYTHING);
  await eventually('it was cosigned', () => home.witnesses.W!.state.sizeOf(ORIGIN) === 3);
  await close();
  rmSync(guardDirectory(home.dataDir), { recursive: true });
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await home.remove();
});

const adopt = (...args: string[]): Promise<Outcome> =>
  runProgram(
    [
      ...['guard', 'adopt', '--yes', '--data-dir', home.dataDir],
      ...['--witness-policy', path.join(folder, 'policy'), ...args],
    ],
    { DATABASE_URL: home.testDatabase.url },
  );

/** As after a failover to a standby that lacked the last commit. */
const loseNewest = (): Promise<void> =>
  withClient(home.testDatabase.url, async (client) => {
    await client.query('delete from heads where size = 3');
    await client.query('delete from blocks where first = 2');
    await client.query('delete from records where idx = 2');
  });

describe('guard adopt, without a guard that knows what was signed', () => {
  it('takes a database that contains what a witness holds', async () => {
    const adopted = await adopt();
    expect(adopted).toMatchObject({ code: 0, stderr: '' });
    expect(adopted.stdout).toContain('this database contains what they hold: W');
    const opened = await home.open();
    const audited = new AuditedLog(home.vkey);
    await audited.append(opened, 3);
    expect(await audited.audit(opened)).toMatchObject({ size: 6, acknowledged: 3, recovered: 3 });
  });

  it('refuses a database that lacks what a witness holds, whatever the operator says', async () => {
    await loseNewest();
    for (const args of [[], ['--without-witnesses']]) {
      const refused = await adopt(...args);
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toContain('The witness W holds a checkpoint of size 3');
      expect(refused.stderr).toContain('the database ends at size 2');
    }
    const { log } = await home.open();
    expect(log.stopReason).toContain('no fork guard');
  });

  it('refuses when no witness shows what it holds, unless the operator knows better', async () => {
    home.witnesses.W!.monitored = false;
    const refused = await adopt();
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('None of the witnesses (W)') });
    const adopted = await adopt('--without-witnesses');
    expect(adopted).toMatchObject({ code: 0, stdout: expect.stringContaining('did not show what they hold: W') });
  });
});

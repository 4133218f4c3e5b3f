/** Two monitors with one state file in two network namespaces, as containers that share a volume have them. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { startLyingLog } from '@assent/test-support/lying-log';
import { describe, expect, it } from 'vitest';
import { PROGRAM, runAssent, temporaryFolder } from './run-assent.ts';

const { status } = spawnSync('unshare', ['--net', 'true']);
const whyNot = status === 0 ? undefined : 'no right to make a network namespace here';

describe(`a state file between containers${whyNot === undefined ? '' : ` (1 case skipped: ${whyNot})`}`, () => {
  it.skipIf(whyNot !== undefined)('has one writer, and is free once that one has been killed', async () => {
    const log = await startLyingLog({ size: 3 });
    const state = path.join(temporaryFolder(), 'state.json');
    const args = [PROGRAM, 'monitor', log.url, '--log-key', log.vkey, '--state', state];
    const first = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => first.once('close', resolve));
    try {
      await waitUntil('the first has the state', () => existsSync(state));
      // The log is out of its reach, which it does not get to find out.
      const second = spawnSync('unshare', ['--net', process.execPath, ...args, '--once'], { encoding: 'utf8' });
      expect([second.status, second.stderr]).toEqual([
        2,
        expect.stringMatching(
          /looking for 30 s whether that one is alive[\s\S]*in another container or on another host/,
        ),
      ]);
      expect(second.stderr).toContain(`process ${first.pid} of `);
      first.kill('SIGKILL');
      await ended;
      const holder = path.join(path.dirname(state), '.state.json.holder');
      expect(readFileSync(holder, 'utf8')).toContain(`"pid":${first.pid},`);
      const third = await runAssent([...args.slice(1), '--once']);
      expect([third.exitCode, third.stderr]).toEqual([0, '']);
      expect(existsSync(holder)).toBe(false);
    } finally {
      first.kill('SIGKILL');
      await log.close();
    }
  });
});

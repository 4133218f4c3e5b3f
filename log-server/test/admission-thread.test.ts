/**
 * Seen red: without `refusePending()` in `AdmissionThread.recover` (whoever waits waits for ever), and without the restart.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { canonicalJson } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { approve } from './support/test-app.ts';
import { ORIGIN } from './support/test-log.ts';

const SCRIPT = fileURLToPath(new URL('./support/kill-admission-threads.ts', import.meta.url));
const REFUSED = 'internal, 1: The record could not be examined. Nothing was stored; send it again.';

describe('an admission thread that dies', () => {
  it('refuses what it had, so that nobody waits for ever, and another takes its place, every time', () => {
    const content = approve().envelope;
    const args = ['--import', 'tsx', SCRIPT];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      input: JSON.stringify({ origin: ORIGIN, submission: { kind: 'approval', content } }),
      encoding: 'utf8',
      timeout: 30_000,
      env: { PATH: process.env.PATH },
    });
    expect(stderr).toBe('');
    const { before, kept, rounds } = JSON.parse(stdout);
    expect(before).toBe('approval');
    expect(kept).toEqual([canonicalJson(content)]);
    expect(rounds).toHaveLength(3);
    for (const round of rounds) {
      expect(round.answers).toContain(REFUSED);
      expect(round.ofBatch).toContain(REFUSED);
      expect(round).toMatchObject({
        threads: 0,
        whileDead: REFUSED,
        left: { records: 0, bytes: 0 },
        after: 'approval',
        batchAfter: 1,
      });
    }
  });
});

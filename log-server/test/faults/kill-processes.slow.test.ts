import { findPostgres, isGone, killIfThere, waitUntil } from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { faultTest } from './fault-test.ts';
import { twoServersOf } from './servers-of.ts';

const TWO = { ASSENT_PROCESSES: '2' };

describe('serve --processes 2', () => {
  it(
    'loses nothing when a server or what supervises it is killed, and leaves no process behind',
    faultTest({ database: 'embedded', rounds: 1 }, async ({ home, ledger, load, audit }) => {
      let running = [await home.start(TWO)];
      const appending = load(() => running, { duplicates: 0.2 });
      const acknowledge = (count: number): Promise<void> => {
        const target = ledger.acknowledged.size + count;
        return appending.until(`${target} are acknowledged`, () => ledger.acknowledged.size >= target);
      };
      const restart = async (): Promise<void> => {
        running = [await home.start(TWO)];
      };

      for (const killed of [0, 1] as const) {
        const program = running[0]!;
        const servers = await twoServersOf(program);
        await acknowledge(50);
        killIfThere(servers[killed]);
        expect(await program.exited()).toEqual({ code: 1, signal: null });
        expect(program.logs()).toContain(
          `Server process ${killed + 1} of 2 ended by SIGKILL, so all of them have been stopped.`,
        );
        expect(servers.every(isGone)).toBe(true);
        expect(findPostgres(home.dataDir)).toBeUndefined();
        await restart();
      }

      const supervisor = running[0]!;
      const servers = await twoServersOf(supervisor);
      await acknowledge(50);
      await supervisor.kill9();
      await waitUntil('the servers have ended by themselves', () => servers.every(isGone));
      expect(findPostgres(home.dataDir)).toBeUndefined();
      await restart();

      await acknowledge(20);
      await appending.finish();
      const last = running[0]!;
      const remaining = await twoServersOf(last);
      const result = await audit(last);
      expect(result.recovered).toBe(result.acknowledged);
      expect(await last.stop()).toEqual({ code: 0, signal: null });
      expect(remaining.every(isGone)).toBe(true);
      expect(findPostgres(home.dataDir)).toBeUndefined();

      // One that does not end in order is told by the code, though all were asked to end.
      await restart();
      const stuck = running[0]!;
      const [first, second] = await twoServersOf(stuck);
      process.kill(second, 'SIGSTOP');
      stuck.signal('SIGTERM');
      await waitUntil('the first one has ended', () => isGone(first));
      killIfThere(second);
      expect(await stuck.exited()).toEqual({ code: 1, signal: null });
      expect(stuck.logs()).toContain('Server process 2 of 2 ended by SIGKILL.');
    }),
  );
});

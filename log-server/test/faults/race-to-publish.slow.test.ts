/**
 * Two processes that move the fork guard at the same moment, forced by a hook. Seen red: with guard.ts taking EEXIST for
 * success (both believe that they moved it, and the guard stays behind a head that was signed).
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guardDirectory } from '../../src/open-parts.ts';
import { Guard } from '../../src/publisher/guard.ts';
import { AuditedLog, type OpenedLog } from '../support/audited-log.ts';
import { createLogHome, type TestLogHome } from '../support/test-log.ts';

/** Called before the guard is moved; what it returns is waited for. */
const hook = vi.hoisted(() => ({ beforeMove: async (): Promise<void> => undefined }));

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const symlink = async (target: string, path: string): Promise<void> => {
    await hook.beforeMove();
    return real.symlink(target, path);
  };
  return { ...real, symlink };
});

let home: TestLogHome;
let logs: readonly OpenedLog[];
let audited: AuditedLog;
beforeEach(async () => {
  home = await createLogHome();
  audited = new AuditedLog(home.vkey);
  logs = [await home.open(), await home.open(), await home.open()];
});
afterEach(async () => {
  hook.beforeMove = async () => undefined;
  await home.remove();
});

const guardSeq = async (): Promise<number> => (await new Guard(guardDirectory(home.dataDir)).read())!.state.head.seq;

describe('processes that race to publish', () => {
  it('move the guard one after the other, and none signs what the guard has not passed', async () => {
    const [slow, fast, third] = logs as [OpenedLog, OpenedLog, OpenedLog];
    await audited.append(slow, 1);
    let overtaken: Promise<void> | undefined;
    hook.beforeMove = async () => {
      if (overtaken !== undefined) return;
      // The first one sleeps while two others append, move the guard and sign.
      overtaken = audited.append(fast, 2).then(() => audited.append(third, 2));
      await overtaken;
    };
    await audited.append(slow, 1);
    await overtaken;
    const newest = Math.max(...logs.map(({ publisher }) => publisher.current!.head.seq));
    expect(await guardSeq()).toBeGreaterThanOrEqual(newest);
    for (const log of logs) {
      expect(log.log.stopReason).toBeUndefined();
      expect(await audited.audit(log)).toMatchObject({ size: 6, acknowledged: 6, recovered: 6 });
    }
  });

  it('do so at every move for a while, all of them at once', async () => {
    let waiting: (() => void)[] = [];
    hook.beforeMove = () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        const go = (): void => {
          for (const next of waiting.splice(0)) next();
        };
        // Whoever comes second lets both go; who comes alone goes on after a turn of the event loop.
        if (waiting.length > 1) go();
        else setTimeout(go, 20);
      });
    await Promise.all(
      logs.map(async (log) => {
        for (let i = 0; i < 15; i++) await audited.append(log, 1);
      }),
    );
    waiting = [];
    const newest = Math.max(...logs.map(({ publisher }) => publisher.current!.head.seq));
    expect(await guardSeq()).toBeGreaterThanOrEqual(newest);
    for (const log of logs) {
      expect(await audited.audit(log)).toMatchObject({ size: 45, acknowledged: 45, recovered: 45 });
    }
  });
});

import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Guard, type GuardState } from './guard.ts';

const state = (size: number, mark = 0): GuardState => ({
  id: 'a',
  origin: 'log.test',
  head: { seq: size, size, root: new Uint8Array(32).fill(mark), timestamp: size },
  database: { systemIdentifier: '7', timeline: 1 },
});

describe('Guard', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'assent-guard-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is absent, then moves from state to state', async () => {
    const guard = new Guard(join(directory, 'guard'));
    expect(await guard.read()).toBeUndefined();
    const first = await guard.compareAndSwap(undefined, state(0));
    const second = await guard.compareAndSwap(first, state(5));
    expect(second?.generation).toBe(2);
    expect((await new Guard(guard.directory).read())?.state).toEqual({
      ...state(5),
      head: { ...state(5).head, root: new Uint8Array(32) },
    });
  });

  it('lets one of many racing processes win, and nobody who expects an older state', async () => {
    const guard = new Guard(join(directory, 'guard'));
    const first = await guard.compareAndSwap(undefined, state(0));
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => guard.compareAndSwap(first, state(1, i))));
    const winners = results.filter((result) => result !== undefined);
    expect(winners).toHaveLength(1);
    expect((await guard.read())?.state.head.root[0]).toBe(winners[0]!.state.head.root[0]);
    expect(await guard.compareAndSwap(first, state(2))).toBeUndefined();
  });

  it('refuses a process that slept until the number it wanted was free again', async () => {
    const guard = new Guard(join(directory, 'guard'));
    const asleep = await guard.compareAndSwap(undefined, state(0));
    let record = asleep;
    for (let size = 1; size <= 100; size++) record = await guard.compareAndSwap(record, state(size));
    expect(readdirSync(guard.directory)).not.toContain('000000000002');
    expect(await guard.compareAndSwap(asleep, state(1, 9))).toBeUndefined();
    expect((await guard.read())?.state.head.size).toBe(100);
    expect(await guard.compareAndSwap(record, state(101))).toBeDefined();
  });

  it('keeps the directory small', async () => {
    const guard = new Guard(join(directory, 'guard'));
    let record = await guard.compareAndSwap(undefined, state(0));
    for (let size = 1; size <= 200; size++) record = await guard.compareAndSwap(record, state(size));
    expect(readdirSync(guard.directory).length).toBeLessThanOrEqual(65);
  });

  it.each([
    ['is cut short', '{"type":"assent/guard/v1"'],
    ['lacks members', '{"type":"assent/guard/v1"}'],
    ['has an unknown type', JSON.stringify({ type: 'assent/guard/v2' })],
  ])('throws on a file that %s: a guard that cannot be read is no permission to sign', async (_, text) => {
    symlinkSync(text, join(directory, '000000000003'));
    await expect(new Guard(directory).read()).rejects.toThrow('000000000003');
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { Holder } from './holder.ts';
import { lock } from './lock.ts';
import { StateFile } from './state-file.ts';

let folder: string;
let target: string;
let file: string;
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-holder-'));
  target = path.join(folder, 'state.json');
  file = path.join(folder, '.state.json.holder');
  said.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

type Claim = { token: string; machine: string; host: string; pid: number; beat: number };
const claim = (): Claim => JSON.parse(readFileSync(file, 'utf8')) as Claim;
const change = (more: Partial<Claim>): void => writeFileSync(file, JSON.stringify({ ...claim(), ...more }));
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      if (!(error instanceof CommandFailure)) throw error;
      return `${error.kind}: ${error.message}`;
    },
  );
/** Never beats by itself, and looks as often as it likes. */
const here = { machine: 'here', beatMs: 1_000_000, pause: async () => undefined };
const there = { ...here, machine: 'there' };

describe('Holder', () => {
  it('keeps a process of another machine out as long as it shows that it is alive', async () => {
    const holder = await Holder.take(target, there);
    let looks = 0;
    const pause = async (): Promise<void> => {
      if (++looks === 3) change({ beat: 1 });
    };
    expect(await failureOf(Holder.take(target, { ...here, pause }))).toMatch(
      /^in_use: .*state\.json is in use by process [0-9]+ of .*, in another container or on another host/,
    );
    expect(said.join('')).toContain('may be in use by process');
    await holder.assertHeld();
    await holder.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stops looking when it is told to', async () => {
    await Holder.take(target, there);
    const signal = AbortSignal.abort(new CommandFailure('interrupted', 'stopped'));
    expect(await failureOf(Holder.take(target, { machine: 'here', beatMs: 1_000_000, signal }))).toBe(
      'interrupted: stopped',
    );
    expect(claim().machine).toBe('there');
  });

  it('takes over what another machine left behind, and says so; who comes back then writes nothing', async () => {
    const gone = await Holder.take(target, there);
    const holder = await Holder.take(target, here);
    expect(said.join('')).toContain('shows no sign of life: it is taken over');
    await holder.assertHeld();
    expect(await failureOf(gone.assertHeld())).toMatch(
      /^in_use: .* was taken over while this process stood still: process/,
    );
    // Nor does its end take anything from the one who has it.
    await gone.release();
    await holder.assertHeld();
    await holder.release();
  });

  it('takes over at once what this machine left behind: the kernel has said that nobody has it', async () => {
    await Holder.take(target, here);
    const pause = () => Promise.reject(new Error('it looked'));
    await (await Holder.take(target, { ...here, pause })).assertHeld();
    expect(said).toEqual([]);
  });

  it('goes on at once when the other one ends while it looks', async () => {
    const other = await Holder.take(target, there);
    const holder = await Holder.take(target, { ...here, pause: () => other.release() });
    await holder.assertHeld();
  });

  it('is one of two that take the same over', async () => {
    await Holder.take(target, there);
    let second: Promise<unknown> | undefined;
    let looks = 0;
    const pause = async (): Promise<void> => {
      // The last pause is the one after it has written.
      if (++looks === 16) second = Holder.take(target, { ...here, machine: 'a third' });
      await second;
    };
    expect(await failureOf(Holder.take(target, { ...here, pause }))).toContain('in_use: ');
    expect(claim().machine).toBe('a third');
  });

  it('is the first of two that find nothing', async () => {
    // Should one of them find the other after all, that one is alive.
    const pause = async (): Promise<void> => change({ beat: claim().beat + 1 });
    const take = (machine: string) => failureOf(Holder.take(target, { ...here, machine, pause }));
    const taken = await Promise.all([take('here'), take('there')]);
    expect(taken.filter((each) => each === 'done')).toHaveLength(1);
    expect(taken.join()).toContain('in_use: ');
  });

  it('counts on while it holds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const holder = await Holder.take(target, { machine: 'here' });
      vi.advanceTimersByTime(11_000);
      // While it waits, the clock goes on.
      await vi.waitFor(() => expect(claim().beat).toBeGreaterThanOrEqual(2), { timeout: 20_000 });
      await holder.release();
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(['', '[]', '{"type":"assent/holder/v2"}'])('does not guess what %j means', async (text) => {
    writeFileSync(file, text);
    expect(await failureOf(Holder.take(target, here))).toMatch(
      /^file_malformed: .*remove it if no assent process uses that/,
    );
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('ends with the lock, and a file of another machine keeps the lock free', async () => {
    const held = await lock(target, here);
    await held.assertHeld();
    await held.release();
    expect(readdirSync(folder)).toEqual([]);
    const other = await Holder.take(target, there);
    const pause = async (): Promise<void> => change({ beat: claim().beat + 1 });
    expect(await failureOf(lock(target, { ...here, pause }))).toContain('in_use: ');
    await other.release();
    await (await lock(target, here)).release();
  });

  it('keeps a state file from being written by one whose time has gone', async () => {
    const format = { type: 'assent/test-state/v1', parse: () => ({}), format: () => ({}) };
    const state = await StateFile.open(target, format);
    await state.save({});
    change({ token: 'another', machine: 'there' });
    const before = readFileSync(target, 'utf8');
    expect(await failureOf(state.save({}))).toContain('in_use: ');
    expect(readFileSync(target, 'utf8')).toBe(before);
    await state.close();
    expect(claim().token).toBe('another');
  });
});

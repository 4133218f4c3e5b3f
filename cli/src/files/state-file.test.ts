import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandFailure } from '../failure.ts';
import { lock } from './lock.ts';
import { StateFile, type StateFormat } from './state-file.ts';

const format: StateFormat<{ readonly size: number }> = {
  type: 'assent/test-state/v2',
  parse: ({ size }) => (typeof size === 'number' ? { size } : undefined),
  format: ({ size }) => ({ size }),
};

const folder = () => mkdtempSync(path.join(tmpdir(), 'assent-state-'));
const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: CommandFailure) => error.kind,
  );

describe('StateFile', () => {
  it('gives back what was saved last, and leaves nothing else behind', async () => {
    const file = path.join(folder(), 'state.json');
    const state = await StateFile.open(file, format);
    expect(state.state).toBeUndefined();
    await Promise.all([state.save({ size: 1 }), state.save({ size: 2 })]);
    expect(state.state).toEqual({ size: 2 });
    await state.close();
    expect(readFileSync(file, 'utf8')).toBe('{"type":"assent/test-state/v2","size":2}\n');
    expect(readdirSync(path.dirname(file))).toEqual(['state.json']);
    const again = await StateFile.open(file, format);
    expect(again.state).toEqual({ size: 2 });
    await again.close();
  });

  it.each([
    ['state_newer', '{"type":"assent/test-state/v3","size":1}'],
    ['file_malformed', '{"type":"assent/test-state/v1","size":1}'],
    ['file_malformed', '{"type":"assent/other-state/v3","size":1}'],
    ['file_malformed', '{"type":"assent/test-state/v2","size":"1"}'],
    ['file_malformed', '{"type":"assent/test-state/v2","si'],
    ['file_malformed', '[]'],
    ['file_malformed', ''],
  ])('refuses as %s, and does not touch: %s', async (kind, text) => {
    const file = path.join(folder(), 'state.json');
    writeFileSync(file, text);
    expect(await kindOf(StateFile.open(file, format))).toBe(kind);
    expect(readFileSync(file, 'utf8')).toBe(text);
    // Nor does it keep the lock.
    expect(await kindOf(StateFile.open(file, format))).toBe(kind);
  });

  it('says where it cannot write, and keeps what was there', async () => {
    const file = path.join(folder(), 'state.json');
    const state = await StateFile.open(file, format);
    await state.save({ size: 1 });
    // A folder in the place of the temporary file, as root may write everywhere.
    mkdirSync(path.join(path.dirname(file), '.state.json.new', 'x'), { recursive: true });
    expect(await kindOf(state.save({ size: 2 }))).toBe('file_unwritable');
    expect(state.state).toEqual({ size: 1 });
    expect(readFileSync(file, 'utf8')).toContain('"size":1');
    await state.close();
  });

  it('says that there is no such folder', async () => {
    expect(await kindOf(StateFile.open(path.join(folder(), 'no', 'state.json'), format))).toBe('file_unwritable');
  });
});

describe('lock', () => {
  it('keeps the second one out, by whatever path it comes, until the first has gone', async () => {
    const at = folder();
    const elsewhere = path.join(folder(), 'link');
    symlinkSync(at, elsewhere);
    const held = await lock(path.join(at, 'state.json'));
    expect(await kindOf(lock(path.join(at, 'state.json')))).toBe('in_use');
    expect(await kindOf(lock(path.join(elsewhere, 'state.json')))).toBe('in_use');
    const other = await lock(path.join(at, 'other.json'));
    await other.release();
    await held.release();
    await (await lock(path.join(elsewhere, 'state.json'))).release();
  });
});

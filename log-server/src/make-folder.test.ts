import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

describe('makeFolder', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), 'assent-make-folder-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('makes all that are missing, with the mode, and says which is the uppermost', () => {
    const folder = path.join(base, 'a', 'b', 'c');
    expect(makeFolder(folder, 0o700)).toBe(path.join(base, 'a'));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(makeFolder(folder, 0o755)).toBeUndefined();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('takes a link to a folder for one', () => {
    mkdirSync(path.join(base, 'real'));
    symlinkSync('real', path.join(base, 'link'));
    expect(makeFolder(path.join(base, 'link', 'in'), 0o700)).toBe(path.join(base, 'link', 'in'));
    expect(existsSync(path.join(base, 'real', 'in'))).toBe(true);
  });

  it('refuses what is a file, and what is under one', () => {
    writeFileSync(path.join(base, 'file'), '');
    expect(() => makeFolder(path.join(base, 'file'), 0o700)).toThrow('there is a file of that name');
    expect(() => makeFolder(path.join(base, 'file', 'in'), 0o700)).toThrow('ENOTDIR');
  });

  it('refuses a link that leads nowhere', () => {
    symlinkSync('nowhere', path.join(base, 'link'));
    expect(() => makeFolder(path.join(base, 'link'), 0o700)).toThrow('ENOENT');
  });

  // Node's own recursive mkdir never returns here.
  it.runIf(existsSync('/proc/self'))('ends where the system lets nobody make a folder', () => {
    expect(() => makeFolder('/proc/no-such-process/data', 0o700)).toThrow(
      'The folder /proc/no-such-process cannot be made',
    );
  });
});

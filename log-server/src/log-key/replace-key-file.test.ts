import {
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceKeyFile } from './replace-key-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-replace-'));
  file = path.join(folder, 'key');
  writeFileSync(file, 'old secret', { mode: 0o600 });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const nothing = async (): Promise<void> => undefined;

describe('replaceKeyFile', () => {
  it('replaces the content for its owner alone, and overwrites the old bytes', async () => {
    const old = openSync(file, 'r');
    expect(await replaceKeyFile(file, 'new', nothing)).toEqual({ overwritten: true });
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['key']);
    const bytes = Buffer.alloc(20);
    expect(bytes.subarray(0, readSync(old, bytes))).toEqual(Buffer.alloc(10));
  });

  it('leaves the old file as it is when the new one does not read back', async () => {
    const refuse = async (written: string): Promise<void> => {
      expect(written).toBe('new');
      throw new Error('cannot be read back');
    };
    await expect(replaceKeyFile(file, 'new', refuse)).rejects.toThrow('cannot be read back');
    expect(readFileSync(file, 'utf8')).toBe('old secret');
    expect(readdirSync(folder)).toEqual(['key']);
  });

  it('does not destroy a copy under another name', async () => {
    linkSync(file, path.join(folder, 'backup'));
    expect(await replaceKeyFile(file, 'new', nothing)).toEqual({ overwritten: false });
    expect(readFileSync(path.join(folder, 'backup'), 'utf8')).toBe('old secret');
  });

  it('makes no file where there is none', async () => {
    rmSync(file);
    await expect(replaceKeyFile(file, 'new', nothing)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

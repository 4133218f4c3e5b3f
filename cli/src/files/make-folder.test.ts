import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { makeFolder } from './make-folder.ts';

const root = mkdtempSync(path.join(tmpdir(), 'assent-make-folder-'));
afterAll(() => rmSync(root, { recursive: true }));
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      if (!(error instanceof CommandFailure)) throw error;
      return `${error.kind}: ${error.message}`;
    },
  );

describe('makeFolder', () => {
  it('makes what is missing, and tells where it began', async () => {
    const [a, b] = [path.join(root, 'a'), path.join(root, 'a', 'b', 'c')];
    expect(await makeFolder(b, 0o700)).toBe(a);
    expect(statSync(b).mode & 0o777).toBe(0o700);
    expect(await makeFolder(b, 0o700)).toBeUndefined();
    expect(await makeFolder(path.join(a, 'd'), 0o700)).toBe(path.join(a, 'd'));
    symlinkSync(a, path.join(root, 'link'));
    expect(await makeFolder(path.join(root, 'link'), 0o700)).toBeUndefined();
  });

  it('makes one below the other at the same time', async () => {
    for (let i = 0; i < 50; i++) {
      const top = path.join(root, `many-${i}`);
      const folders = ['x/0', 'x/0/a', 'x/1', 'x/0/b', 'x'].map((name) => path.join(top, name));
      await Promise.all(folders.map((folder) => makeFolder(folder, 0o700)));
      expect(folders.every((folder) => existsSync(folder))).toBe(true);
    }
  });

  it('says what stands in the way', async () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    expect(await messageOf(makeFolder(file, 0o700))).toContain('there is a file of that name');
    expect(await messageOf(makeFolder(path.join(file, 'x'), 0o700))).toContain('a part of its path is no folder');
    symlinkSync(path.join(root, 'nowhere'), path.join(root, 'dangling'));
    expect(await messageOf(makeFolder(path.join(root, 'dangling'), 0o700))).toContain('file_unwritable: ');
  });

  it.runIf(existsSync('/proc/self'))('ends where nothing can be made, as Node’s own does not', async () => {
    for (const folder of ['/proc/assent', '/proc/assent/state']) {
      expect(await messageOf(makeFolder(folder, 0o700))).toBe(
        `file_unwritable: cannot make ${folder}: there is no such file or folder`,
      );
    }
  });
});

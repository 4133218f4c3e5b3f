import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareBinaries } from './binaries.ts';
import { EmbeddedPostgresFailure } from './failure.ts';
import { canReach, hasRights } from './process-owner.ts';

let folder: string;
let native: string;
let dataDir: string;

/** Laid out as the package is, with one library. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'assent-binaries-'));
  native = path.join(folder, 'native');
  dataDir = path.join(folder, 'data');
  for (const name of ['bin', 'lib', 'share/postgresql']) mkdirSync(path.join(native, name), { recursive: true });
  mkdirSync(dataDir);
  for (const name of ['initdb', 'postgres']) writeFileSync(path.join(native, 'bin', name), name, { mode: 0o755 });
  writeFileSync(path.join(native, 'lib', 'libx.so.1.2'), 'x');
  const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }];
  writeFileSync(path.join(native, 'pg-symlinks.json'), JSON.stringify(links));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('prepareBinaries', () => {
  it('uses the package as it is where its install script ran', () => {
    symlinkSync('libx.so.1.2', path.join(native, 'lib', 'libx.so.1'));
    const { postgres, libraryPath } = prepareBinaries(dataDir, undefined, native);
    expect(postgres).toBe(path.join(native, 'bin', 'postgres'));
    expect(libraryPath).toBeUndefined();
  });

  it('makes missing links in the data directory, again at each start', () => {
    for (let start = 0; start < 2; start += 1) {
      const { postgres, libraryPath } = prepareBinaries(dataDir, undefined, native);
      expect(postgres).toBe(path.join(native, 'bin', 'postgres'));
      expect(libraryPath).toBe(`${path.join(dataDir, 'postgres-lib')}:${path.join(native, 'lib')}`);
      expect(readlinkSync(path.join(dataDir, 'postgres-lib', 'libx.so.1'))).toBe(
        path.join(native, 'lib', 'libx.so.1.2'),
      );
    }
    expect(existsSync(path.join(native, 'lib', 'libx.so.1'))).toBe(false);
  });

  it.each<[string, () => void]>([
    ['a program lost its executable bit', () => chmodSync(path.join(native, 'bin', 'initdb'), 0o644)],
    [
      'a strict umask closed a folder to the user that runs it',
      () => chmodSync(path.join(native, 'share/postgresql'), 0o600),
    ],
  ])('works on a copy, with its links, where %s', (_, damage) => {
    damage();
    const { initdb, libraryPath } = prepareBinaries(dataDir, undefined, native);
    expect(initdb.startsWith(dataDir)).toBe(true);
    expect(statSync(initdb).mode & 0o777).toBe(0o755);
    expect(libraryPath).toBeUndefined();
    expect(readlinkSync(path.join(path.dirname(initdb), '..', 'lib', 'libx.so.1'))).toBe('libx.so.1.2');
    expect(prepareBinaries(dataDir, undefined, native).initdb).toBe(initdb);
  });

  it("works on a copy where the loader's path cannot name the folder", () => {
    const awkward = path.join(folder, 'a:b');
    mkdirSync(awkward);
    const { initdb, libraryPath } = prepareBinaries(awkward, undefined, native);
    expect(initdb.startsWith(awkward)).toBe(true);
    expect(libraryPath).toBeUndefined();
  });

  it('says what to do when a program is missing', () => {
    rmSync(path.join(native, 'bin', 'initdb'));
    expect(() => prepareBinaries(dataDir, undefined, native)).toThrow(EmbeddedPostgresFailure);
    expect(() => prepareBinaries(dataDir, undefined, native)).toThrow('npm ci');
  });
});

describe('rights of the user that runs the database', () => {
  it('follow the one class that applies to it', () => {
    const stats = Object.assign(statSync(native), { uid: 10, gid: 20, mode: 0o40615 });
    expect(hasRights(stats, { uid: 10, gid: 20 }, 1)).toBe(false);
    expect(hasRights(stats, { uid: 11, gid: 20 }, 1)).toBe(true);
    expect(hasRights(stats, { uid: 11, gid: 21 }, 5)).toBe(true);
    expect(hasRights(stats, { uid: 11, gid: 20 }, 4)).toBe(false);
  });

  it('end at the first closed folder on the way', () => {
    const stranger = { uid: 4_000_000, gid: 4_000_000 };
    chmodSync(folder, 0o755);
    expect(canReach(path.join(native, 'bin', 'postgres'), stranger)).toBe(canReach(tmpdir(), stranger));
    chmodSync(folder, 0o700);
    expect(canReach(path.join(native, 'bin', 'postgres'), stranger)).toBe(false);
  });
});

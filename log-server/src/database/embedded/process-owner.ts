import { chownSync, existsSync, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';

/** The unprivileged user as whom PostgreSQL runs when we are root, because it refuses to run as root. */
export type ProcessOwner = { readonly uid: number; readonly gid: number };

/**
 * Whoever owns the cluster already, else the user `postgres`, else `nobody`. The first rule matters when a package
 * creates the user `postgres` after our first start: the files would suddenly belong to somebody else.
 *
 * @returns undefined where we are not root, and PostgreSQL runs as ourselves
 * @throws {EmbeddedPostgresFailure} where there is no such user
 */
export function chooseOwner(clusterDir: string): ProcessOwner | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const existing = statIfThere(clusterDir);
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const users = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new EmbeddedPostgresFailure(
    'PostgreSQL refuses to run as root, and this system has neither a user "postgres" nor "nobody". Run Assent as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether every folder above `target`, and `target` if it is one, can be passed through by that user. */
export function canReach(target: string, owner: ProcessOwner): boolean {
  const stats = statSync(target);
  if (stats.isDirectory() && !hasRights(stats, owner, 1)) return false;
  const parent = path.dirname(target);
  return parent === target || canReach(parent, owner);
}

/** @param rights 4 read, 2 write, 1 execute or pass through; the sum of what is needed */
export function hasRights(stats: Stats, owner: ProcessOwner, rights: number): boolean {
  const shift = stats.uid === owner.uid ? 6 : stats.gid === owner.gid ? 3 : 0;
  return ((stats.mode >> shift) & rights) === rights;
}

/** Gives a folder and all in it to that user; links themselves stay as they are. */
export function chownTree(target: string, owner: ProcessOwner): void {
  const stats = lstatSync(target);
  if (stats.isSymbolicLink()) return;
  chownSync(target, owner.uid, owner.gid);
  if (stats.isDirectory()) for (const name of readdirSync(target)) chownTree(path.join(target, name), owner);
}

export function statIfThere(target: string): Stats | undefined {
  try {
    return statSync(target);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

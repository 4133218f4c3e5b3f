import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedPostgresFailure, hasCode } from './failure.ts';
import type { ProcessOwner } from './process-owner.ts';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, with a zero byte at the end. */
const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

export const SOCKET_PORT = 5432;

/**
 * A folder for PostgreSQL's unix socket that its owner alone can enter: whoever can is trusted, there are no passwords.
 * It lies in the data directory, or, where that path is too long for a socket, in the system's temporary folder under a
 * name made from it. Others can write there, so a folder that exists must be ours.
 *
 * @throws {EmbeddedPostgresFailure}
 */
export function prepareSocketDirectory(dataDir: string, owner: ProcessOwner | undefined): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const folder = [
    path.join(dataDir, 'postgres-socket'),
    path.join(tmpdir(), `assent-${hash}`),
    `/tmp/assent-${hash}`,
  ].find((candidate) => Buffer.byteLength(path.join(candidate, `.s.PGSQL.${SOCKET_PORT}`)) <= LONGEST_SOCKET_PATH);
  if (folder === undefined)
    throw new EmbeddedPostgresFailure('There is no folder whose path is short enough for a socket.');
  const uid = owner?.uid ?? process.geteuid?.();
  try {
    mkdirSync(folder, { mode: 0o700 });
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  // Not chown first: in a shared temporary folder the name may be another user's link.
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || stats.uid !== uid) {
    throw new EmbeddedPostgresFailure(
      `${folder} exists and is not a folder of the user that runs PostgreSQL. Remove it.`,
    );
  }
  if ((stats.mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
  return folder;
}

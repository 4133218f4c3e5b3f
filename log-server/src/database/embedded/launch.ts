import { type SpawnOptions, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { EmbeddedPostgresFailure } from './failure.ts';
import { canReach, type ProcessOwner } from './process-owner.ts';

/** How to start one of PostgreSQL's programs as its owner. */
export type Launch = {
  command(program: string, args: readonly string[]): { file: string; args: string[] };
  readonly spawnOptions: Pick<SpawnOptions, 'uid' | 'gid' | 'env'>;
};

/**
 * Capabilities that let a process pass through folders closed to it, the weaker one first. Docker's default set has only
 * the second.
 */
const CAPABILITIES = [
  { bit: 2, name: 'dac_read_search' },
  { bit: 1, name: 'dac_override' },
] as const;

/**
 * As an ordinary user: as is. As root: under the owner's id; and if a folder on the way to any of `paths` is closed to
 * that user (a clone in /root, typically), through util-linux's `setpriv` with the one capability that opens it.
 * PostgreSQL itself minds only an effective user id of 0. (Bind mounts or moving the data elsewhere would do too, and
 * surprise more.)
 *
 * @throws {EmbeddedPostgresFailure} where that is impossible
 */
export function prepareLaunch(
  owner: ProcessOwner | undefined,
  paths: readonly string[],
  libraryPath: string | undefined,
): Launch {
  // Nothing of our environment but PATH: it holds the log's secrets, and PG* variables would change what is started.
  const env: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
  if (libraryPath !== undefined)
    env[process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'] = libraryPath;

  const plain = (file: string, args: readonly string[]) => ({ file, args: [...args] });
  if (owner === undefined) return { command: plain, spawnOptions: { env } };

  const closed = paths.find((target) => !canReach(target, owner));
  if (closed === undefined) return { command: plain, spawnOptions: { env, uid: owner.uid, gid: owner.gid } };

  const capability = CAPABILITIES.find(({ bit }) => hasCapability(bit));
  const refuse = (why: string) =>
    new EmbeddedPostgresFailure(
      `PostgreSQL refuses to run as root, and the user that would run it (id ${owner.uid}) cannot pass through to ${closed}: ${why}. Choose another ASSENT_DATA_DIR (and install Assent elsewhere if it lies there), or run Assent as an ordinary user.`,
    );
  if (capability === undefined) throw refuse('this process has no capability to open the way');
  const prefix = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    `--inh-caps=+${capability.name}`,
    `--ambient-caps=+${capability.name}`,
    // Otherwise access(2), with which initdb looks for its neighbour, judges without the capability.
    '--securebits=+no_setuid_fixup',
  ];
  const trial = spawnSync('setpriv', [...prefix, 'true'], { env, encoding: 'utf8' });
  if (trial.status !== 0) {
    throw refuse(trial.error === undefined ? `setpriv failed (${trial.stderr.trim()})` : 'there is no program setpriv');
  }
  return {
    command: (file, args) => ({ file: 'setpriv', args: [...prefix, '--', file, ...args] }),
    spawnOptions: { env },
  };
}

function hasCapability(bit: number): boolean {
  if (process.platform !== 'linux') return false;
  const bits = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${bits}`) >> BigInt(bit)) & 1n) === 1n;
}

import { hexEncode } from '@assent/verifier';
import { type Flags, loadConfig } from '../config/load-config.ts';
import type { Database } from '../database/connect.ts';
import { createLogger } from '../logger.ts';
import { type CheckedLog, checkLog } from '../maintenance/check-log.ts';
import { FINDING_CODES } from '../maintenance/findings.ts';
import type { KnownHead } from '../maintenance/known-head.ts';
import { terminalProgress } from '../maintenance/progress.ts';
import { openCheckpoint, readCheckpointText } from '../maintenance/signed-checkpoint.ts';
import { readSigningIdentity } from '../maintenance/signing-identity.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { guardDirectory } from '../open-parts.ts';
import { Guard } from '../publisher/guard.ts';
import { CommandFailed } from './keys.ts';
import { openConfiguredDatabase } from './open-configured-database.ts';

export type FsckOptions = { readonly json?: boolean; readonly checkpoint?: readonly string[] };

const COULD_NOT_CHECK = 3;

/** `assent-log fsck`: checks the whole log as it is stored. Ends with 1 if anything is damaged, with 3 if it could not look. */
export async function fsck({ json = false, checkpoint = [] }: FsckOptions, flags: Flags): Promise<void> {
  const config = loadConfig(flags, process.env);
  const progress = terminalProgress('checking entries');
  let checked: CheckedLog & { readonly guarded: boolean };
  try {
    const opened = await openConfiguredDatabase({ ...config, databaseConnections: 2 }, createLogger('silent'), {
      asItIs: true,
      applicationName: 'assent-log fsck',
    });
    try {
      checked = await check(opened.database, checkpoint, config.dataDir, progress);
    } finally {
      await opened.close();
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown error';
    if (json) print({ type: 'assent/fsck/v1', ok: false, error: message });
    throw new CommandFailed(message, COULD_NOT_CHECK);
  } finally {
    progress.end();
  }
  if (json) print(toJson(checked));
  else process.stdout.write(describe(checked));
  if (checked.findings.length > 0) {
    throw new CommandFailed(`The log is damaged: ${checked.findings.length + checked.more} findings.`);
  }
}

async function check(
  { kysely }: Database,
  checkpoints: readonly string[],
  dataDir: string,
  progress: ReturnType<typeof terminalProgress>,
): Promise<CheckedLog & { readonly guarded: boolean }> {
  const known: KnownHead[] = [];
  const identity = await readSigningIdentity(kysely);
  for (const source of checkpoints) {
    if (identity === undefined) break;
    const { size, root } = await openCheckpoint(await readCheckpointText(source), identity, source);
    known.push({ size, root, source, finding: 'checkpoint_head' });
  }
  // Before the snapshot is taken: the guard moves only to what is committed, so the snapshot holds what it knows now.
  const guard = new Guard(guardDirectory(dataDir));
  const record = await guard.read();
  const ours = record !== undefined && record.state.origin === identity?.origin;
  if (ours) {
    const { size, root } = record.state.head;
    known.push({ size, root, source: `the fork guard in ${guard.directory}`, finding: 'guard_head' });
  }
  return { ...(await checkLog(kysely, known, nativeSha256, progress)), guarded: ours };
}

function unchecked({ guarded, unchecked: words }: CheckedLog & { readonly guarded: boolean }): string[] {
  const guard = 'whether the database holds everything that was signed: there is no fork guard of this log here';
  return guarded ? [...words] : [...words, guard];
}

function toJson(checked: CheckedLog & { readonly guarded: boolean }): object {
  const { origin, size, root, heads, tiles, withheld, findings, more } = checked;
  return {
    type: 'assent/fsck/v1',
    ok: findings.length === 0,
    origin,
    size,
    root: root && hexEncode(root),
    heads,
    tiles,
    withheld,
    findings: findings.map((finding) => ({ ...finding, advice: FINDING_CODES[finding.code] })),
    more,
    unchecked: unchecked(checked),
  };
}

function describe(checked: CheckedLog & { readonly guarded: boolean }): string {
  const { origin, size, root, heads, tiles, withheld, findings, more } = checked;
  const lines = [
    `log        ${origin ?? 'unknown'}`,
    `checked    ${size} entries, ${heads} heads, ${tiles} full tiles`,
    ...(root === undefined ? [] : [`root       ${hexEncode(root)}`]),
    ...(withheld === 0 ? [] : [`withheld   ${withheld} entries`]),
    ...unchecked(checked).map((words) => `unchecked  ${words}`),
    ...findings.map(
      ({ code, first, last, detail }) =>
        `DAMAGED    ${code} ${first}${last === first ? '' : `–${last}`}: ${detail}\n           ${FINDING_CODES[code]}`,
    ),
    ...(more === 0 ? [] : [`DAMAGED    and ${more} more`]),
    findings.length === 0 ? 'clean' : 'damaged',
  ];
  return `${lines.join('\n')}\n`;
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

import { equalBytes, formatVkey, parseVkey } from '@assent/verifier';
import type { Flags } from '../config/load-config.ts';
import { describeIdentity, type LogIdentity } from '../log-identity.ts';
import { loadOrCreateLogKey } from '../log-key.ts';
import { isKnownKey, type LogState, LogTimeline } from '../log-timeline.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { type ChangeOutcome, changeLog } from '../store/change-log.ts';
import { type NewLogChange, readLogChanges } from '../store/log-changes.ts';
import { listSigning } from '../store/server-presence.ts';
import { CommandFailed } from './keys.ts';
import { type SigningLog, withLogRow, withSigningLog } from './open-signing-log.ts';

/** `assent-log rotate show` */
export function showRotation(json: boolean, flags: Flags): Promise<void> {
  return withLogRow(flags, async ({ kysely }, row) => {
    const state = new LogTimeline(row.publicKey, await readLogChanges(kysely)).at();
    const identity = describeIdentity(state, (key) => formatVkey(row.origin, key, nativeSha256));
    process.stdout.write(json ? `${JSON.stringify(toJson(identity))}\n` : describe(identity));
  });
}

/** `assent-log rotate prepare`: makes the next key's file. Nothing signs with it yet. */
export function prepareRotation(flags: Flags): Promise<void> {
  return withLogRow(flags, async ({ kysely }, row, config) => {
    const state = new LogTimeline(row.publicKey, await readLogChanges(kysely)).at();
    refuseClosed(state);
    const file = config.nextLogKeyFile;
    const key = await loadOrCreateLogKey(file, { secret: config.logKeySecret, requireEncrypted: config.production });
    const underWay = state.successor !== undefined && equalBytes(state.successor.publicKey, key.publicKey);
    if (!underWay && isKnownKey(state, key.publicKey)) throw usedBefore(file);
    process.stdout.write(`${formatVkey(row.origin, key.publicKey, nativeSha256)}\n`);
    say(
      key.created
        ? `The next log key is in ${file}${key.encrypted ? ', encrypted' : ', not encrypted'}. Back it up.`
        : `The next log key was in ${file} already.`,
      underWay
        ? 'It signs already: a rotation is under way.'
        : 'Publish its vkey (above), restart each server so that it holds the key, then run "assent-log rotate start".',
    );
  });
}

/** `assent-log rotate start`: from now on both keys sign every head. */
export function startRotation(flags: Flags): Promise<void> {
  return withSigningLog(flags, async (log) => {
    const { nextKey, config } = log;
    if (nextKey === undefined) {
      throw new CommandFailed(
        `There is no next log key ${config.nextLogKeyFile}: run "assent-log rotate prepare" first.`,
      );
    }
    await refuseServersWithout(log, nextKey.publicKey);
    await change(log, (state) => {
      refuseClosed(state);
      if (state.successor !== undefined) {
        if (equalBytes(state.successor.publicKey, nextKey.publicKey)) return undefined;
        throw new CommandFailed('Another rotation is under way: finish or cancel that one first.');
      }
      if (isKnownKey(state, nextKey.publicKey)) throw usedBefore(nextKey.file);
      return { kind: 'rotate-start', publicKey: nextKey.publicKey };
    });
    say(
      'Both keys sign every head now, and /api/v1/log announces the successor.',
      'Give everyone who pins the log\'s key the new vkey. When they have it, run "assent-log rotate finish --yes".',
    );
  });
}

/** `assent-log rotate finish`: from now on the newer key signs alone. */
export async function finishRotation(yes: boolean, flags: Flags): Promise<void> {
  if (!yes) {
    throw new CommandFailed(
      'After this the older key signs nothing more, and whoever pins it alone cannot verify new receipts. It cannot be undone. Run it again with --yes.',
    );
  }
  await withSigningLog(flags, async (log) => {
    const { outcome } = await change(log, (state) => {
      refuseClosed(state);
      if (state.successor !== undefined) return { kind: 'rotate-finish' };
      if (state.retired.length > 0) return undefined;
      throw new CommandFailed('No rotation is under way: begin one with "assent-log rotate prepare".');
    });
    if (outcome === 'unchanged') return say('No rotation is under way: what is above holds already.');
    const { logKeyFile, nextLogKeyFile } = log.config;
    say(
      'The newer key signs alone now; the older one is listed as retired in /api/v1/log.',
      `Before the next restart of any server, put its file in the older one's place: mv ${nextLogKeyFile} ${logKeyFile}`,
      'Running servers need no restart. Keep the older key as a secret until no backup of the database from before now would be restored, then destroy it.',
    );
  });
}

/** `assent-log rotate cancel`: the older key goes on alone. Needs neither key, as the newer one may be lost. */
export async function cancelRotation(yes: boolean, flags: Flags): Promise<void> {
  if (!yes) {
    throw new CommandFailed(
      'After this the newer key signs nothing more, and whoever pins it alone already cannot verify new receipts. It cannot be undone. Run it again with --yes.',
    );
  }
  await withLogRow(flags, async (database) => {
    const { outcome } = await changeLog(database, (state) => {
      refuseClosed(state);
      return state.successor === undefined ? undefined : { kind: 'rotate-cancel' };
    });
    say(
      outcome === 'changed'
        ? 'The rotation is cancelled: the older key signs alone from the next head on, and the newer one is never used again.'
        : 'No rotation is under way.',
    );
  });
}

async function change(log: SigningLog, decide: (state: LogState) => NewLogChange | undefined): Promise<ChangeOutcome> {
  const outcome = await changeLog(log.database, decide);
  // Signed here, so that a failure is seen here; the servers sign the same bytes when they next look.
  const { seq, checkpoint } = await log.log.head();
  process.stdout.write(describe(log.log.identityAt(seq)));
  process.stdout.write(`\n${checkpoint}`);
  return outcome;
}

/** A server that lacks the key would turn read-only at the next head: better to say so before there is one. */
async function refuseServersWithout({ database, origin }: SigningLog, publicKey: Uint8Array): Promise<void> {
  const verifier = parseVkey(formatVkey(origin, publicKey, nativeSha256), nativeSha256);
  if (!verifier.ok) throw new TypeError(`publicKey: ${verifier.detail}`);
  const id = verifier.value.keyId.toString(16).padStart(8, '0');
  const lacking = (await listSigning(database.pool)).filter(
    ({ keyIds }) => keyIds !== undefined && !keyIds.includes(id),
  );
  if (lacking.length === 0) return;
  const list = lacking.map(({ pid, address }) => `${address ?? 'this host'} (database connection ${pid})`).join(', ');
  throw new CommandFailed(
    `These servers do not hold the next log key yet, and would stop signing: ${list}. Restart them, then run this again.`,
  );
}

function refuseClosed({ closed }: LogState): void {
  if (closed !== undefined) throw new CommandFailed('This log is closed: no head comes any more, so no key is needed.');
}

function usedBefore(file: string): CommandFailed {
  return new CommandFailed(
    `${file} holds a key that signs, or signed, this log. The next key must be a new one: move the file to where ASSENT_LOG_KEY_FILE says, or away.`,
  );
}

function describe({ vkeys, successor, retired, closed }: LogIdentity): string {
  const lines = [
    `signs        ${vkeys.join(' and ')}`,
    ...(successor === undefined ? [] : [`successor    ${successor.vkey}, since ${time(successor.since)}`]),
    ...retired.map(({ vkey, until }) => `retired      ${vkey}, on ${time(until)}`),
    ...(closed === undefined ? [] : [`closed       ${time(closed.at)}; successor: ${closed.successor ?? 'none'}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function toJson({ vkeys, successor, retired }: LogIdentity): object {
  return {
    type: 'assent/log-keys/v1',
    vkeys,
    ...(successor && { successor: { vkey: successor.vkey, since: time(successor.since) } }),
    retired: retired.map(({ vkey, until }) => ({ vkey, until: time(until) })),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function say(...lines: string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}

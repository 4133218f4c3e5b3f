/** A log from outside: whether it is there, whose it is, what it signed last, and what its clock says. */
import { parseTime, parseVkey, verifyCheckpoint } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import type { LogClient, LogSelfDescription } from '../http/log-client.ts';
import { otherSigners } from '../other-signers.ts';
import type { Pinned } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import type { Examination } from './examination.ts';

/** As far as a statement may be ahead of the log (formats.md §11, `window`). */
const CLOCK_TOLERANCE_MS = 60_000;
/** An idle log signs its head again every 10 minutes. */
const STALE_AFTER_MS = 15 * 60_000;

export type ExaminedLog = Pick<LogClient, 'host' | 'describe' | 'ready' | 'checkpoint'>;

export async function examineLog(examination: Examination, client: ExaminedLog, pinned: Pinned): Promise<void> {
  const before = Date.now();
  const described = await examination.check('log', async () => {
    const value = await client.describe();
    return { value, detail: `${client.host} is the log ${value.origin}.` };
  });
  const halfway = (before + Date.now()) / 2;
  if (described === undefined) {
    for (const id of ['ready', 'clock', 'head', 'checkpoint']) examination.skip(id, 'The log has to be reached first.');
    return;
  }
  await examination.check('ready', async () => {
    await client.ready();
    return { value: undefined, detail: 'It says that it can append.' };
  });
  await examineTimes(examination, described, halfway);
  await examineHead(examination, client, pinned, described);
}

async function examineTimes(
  examination: Examination,
  { date, timestamp }: LogSelfDescription,
  here: number,
): Promise<void> {
  const there = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(there)) examination.skip('clock', 'The log does not say what its clock shows.');
  else {
    await examination.check('clock', async () => {
      // HTTP's dates have no milliseconds.
      const off = Math.round((here - there - 500) / 1000);
      const words = `${Math.abs(off)} s ${off < 0 ? 'behind' : 'ahead of'} the clock of the log`;
      if (Math.abs(off) * 1000 <= CLOCK_TOLERANCE_MS)
        return { value: undefined, detail: `The clock here is ${words}.` };
      throw new CommandFailure(
        'clock_off',
        `the clock here is ${words}: one of the two is wrong, and expiry is judged by both`,
      );
    });
  }
  const signed = timestamp === undefined ? undefined : parseTime(timestamp);
  if (signed === undefined || !signed.ok) {
    examination.skip('head', 'The log does not say when it signed its head.');
    return;
  }
  await examination.check('head', async () => {
    const now = Number.isNaN(there) ? here : there;
    const minutes = Math.round((now - signed.value) / 60_000);
    if (now - signed.value <= STALE_AFTER_MS) return { value: undefined, detail: `Its head is of ${timestamp}.` };
    throw new CommandFailure(
      'unavailable',
      `its head is ${minutes} minutes old: the log, or what lies before it, stands still`,
    );
  });
}

async function examineHead(
  examination: Examination,
  client: ExaminedLog,
  pinned: Pinned,
  { origin, vkeys, retired }: LogSelfDescription,
): Promise<void> {
  if (pinned.logKeys.length === 0) {
    examination.skip(
      'checkpoint',
      `No key is pinned. The log names ${vkeys.join(' and ')}: compare, and pass --log-key.`,
    );
    return;
  }
  const checkpoint = await examination.check('checkpoint', async () => {
    const value = await client.checkpoint();
    const { checks } = await verifyCheckpoint(value, { ...pinned, primitives });
    const { status, code, detail } = checks[0]!;
    if (status === 'pass') return { value: checks[1]!, detail };
    const names = pinned.logKeys.map((vkey) => parseVkey(vkey)).map((key) => (key.ok ? key.value.name : ''));
    const other = names.includes(origin) ? '' : ` What is pinned is of ${[...new Set(names)].join(', ')}.`;
    const since = retired.filter(({ vkey }) => pinned.logKeys.includes(vkey)).map(({ until }) => until);
    const ended = since.length === 0 ? '' : ` The log says that it retired what is pinned on ${since.join(' and ')}.`;
    throw new CommandFailure(
      'evidence_refused',
      `the checkpoint is not signed by the pinned key: ${detail} (${code})${otherSigners(value, pinned.logKeys)}.${other}${ended}`,
    );
  });
  if (checkpoint === undefined || pinned.logPolicy === undefined) return;
  // Cosignatures come after the log's own signature, so a head without them is nothing bad.
  if (checkpoint.status === 'pass')
    await examination.check('witnesses', async () => ({ value: undefined, detail: checkpoint.detail }));
  else examination.skip('witnesses', checkpoint.detail);
}

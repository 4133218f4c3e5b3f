/**
 * The logs that a witness cosigns for, in the log list format of the public witness network, `logs/v0`
 * (https://github.com/transparency-dev/witness-network, docs/log-list-format.md):
 *
 *     # comments and empty lines stand anywhere
 *     logs/v0
 *
 *     vkey log.example.com/approvals+7b48e9c0+Ae1J…
 *     origin none                       the first line of its checkpoints, if it is not the key's name; may be left out
 *     qpd 86400                         how many calls a day its operator announces
 *     bastion none                      may be left out
 *     contact log@example.com
 *
 * Several keys for one origin are several such blocks. Of a block only the key and the origin count here; the rest may be
 * left out. `qpd` is not enforced: calls are not authenticated, so whoever replays a log's checkpoint would use up its share.
 */
import { equalBytes, type NoteVerifier, parseDecimal, parseVkey, type Result, utf8Decode } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readInput } from '../files/read-input.ts';

const HEADER = 'logs/v0';
/** A public list of 100,000 logs takes 20 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What may follow a `vkey`, in this order, each at most once. */
const FOLLOWING: readonly string[] = ['origin', 'qpd', 'bastion', 'contact'];

export type LogList = {
  /** By origin, the keys that may have signed its checkpoints. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>;
  /** Lines, each with its number, whose key is of a kind that this witness can't verify: that key is left out. */
  readonly unsupported: readonly string[];
};

/** `key`: undefined if it is left out; `next`: the first place in {@link FOLLOWING} that is still free. */
type Block = { readonly key: NoteVerifier | undefined; origin: string; next: number };

export async function readLogList(path: string): Promise<LogList> {
  const bytes = await readInput(path, MAX_BYTES);
  if (bytes.length > MAX_BYTES) throw new CommandFailure('file_malformed', `${path} is too large for a list of logs`);
  const text = utf8Decode(bytes);
  if (!text.ok) throw new CommandFailure('file_malformed', `${path} is not UTF-8`);
  try {
    return parseLogList(text.value);
  } catch (error) {
    if (error instanceof LogListError) throw new CommandFailure('file_malformed', `${path}, ${error.message}`);
    throw error;
  }
}

/** What is wrong with a list, and in which line. */
export class LogListError extends Error {}

/** @throws LogListError that names the line */
export function parseLogList(text: string): LogList {
  // Were the last line's end optional, a file that was cut short could hold another origin.
  if (!text.endsWith('\n')) throw new LogListError('last line: it does not end in a newline');
  const blocks: Block[] = [];
  const unsupported: string[] = [];
  let hasHeader = false;
  for (const [index, raw] of text.slice(0, -1).split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const wrong = (why: string) => new LogListError(`line ${index + 1}: ${why}`);
    if (!hasHeader) {
      if (line !== HEADER) throw wrong(`it does not begin with "${HEADER}"`);
      hasHeader = true;
      continue;
    }
    const space = line.indexOf(' ');
    const [keyword, value] = space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1).trim()];
    if (value === '') throw wrong(`nothing follows ${JSON.stringify(keyword.slice(0, 40))}`);
    if (keyword === 'vkey') {
      const key = parseVkey(value);
      if (!key.ok && key.code !== 'key_unsupported') throw wrong(`${key.detail} (${key.code})`);
      if (!key.ok) unsupported.push(`line ${index + 1}: ${key.detail}`);
      blocks.push(
        key.ok ? { key: key.value, origin: key.value.name, next: 0 } : { key: undefined, origin: '', next: 0 },
      );
      continue;
    }
    const place = FOLLOWING.indexOf(keyword);
    if (place < 0) throw wrong(`unknown keyword ${JSON.stringify(keyword.slice(0, 40))}`);
    const block = blocks.at(-1);
    if (block === undefined || place < block.next) throw wrong(`"${keyword}" stands where it does not belong`);
    block.next = place + 1;
    if (keyword === 'origin' && value !== 'none') block.origin = value;
    if (keyword === 'qpd' && !isCount(parseDecimal(value))) throw wrong('"qpd" takes a whole number from 1');
  }
  if (!hasHeader) throw new LogListError(`line 1: it does not begin with "${HEADER}"`);
  return { logs: byOrigin(blocks), unsupported };
}

function byOrigin(blocks: readonly Block[]): Map<string, NoteVerifier[]> {
  const logs = new Map<string, NoteVerifier[]>();
  for (const { key, origin } of blocks) {
    if (key === undefined) continue;
    const keys = logs.get(origin) ?? [];
    logs.set(origin, keys);
    // Twice the same line is one key.
    const isThere = keys.some((other) => other.name === key.name && equalBytes(other.publicKey.raw, key.publicKey.raw));
    if (!isThere) keys.push(key);
  }
  return logs;
}

function isCount(number: Result<number>): boolean {
  return number.ok && number.value >= 1;
}

/** Whose signature on a tree head counts: keys that the user pins, or, as a first step, those that the log names itself. */
import { existsSync } from 'node:fs';
import { parseVkey } from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { readInput } from './files/read-input.ts';
import type { LogClient, LogSelfDescription } from './http/log-client.ts';
import { say } from './terminal/output.ts';

const MAX_KEY_FILE_BYTES = 64 * 1024;
const LOOKS_LIKE_VKEY = /^[^+]+\+[0-9a-fA-F]{8}\+/;

/**
 * @param values of `--log-key`: a vkey (`name+hash+key`), or a file with one on each line, where empty lines and those
 *   that begin with `#` do not count.
 */
export async function readPinnedKeys(values: readonly string[]): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const value of values) {
    if (LOOKS_LIKE_VKEY.test(value)) keys.push(checkVkey(value, '--log-key'));
    else if (value !== '-' && !value.includes('/') && !existsSync(value)) throw neither(value);
    else keys.push(...(await readKeyFile(value)));
  }
  return keys;
}

function neither(value: string): CommandFailure {
  const message = `--log-key: ${value.slice(0, 200)} is neither a key of a log (name+hash+key) nor a file that is there`;
  return new CommandFailure('file_unreadable', message);
}

async function readKeyFile(path: string): Promise<readonly string[]> {
  const bytes = await readInput(path, MAX_KEY_FILE_BYTES);
  if (bytes.length > MAX_KEY_FILE_BYTES)
    throw new CommandFailure('file_malformed', `${path} is too large for a file of keys`);
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const keys = lines.flatMap((line, index) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [checkVkey(text, `${path}, line ${index + 1}`)];
  });
  if (keys.length === 0) throw new CommandFailure('file_malformed', `${path} holds no key`);
  return keys;
}

function checkVkey(text: string, where: string): string {
  const key = parseVkey(text);
  if (key.ok) return text;
  throw new CommandFailure('file_malformed', `${where}: no key of a log in the form name+hash+key (${key.detail})`);
}

/** Asks the log, and says what that is worth. */
export async function fetchLogKeys(client: LogClient): Promise<LogSelfDescription> {
  const described = await client.describe();
  say(
    `the key of the log was taken from the log itself (${client.host}), which proves only that the log agrees with itself.`,
    'To pin it, compare it with one that reached you in another way, and pass it from then on:',
    ...described.vkeys.map((vkey) => `--log-key '${vkey}'`),
  );
  return described;
}

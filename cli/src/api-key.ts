import { CommandFailure } from './failure.ts';
import { readSecret } from './files/read-secret.ts';
import { isInTheClear } from './log-url.ts';
import { say } from './terminal/output.ts';

/** `--api-key-file`, else ASSENT_API_KEY, else ASSENT_API_KEY_FILE. There is no flag for the key: others see command lines. */
export async function readApiKey(file: string | undefined, log: URL): Promise<string> {
  const { ASSENT_API_KEY: fromEnvironment, ASSENT_API_KEY_FILE: fileFromEnvironment } = process.env;
  const path = file ?? (fromEnvironment ? undefined : fileFromEnvironment || undefined);
  const key = path === undefined ? fromEnvironment : await readSecret(path, 'an API key');
  if (!key) {
    throw new CommandFailure(
      'usage',
      'an API key is needed to append: pass --api-key-file FILE, or set ASSENT_API_KEY',
    );
  }
  return checked(key, path ?? 'ASSENT_API_KEY', log);
}

/**
 * The API key with which an owner asks for what others are not told. From `--api-key-file` alone: reading needs no key, so
 * one from the environment would go to logs that have no business with it.
 */
export async function readOwnersApiKey(file: string | undefined, log: URL | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (log === undefined) throw new CommandFailure('usage', '--api-key-file goes with --log: the key is for that log');
  return checked(await readSecret(file, 'an API key'), file, log);
}

function checked(key: string, from: string, log: URL): string {
  const trimmed = key.trim();
  if (!/^[\x21-\x7e]{1,512}$/.test(trimmed)) {
    throw new CommandFailure('file_malformed', `${from} does not hold an API key: one line of printable characters`);
  }
  if (isInTheClear(log)) say(`warning: the API key goes to ${log.host} unencrypted; use https`);
  return trimmed;
}

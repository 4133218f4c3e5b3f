import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createApiKeyText, parseApiKeyText } from './api-key-text.ts';
import { createFileOnce } from './data-folder.ts';
import type { Database } from './database/connect.ts';
import { hasApiKeys, insertFirstApiKey } from './store/api-keys.ts';

export type FirstApiKey = {
  /** The key; to be shown now, if it was made here. */
  readonly text: string;
  /** Where it is kept; absent if the operator gave it. */
  readonly file: string | undefined;
};

/**
 * Gives a log that has no API key its first one: the operator's, or one that is made and kept in the data directory.
 * The file is written before the database knows the key, so that a crash in between leaves a key that the next start
 * uses rather than one that nobody ever saw.
 *
 * @returns undefined if the log has keys
 * @throws {TypeError} if the key that was given is malformed; an Error if the kept file is
 */
export async function ensureFirstApiKey(
  database: Database,
  options: { readonly dataDir: string; readonly given: string | undefined; readonly services: readonly string[] },
): Promise<FirstApiKey | undefined> {
  if (await hasApiKeys(database)) return undefined;
  const file = path.join(options.dataDir, 'first-api-key');
  const text = options.given ?? (await keepKey(file));
  const parsed = parseApiKeyText(text);
  if (parsed === undefined && options.given !== undefined) throw new TypeError('options.given is not an API key');
  if (parsed === undefined) throw new Error(`${file} does not hold an API key. Remove it, and a new one is made.`);
  const isFirst = await insertFirstApiKey(database, {
    ...parsed,
    name: 'first key',
    services: options.services,
    // Who may append for every service is the operator, who may as well try out boundaries and trust roots.
    ...(options.services.includes('*') && { boundaries: ['*'], trustRoots: ['*'] }),
    createdAt: Date.now(),
  });
  return isFirst ? { text, file: options.given === undefined ? file : undefined } : undefined;
}

async function keepKey(file: string): Promise<string> {
  const made = createApiKeyText();
  if (await createFileOnce(file, `${made}\n`)) return made;
  return (await readFile(file, 'utf8')).trim();
}

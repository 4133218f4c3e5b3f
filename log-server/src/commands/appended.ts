import { parseDecimal } from '@assent/verifier';
import { ConfigError } from '../config/config-error.ts';
import type { Flags } from '../config/load-config.ts';
import { listApiKeys } from '../store/api-keys.ts';
import { findAppended, findAppenders } from '../store/appended-by.ts';
import { CommandFailed, checkKeyId, noSuchKey, withDatabase } from './keys.ts';
import { textTable } from './text-table.ts';

/** Far below what a statement can take as parameters. */
const MOST_INDEXES = 1_000;

/** `assent-log keys whois`: a record that only the operator has. */
export function showAppenders(indexes: readonly string[], json: boolean, flags: Flags): Promise<void> {
  if (indexes.length > MOST_INDEXES) throw new ConfigError(`Ask for ${MOST_INDEXES} entries at most.`);
  const wanted = indexes.map((text) => {
    const index = parseDecimal(text);
    if (!index.ok) throw new ConfigError(`An index is a decimal number, not ${JSON.stringify(text.slice(0, 100))}.`);
    return index.value;
  });
  return withDatabase(flags, async (database) => {
    const appenders = await findAppenders(database.kysely, wanted);
    const missing = wanted.find((index) => !appenders.some((found) => found.index === index));
    if (missing !== undefined) throw new CommandFailed(`There is no entry ${missing}.`);
    const names = new Map((await listApiKeys(database)).map(({ id, name }) => [id, name]));
    const named = appenders.map(({ index, keyId }) => ({
      index,
      key: keyId,
      name: keyId === null ? undefined : names.get(keyId),
    }));
    process.stdout.write(
      json
        ? `${JSON.stringify({ type: 'assent/appended-by/v1', entries: named })}\n`
        : textTable([
            ['ENTRY', 'KEY', 'NAME'],
            ...named.map(({ index, key, name }) => [
              String(index),
              key ?? '-',
              key === null ? 'no key: the server itself, or before this was recorded' : (name ?? '-'),
            ]),
          ]),
    );
  });
}

/** `assent-log keys appended`: everything that a key appended, which is what a thief of it may have appended. */
export function showAppended(id: string, json: boolean, flags: Flags): Promise<void> {
  checkKeyId(id);
  return withDatabase(flags, async (database) => {
    const known = (await listApiKeys(database)).some((key) => key.id === id);
    if (!known) throw noSuchKey(id);
    const ranges = await findAppended(database.kysely, id);
    const line = ({ first, last }: (typeof ranges)[number]): string =>
      first === last ? `${first}\n` : `${first}-${last}\n`;
    process.stdout.write(
      json
        ? `${JSON.stringify({ type: 'assent/appended/v1', key: id, entries: ranges.map(({ first, last }) => [first, last]) })}\n`
        : ranges.map(line).join(''),
    );
    if (ranges.length === 0) process.stderr.write(`Key ${id} appended nothing.\n`);
  });
}

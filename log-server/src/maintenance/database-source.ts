import { equalBytes, HASH_SIZE, type Sha256 } from '@assent/verifier';
import { openDatabase } from '../database/connect.ts';
import { refuseOtherSchema } from '../database/migrate.ts';
import { readEntries, readLeafHashes } from '../store/entries.ts';
import { newestHead } from '../store/heads.ts';
import { readLogRow } from '../store/log-row.ts';
import { readPrivateRecords } from '../store/private-records.ts';
import type { EntrySource } from './entry-source.ts';
import { MaintenanceFailure } from './maintenance-failure.ts';

/** Another database of the same log, as the old primary is: it may have what this one lacks. */
export async function openOldDatabase(
  url: string,
  log: { origin: string; publicKey: Uint8Array },
  sha256: Sha256,
): Promise<EntrySource> {
  const { hostname, pathname } = new URL(url);
  const name = `the database ${hostname}${pathname}`;
  const database = await openDatabase(
    { connectionString: url, max: 2 },
    { applicationName: 'assent-log recover' },
  ).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message || String('code' in cause ? cause.code : cause.name) : 'unknown';
    throw new MaintenanceFailure('unreachable', `${name} can't be used: ${why}.`, { cause });
  });
  try {
    await refuseOtherSchema(database);
    const { kysely } = database;
    const row = await readLogRow(kysely);
    if (row === undefined || row.origin !== log.origin || !equalBytes(row.publicKey, log.publicKey)) {
      throw new MaintenanceFailure('refused', `${name} is not of the log ${log.origin}.`);
    }
    const size = (await newestHead(kysely))?.size ?? 0;
    return {
      name,
      // Its heads are not signed by themselves: which of them were, the guard and the checkpoints say.
      checkpoints: [],
      async entries(first, end) {
        const there = Math.max(first, Math.min(end, size));
        const entries: (Uint8Array | undefined)[] = [];
        for await (const hashes of readLeafHashes(kysely, first, there)) {
          const leaves = Array.from({ length: hashes.length / HASH_SIZE }, (_, i) =>
            hashes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE),
          );
          entries.push(...(await readEntries(kysely, first + entries.length, leaves, sha256)));
        }
        return [...entries, ...Array.from({ length: end - there }, () => undefined)];
      },
      privateRecords: (first, end) => readPrivateRecords(kysely, first, end),
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

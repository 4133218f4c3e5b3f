import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

const MB = 2 ** 20;

/** Settings of a server that decide how well, not whether, a log runs on it. */
export type ServerSettingFacts = {
  readonly sharedBuffersBytes: number;
  readonly maxWalBytes: number;
  readonly walCompression: string;
  readonly autovacuum: boolean;
  readonly checksums: boolean;
  /** `synchronous_standby_names`. */
  readonly synchronousStandbys: string;
  /** Standbys that are connected, by their part in synchronous replication; undefined: this role may not see that. */
  readonly standbys: { readonly synchronous: number; readonly others: number } | undefined;
  /** How far the server's clock is ahead of this machine's, at least, in ms; negative: behind. */
  readonly clockAheadMs: number;
};

/** Clocks that are kept by NTP differ by far less. */
const MOST_CLOCK_DIFFERENCE_MS = 10_000;

export async function readServerSettings(kysely: Kysely<Schema>): Promise<ServerSettingFacts> {
  const asked = Date.now();
  const { rows } = await sql<Record<string, unknown>>`
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS clock,
      pg_size_bytes(current_setting('shared_buffers')) AS buffers,
      pg_size_bytes(current_setting('max_wal_size')) AS wal,
      current_setting('wal_compression') AS compression,
      current_setting('autovacuum') AS autovacuum,
      current_setting('data_checksums') AS checksums,
      current_setting('synchronous_standby_names') AS names,
      (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS synchronous,
      (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('async', 'potential')) AS others,
      pg_has_role('pg_monitor', 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS monitor
  `.execute(kysely);
  const answered = Date.now();
  const row = rows[0]!;
  const clock = Number(row.clock);
  return {
    // Whatever it was between the question and the answer may be the same time as ours.
    clockAheadMs: clock - Math.min(Math.max(clock, asked), answered),
    sharedBuffersBytes: Number(row.buffers),
    maxWalBytes: Number(row.wal),
    walCompression: String(row.compression),
    autovacuum: row.autovacuum === 'on',
    checksums: row.checksums === 'on',
    synchronousStandbys: String(row.names),
    standbys: row.monitor === true ? { synchronous: Number(row.synchronous), others: Number(row.others) } : undefined,
  };
}

/**
 * What an operator should change, a sentence each: said once at the start on a database that is not our own. What a log
 * must not run on at all is refused for each connection ({@link checkConnection}).
 */
export function adviseOn(facts: ServerSettingFacts): string[] {
  const advice: string[] = [];
  const { synchronousStandbys: names, standbys, clockAheadMs } = facts;
  // A log that starts with a clock far ahead can't tell that from having been away, and its time never goes back.
  if (Math.abs(clockAheadMs) > MOST_CLOCK_DIFFERENCE_MS) {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
    advice.push(
      `The database server's clock is ${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine's, so one of them is wrong. The log takes its times from this machine, and can't take them back: see that its clock is right before anything is appended.`,
    );
  }
  if (names === '' && standbys !== undefined && standbys.others > 0) {
    advice.push(
      'Standbys are connected, and synchronous_standby_names is empty: a failover to one of them can lose the newest entries, and the fork guard then keeps the log read-only. Set synchronous_standby_names to lose none.',
    );
  }
  if (names !== '' && standbys?.synchronous === 0) {
    advice.push('synchronous_standby_names names standbys, and none of them is connected: appends wait until one is.');
  } else if (names !== '' && standbys !== undefined && standbys.synchronous + standbys.others === 1) {
    advice.push('There is one standby, and appends wait while it is away: let a second one be able to take its place.');
  }
  if (facts.sharedBuffersBytes < 256 * MB) {
    advice.push(
      `shared_buffers is ${Math.round(facts.sharedBuffersBytes / MB)} MB: a quarter of the memory suits a log, whose indexes are read at random places.`,
    );
  }
  if (facts.maxWalBytes < 2_048 * MB) {
    advice.push(
      `max_wal_size is ${Math.round(facts.maxWalBytes / MB)} MB: with several GB there are fewer checkpoints, each of which makes appends slower for a while.`,
    );
  }
  if (facts.walCompression === 'off') advice.push('wal_compression is off: on saves about half of what is written.');
  if (!facts.autovacuum) advice.push('autovacuum is off: the few rows that are updated with each commit get slow.');
  if (!facts.checksums) {
    advice.push(
      'The cluster has no data checksums: without them PostgreSQL does not notice a flipped bit on its disk.',
    );
  }
  return advice;
}

/** The logs that the pictures show: one with a past and every sort of entry, an empty one, and one for the demo. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase, smallSettings, startEmbeddedPostgres } from '@assent/log-server';
import { createApproval, createAuthenticator } from '../../../test-support/src/index.ts';
import { startWitnessServer } from '../../../test-support/src/witness-server.ts';
import { appendEveryEntry, type EntryName } from '../support/every-entry.ts';
import { type LogSite, serveSite } from '../support/log-site.ts';
import { createLogHome, ORIGIN } from '../support/test-log.ts';
import { eventually } from '../support/witnessed-log.ts';

export type ShownLogs = {
  readonly full: LogSite;
  readonly empty: LogSite;
  /** What the demo does, it does here. */
  readonly demo: LogSite;
  readonly entries: Readonly<Record<EntryName, number>>;
  /** Of the full one, ms that its clock is ahead of the machine's. */
  setAhead(ms: number): void;
  close(): Promise<void>;
};

const DAY = 86_400_000;
/** Entries that each of these days brought, from the day when the log began. */
const HISTORY = [3, 0, 5, 8, 0, 0, 12, 9, 14, 2, 0, 0, 0, 21, 17, 25, 11, 0, 30, 26, 41, 8, 0, 33];

export async function openShownLogs(): Promise<ShownLogs> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-screens-'));
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: smallSettings() });
  const makeDatabase = async (name: string) => {
    const admin = await openDatabase(postgres.poolConfig);
    await admin.pool.query(`create database ${name}`);
    await admin.close();
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    const database = await openDatabase({ connectionString: url.href });
    await migrate(database);
    await database.close();
    return { url: url.href, drop: async () => undefined };
  };
  const fullHome = await createLogHome(await makeDatabase('full_log'));
  const witnesses = await Promise.all(
    ['north', 'south', 'west'].map((name) => startWitnessServer({ name, logVkeys: [fullHome.vkey] })),
  );
  const policy = `${witnesses.map(({ policyLine }) => policyLine).join('')}group two 2 north south west\nquorum two\n`;
  let ahead = -HISTORY.length * 6 * DAY;
  const now = (): number => Date.now() + ahead;
  for (const witness of witnesses) witness.now = now;
  const full = await fullHome.open({ now, witnesses: { policy: { name: 'policy', text: policy }, intervalMs: 10 } });
  const people = [createAuthenticator(), createAuthenticator(), createAuthenticator()];
  for (const count of HISTORY) {
    ahead += 6 * DAY;
    if (count === 0) continue;
    const made = Array.from({ length: count }, (_, index) =>
      createApproval({
        origin: ORIGIN,
        authenticator: people[index % people.length]!,
        now: now(),
        overrides: index % 9 === 4 ? { decision: 'rejected' } : {},
        intent: { action: ['payment.refund', 'deploy.production', 'access.grant'][index % 3]! },
      }),
    );
    await full.log.appendBodies(
      made.map(({ envelope }) => new TextEncoder().encode(JSON.stringify({ kind: 'approval', content: envelope }))),
      { services: ['*'] },
    );
  }
  ahead = 0;
  const entries = await appendEveryEntry(full.log, full.database, now());
  const { size } = await full.log.head();
  await eventually('the witnesses confirm', () => full.log.witnessing.kept.newest?.size === size);
  const emptyHome = await createLogHome(await makeDatabase('empty_log'));
  const empty = await emptyHome.open({});
  const demoHome = await createLogHome(await makeDatabase('demo_log'));
  const demo = await demoHome.open({});
  const sites = { full: await serveSite(full), empty: await serveSite(empty), demo: await serveSite(demo) };
  return {
    ...sites,
    entries,
    setAhead(ms) {
      ahead = ms;
    },
    async close() {
      await Promise.all([sites.full.stop(), sites.empty.stop(), sites.demo.stop()]);
      await Promise.all([full.close(), empty.close(), demo.close()]);
      await Promise.all(witnesses.map((witness) => witness.close()));
      await postgres.stop();
      for (const home of [fullHome, emptyHome, demoHome]) rmSync(home.dataDir, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

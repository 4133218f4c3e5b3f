/** The logs that the pictures show: one with a past and every sort of entry, an empty one, one that has stopped, and one for the demo. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase, smallSettings, startEmbeddedPostgres } from '@assent/log-server';
import { formatCheckpoint, formatNote, formatSignatureLine, formatVkey, parseVkey, utf8Encode } from '@assent/verifier';
import { createApproval, createAuthenticator } from '../../../test-support/src/index.ts';
import { startWitnessServer } from '../../../test-support/src/witness-server.ts';
import { nativeSha256 } from '../../src/native-primitives.ts';
import { guardDirectory } from '../../src/open-parts.ts';
import { changeLog } from '../../src/store/change-log.ts';
import { appendEveryEntry, type EntryName } from '../support/every-entry.ts';
import { type LogSite, serveSite } from '../support/log-site.ts';
import { createLogHome, createSigner, ORIGIN, type TestLogHome } from '../support/test-log.ts';
import { eventually } from '../support/witnessed-log.ts';

export type ShownLogs = {
  readonly full: LogSite;
  readonly empty: LogSite;
  /** One that came up read-only, as its fork guard is gone. */
  readonly stopped: LogSite;
  /** What the demo does, it does here. */
  readonly demo: LogSite;
  /** One that replaced its key after it had handed out the receipt `kept`. */
  readonly rotated: LogSite;
  readonly rotation: { readonly kept: string; readonly newKey: string };
  /** One that signs with two keys, as the second is about to take the place of the first. */
  readonly rotating: LogSite;
  /** One that takes nothing any more. */
  readonly closed: LogSite;
  readonly entries: Readonly<Record<EntryName, number>>;
  /** Checkpoints that the full log's key signed: an earlier one of it, one that contradicts it, and one that is ahead of it. */
  readonly heads: Readonly<
    Record<'earlier' | 'forked' | 'ahead', { readonly size: number; readonly checkpoint: string }>
  >;
  close(): Promise<void>;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Entries that each of these days brought, from the day when the log began. */
const HISTORY = [3, 0, 5, 8, 0, 0, 12, 9, 14, 2, 0, 0, 0, 21, 17, 25, 11, 0, 30, 26, 41, 8, 0, 33];

/** After the first seven days of them. */
const EARLIER = 28;

function checkpointOf(receipt: Uint8Array): string {
  const { proof } = JSON.parse(Buffer.from(receipt).toString()) as { proof: string };
  return proof.slice(proof.indexOf('\n\n') + 2);
}

/** Of a tree that nobody has. */
async function signHead({ signer, vkey }: TestLogHome, size: number) {
  const text = formatCheckpoint({ origin: ORIGIN, size, root: new Uint8Array(32).fill(7) });
  const key = parseVkey(vkey);
  if (!key.ok) throw new Error(key.detail);
  const signature = await signer.sign(utf8Encode(text));
  return { size, checkpoint: formatNote(text, [formatSignatureLine(ORIGIN, key.value.keyId, signature)]) };
}

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
  // Nobody watches meanwhile: witnesses would say that this clock leaps.
  const past = await fullHome.open({ now });
  const site = { rpId: 'approvals.example.com' };
  const people = [createAuthenticator(site), createAuthenticator(site), createAuthenticator(site)];
  for (const [day, count] of HISTORY.entries()) {
    ahead = (day + 1 - HISTORY.length) * 6 * DAY - 10 * HOUR;
    for (let index = 0; index < count; index++) {
      ahead += 90_000 + ((index * 37) % 211) * 1_000;
      const { envelope } = createApproval({
        origin: ORIGIN,
        authenticator: people[index % people.length]!,
        now: now(),
        overrides: index % 9 === 4 ? { decision: 'rejected' } : {},
        intent: { action: ['payment.refund', 'deploy.production', 'access.grant'][index % 3]! },
      });
      await past.log.append({ kind: 'approval', content: envelope }, { services: ['*'] });
    }
  }
  ahead = -12 * MINUTE;
  const entries = await appendEveryEntry(past.log, past.database, () => {
    ahead += 31_000;
    return now();
  });
  ahead = 0;
  await past.close();
  const full = await fullHome.open({ now, witnesses: { policy: { name: 'policy', text: policy }, intervalMs: 10 } });
  const { size } = await full.log.head();
  const heads = {
    earlier: { size: EARLIER, checkpoint: checkpointOf(await full.log.receipts.at(0, EARLIER)) },
    forked: await signHead(fullHome, EARLIER),
    ahead: await signHead(fullHome, size + 40),
  };
  await eventually('the witnesses confirm', () => full.log.witnessing.kept.newest?.size === size);
  const emptyHome = await createLogHome(await makeDatabase('empty_log'));
  const empty = await emptyHome.open({});
  const demoHome = await createLogHome(await makeDatabase('demo_log'));
  const demo = await demoHome.open({});
  const stoppedHome = await createLogHome(await makeDatabase('stopped_log'));
  await (await stoppedHome.open({})).close();
  rmSync(guardDirectory(stoppedHome.dataDir), { recursive: true });
  const stopped = await stoppedHome.open({});
  const rotatedHome = await createLogHome(await makeDatabase('rotated_log'));
  const next = createSigner();
  const rotated = await rotatedHome.open({ nextSigner: next });
  const append = ({ log }: typeof rotated) =>
    log.append(
      { kind: 'approval', content: createApproval({ origin: ORIGIN, authenticator: people[0]! }).envelope },
      { services: ['*'] },
    );
  const { receipt: kept } = await append(rotated);
  await changeLog(rotated.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
  await append(rotated);
  await changeLog(rotated.database, () => ({ kind: 'rotate-finish' }));
  await append(rotated);
  const rotatingHome = await createLogHome(await makeDatabase('rotating_log'));
  const second = createSigner();
  const rotating = await rotatingHome.open({ nextSigner: second });
  await append(rotating);
  await changeLog(rotating.database, () => ({ kind: 'rotate-start', publicKey: second.publicKey }));
  await append(rotating);
  const closedHome = await createLogHome(await makeDatabase('closed_log'));
  const closed = await closedHome.open({});
  await append(closed);
  const reason = 'The service has moved to a new operator.';
  await changeLog(closed.database, () => ({ kind: 'close', successor: 'log.example.com/next', reason }));
  await eventually(
    'it is closed',
    async () => closed.log.identityAt((await closed.log.head()).seq).closed !== undefined,
  );
  const sites = {
    full: await serveSite(full),
    empty: await serveSite(empty),
    stopped: await serveSite(stopped),
    demo: await serveSite(demo),
    rotated: await serveSite(rotated, { demo: false }),
    rotating: await serveSite(rotating, { demo: false }),
    closed: await serveSite(closed, { demo: false }),
  };
  return {
    ...sites,
    entries,
    heads,
    rotation: { kept, newKey: formatVkey(ORIGIN, next.publicKey, nativeSha256) },
    async close() {
      for (const site of Object.values(sites)) await site.stop();
      for (const log of [full, empty, stopped, demo, rotated, rotating, closed]) await log.close();
      await Promise.all(witnesses.map((witness) => witness.close()));
      await postgres.stop();
      for (const home of [fullHome, emptyHome, stoppedHome, demoHome, rotatedHome, rotatingHome, closedHome])
        rmSync(home.dataDir, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

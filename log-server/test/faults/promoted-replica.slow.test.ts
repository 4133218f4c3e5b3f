/**
 * A real standby, made by a base backup and fed by streaming replication, that takes the primary's place. Seen red: the
 * first test with a fork guard that looks neither at the timeline nor at what the new head extends (entries that were
 * acknowledged are lost, and the audit says so), the one under a running server with `onDoubt` of the sequencer doing nothing, the
 * last one with heads signed whatever the database warned.
 */
import { appendFileSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { smallSettings, startEmbeddedPostgres } from '@assent/log-server';
import {
  copyFolder,
  createRecordMaker,
  findPostgres,
  type HttpAnswer,
  httpRequest,
  killPostgres,
  type PostgresProxy,
  startPostgresProxy,
  waitUntil,
} from '@assent/test-support/fault/index';
import { startWitnessServer, type WitnessServer } from '@assent/test-support/witness-server';
import { describe, expect, it } from 'vitest';
import { type Outcome, runProgram } from '../support/run-program.ts';
import { askReadOnly, type FaultTest, faultTest, withClient } from './fault-test.ts';

type Replicated = {
  readonly primary: { readonly dataDir: string; readonly url: string };
  /** Makes the standby and waits until it streams. */
  addStandby(): Promise<{ readonly url: string }>;
  /** What the standby gets goes through here. */
  readonly stream: PostgresProxy;
  /** Waits until the standby has everything. */
  caughtUp(): Promise<void>;
};

const one = async <T>(url: string, statement: string): Promise<T> =>
  withClient(url, async (client) => Object.values((await client.query(statement)).rows[0])[0] as T);

async function withReplication(body: (servers: Replicated) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-replica-'));
  const dataDirs = ['primary', 'standby'].map((name) => path.join(folder, name)) as [string, string];
  for (const dataDir of dataDirs) mkdirSync(dataDir, { mode: 0o711 });
  const [primaryDir, standbyDir] = dataDirs;
  const settings = { ...smallSettings(), wal_keep_size: '256MB' };
  const primary = await startEmbeddedPostgres({ dataDir: primaryDir, settings });
  const stream = await startPostgresProxy(primary.url);
  const stops = [() => primary.stop()];
  let standbyUrl = '';
  try {
    await body({
      primary: { dataDir: primaryDir, url: primary.url },
      stream,
      addStandby: async () => {
        const cluster = path.join(standbyDir, 'postgres');
        await withClient(primary.url, async (client) => {
          await client.query("select pg_backup_start('standby', true)");
          copyFolder(path.join(primaryDir, 'postgres'), cluster);
          const { rows } = await client.query('select labelfile from pg_backup_stop(false)');
          writeFileSync(path.join(cluster, 'backup_label'), rows[0].labelfile);
        });
        rmSync(path.join(cluster, 'postmaster.pid'));
        writeFileSync(path.join(cluster, 'standby.signal'), '');
        const { hostname, port } = new URL(stream.url);
        const target = `host=${hostname} port=${port} user=assent sslmode=disable gssencmode=disable`;
        appendFileSync(path.join(cluster, 'postgresql.auto.conf'), `primary_conninfo = '${target}'\n`);
        const { uid, gid } = statSync(cluster);
        for (const name of ['backup_label', 'standby.signal']) chownSync(path.join(cluster, name), uid, gid);
        const standby = await startEmbeddedPostgres({ dataDir: standbyDir, settings });
        stops.push(() => standby.stop());
        standbyUrl = standby.url;
        await waitUntil('the standby streams', async () => {
          return (await one<string>(primary.url, 'select count(*) from pg_stat_replication')) === '1';
        });
        return { url: standby.url };
      },
      caughtUp: async () => {
        const lsn = await one<string>(primary.url, 'select pg_current_wal_lsn()');
        const behind = `select pg_wal_lsn_diff('${lsn}', pg_last_wal_replay_lsn()) > 0`;
        await waitUntil('the standby has everything', async () => !(await one<boolean>(standbyUrl, behind)));
      },
    });
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => undefined);
    for (const dataDir of dataDirs) await killPostgres(dataDir);
    await stream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const promote = async (url: string): Promise<void> => {
  expect(await one<boolean>(url, 'select pg_promote(true, 60)')).toBe(true);
};

type Lost = {
  readonly servers: Replicated;
  readonly witness: WitnessServer;
  /** The policy file that names it. */
  readonly policy: string;
  /** What was promoted: it ends at size 40, and heads up to size 60 were handed out and cosigned. */
  readonly promoted: string;
};

/** A log whose primary had 20 entries more, when it was lost, than the standby that takes its place. */
function withLostCommits(body: (test: FaultTest, lost: Lost) => Promise<void>): () => Promise<void> {
  return faultTest({ database: 'embedded', rounds: 1 }, (test) =>
    withReplication(async (servers) => {
      const { home, append } = test;
      const { primary, stream } = servers;
      let server = await home.start({ DATABASE_URL: primary.url });
      const witness = await startWitnessServer({ name: 'W', logVkeys: [await home.vkey(server)] });
      try {
        await append([server], 40);
        await server.stop();
        const policy = path.join(home.dataDir, 'policy');
        writeFileSync(policy, `${witness.policyLine}quorum W\n`);
        const standby = await servers.addStandby();
        await servers.caughtUp();
        stream.setReachable(false);
        server = await home.start({ DATABASE_URL: primary.url, ASSENT_WITNESS_POLICY: policy });
        await append([server], 20);
        await waitUntil('the witness cosigned them', () => witness.state.sizeOf(home.origin) === 60);
        await server.stop();
        await promote(standby.url);
        await body(test, { servers, witness, policy, promoted: standby.url });
      } finally {
        await witness.close();
      }
    }),
  );
}

const program = (home: FaultTest['home'], url: string, ...args: string[]): Promise<Outcome> =>
  runProgram([...args, '--data-dir', home.dataDir], { DATABASE_URL: url });

describe('a standby that is promoted', () => {
  it(
    'without the last commits, whose heads were handed out: the guard refuses it, and it gets back what it lacks',
    withLostCommits(async ({ home, random, append, audit }, { servers, policy, promoted }) => {
      let server = await home.start({ DATABASE_URL: promoted });
      const { body } = createRecordMaker(home.origin, random('refused'))();
      const words = /not the database that the fork guard knows.*timeline 2; the guard knows.*timeline 1/;
      expect(await askReadOnly(server, home.apiKey, body)).toMatchObject({
        append: { status: 503, code: 'read_only', detail: expect.stringMatching(words) },
        checkpoint: { status: 503, code: 'read_only' },
        ready: { status: 503 },
      });
      await server.stop();
      expect(await program(home, promoted, 'guard', 'adopt', '--yes')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('holds a signed head of size 60'),
      });
      const recovered = await program(home, promoted, 'recover', '--json', '--from', servers.primary.url);
      expect(recovered).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(recovered.stdout)).toMatchObject({ from: 40, to: 60, guard: 'adopted' });
      server = await home.start({ DATABASE_URL: promoted, ASSENT_WITNESS_POLICY: policy });
      await append([server], 10);
      expect(await audit(server)).toMatchObject({ size: 70, acknowledged: 70, recovered: 70 });
      await server.stop();
    }),
  );

  it(
    'without them and without a guard: the witness refuses it, at adoption and at the start',
    withLostCommits(async ({ home, random }, { policy, promoted }) => {
      rmSync(home.guardDir, { recursive: true });
      const adopt = ['guard', 'adopt', '--yes'];
      expect(await program(home, promoted, ...adopt, '--witness-policy', policy)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('The witness W holds a checkpoint of size 60'),
      });
      // Whoever leaves the witnesses out is stopped by them later.
      expect(await program(home, promoted, ...adopt)).toMatchObject({ code: 0 });
      const server = await home.start({ DATABASE_URL: promoted, ASSENT_WITNESS_POLICY: policy });
      const { body } = createRecordMaker(home.origin, random('refused'))();
      await waitUntil('the log is read-only', () => server.logs().includes('the log is read-only'));
      expect(await askReadOnly(server, home.apiKey, body)).toMatchObject({
        append: { status: 503, code: 'read_only', detail: expect.stringMatching(/witness W holds.*of size 60/) },
        checkpoint: { status: 503, code: 'read_only' },
      });
      await server.stop();
    }),
  );

  it(
    'under a running server, with everything that was signed: nothing is signed on it all the same, until it is adopted',
    faultTest({ database: 'embedded', rounds: 1 }, (test) =>
      withReplication(async ({ primary, addStandby, caughtUp }) => {
        const { home, random, append, ledger, audit } = test;
        const address = await startPostgresProxy(primary.url);
        try {
          let server = await home.start({ DATABASE_URL: address.url });
          await append([server], 20);
          const standby = await addStandby();
          const make = createRecordMaker(home.origin, random('around the failover'));
          const post = (body: string): Promise<HttpAnswer> =>
            httpRequest({
              method: 'POST',
              url: `${server.url}/api/v1/entries`,
              headers: { Authorization: `Bearer ${home.apiKey}`, 'Content-Type': 'application/json' },
              body,
            });
          const known = make();
          const answer = await post(known.body);
          ledger.acknowledge(known.digest, true, answer.body.toString('utf8'), server.url);
          await caughtUp();
          address.setReachable(false);
          await killPostgres(primary.dataDir);
          await promote(standby.url);
          address.leadTo(standby.url);
          address.setReachable(true);
          // What comes first on a new connection is most often a record that somebody sends again. It stores nothing.
          await waitUntil('a repeated record is answered', async () => (await post(known.body)).status === 200);
          const words = /not the database that the fork guard knows.*timeline 2; the guard knows.*timeline 1/;
          expect(await askReadOnly(server, home.apiKey, make().body)).toMatchObject({
            append: { status: 503, code: 'read_only', detail: expect.stringMatching(words) },
            checkpoint: { status: 503, code: 'read_only' },
            ready: { status: 503 },
          });
          await server.stop();

          expect(await program(home, standby.url, 'guard', 'adopt', '--yes')).toMatchObject({ code: 0 });
          server = await home.start({ DATABASE_URL: address.url });
          await append([server], 10);
          expect(await audit(server)).toMatchObject({ acknowledged: 31, recovered: 31 });
          await server.stop();
        } finally {
          await address.close();
        }
      }),
    ),
  );

  it(
    'after synchronous replication: it holds everything that was acknowledged, though the primary died under load',
    faultTest({ database: 'embedded', rounds: 1 }, async (test) => {
      await withReplication(async ({ primary, addStandby, stream }) => {
        const { home, load, ledger, audit, append } = test;
        const first = await home.start({ DATABASE_URL: primary.url });
        await append([first], 10);
        const standby = await addStandby();
        await withClient(primary.url, async (client) => {
          await client.query("alter system set synchronous_standby_names = '*'");
          await client.query('select pg_reload_conf()');
        });
        await waitUntil('replication is synchronous', async () => {
          return (await one<string>(primary.url, 'select sync_state from pg_stat_replication')) === 'sync';
        });
        const appending = load(() => [first]);
        await appending.until('200 are acknowledged', () => ledger.acknowledged.size >= 200);
        // The standby hears no more. What is committed from here on is on one disk, and nobody may be told that it is safe;
        // not even when somebody cancels the wait, after which the commit is visible.
        stream.setReachable(false);
        await waitUntil('a commit waits for the standby', async () => {
          return (
            (await one<string>(primary.url, "select count(*) from pg_stat_activity where wait_event = 'SyncRep'")) !==
            '0'
          );
        });
        // Answers to what the standby has confirmed may still be on their way.
        let known = -1;
        while (known !== ledger.acknowledged.size) {
          known = ledger.acknowledged.size;
          await delay(1_000);
        }
        for (let i = 0; i < 20; i++) {
          await one(
            primary.url,
            "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'",
          );
          await one(primary.url, 'select pg_sleep(0.05)');
        }
        expect(Number(await one(primary.url, 'select max(size) from heads'))).toBeGreaterThan(known);
        expect(ledger.acknowledged.size).toBe(known);
        await first.kill9();
        await appending.abandon();
        expect(findPostgres(primary.dataDir)).toBeDefined();
        await killPostgres(primary.dataDir);

        await promote(standby.url);
        const recovered = await program(home, standby.url, 'recover', '--json');
        expect(recovered).toMatchObject({ code: 0, stderr: '' });
        expect(JSON.parse(recovered.stdout)).toMatchObject({ guard: 'adopted' });
        const server = await home.start({ DATABASE_URL: standby.url });
        await append([server], 10);
        const result = await audit(server);
        expect(result.recovered).toBe(result.acknowledged);
        await server.stop();
      });
    }),
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeriodicFacts } from '../src/metrics/periodic-facts.ts';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';
import { createLogHome, silent } from './support/test-log.ts';

/** Sample lines of Prometheus' text format, by name and labels as they stand there. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe('the metrics of a log', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await createTestApp();
  });
  afterAll(() => test.remove());

  const read = async () => samples(await test.metrics.text());

  it('count appends, refusals by code, batches and signatures', async () => {
    const before = await read();
    expect(before.get('assent_appends_total{outcome="created"}')).toBe(0);
    expect(before.get('assent_refusals_total{code="unauthenticated"}')).toBe(0);
    const body = { kind: 'approval', content: approve().envelope };
    expect((await test.post(body)).status).toBe(201);
    expect((await test.post({ kind: 'approval', content: approve().envelope })).status).toBe(201);
    expect((await test.post(body)).status).toBe(200);
    expect((await test.post(body, { authorization: 'Bearer nonsense' })).status).toBe(401);
    expect((await test.post('{')).status).toBe(400);
    expect((await test.app.request('/tile/9/x')).status).toBe(400);
    expect((await test.app.request('/nowhere/at-all?secret=1')).status).toBe(404);
    const after = await read();
    expect(after.get('assent_appends_total{outcome="created"}')).toBe(2);
    expect(after.get('assent_appends_total{outcome="existing"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="unauthenticated"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="invalid_json"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="invalid_parameter"}')).toBe(1);
    expect(after.get('assent_refusals_total{code="not_found"}')).toBe(1);
    expect(after.get('assent_tree_size')).toBe(2);
    expect(after.get('assent_batch_records_sum')).toBe(2);
    expect(after.get('assent_commit_seconds_count')).toBe(2);
    expect(after.get('assent_publication_seconds_count')).toBe(before.get('assent_publication_seconds_count')! + 2);
    expect(after.get('assent_head_age_seconds')).toBeLessThan(60);
    expect(after.get('assent_unsigned_head_age_seconds')).toBe(0);
    expect(after.get('assent_read_only')).toBe(0);
    expect(after.get('assent_http_request_seconds_count{route="/api/v1/entries",status="2xx"}')).toBe(3);
    expect(after.get('assent_http_request_seconds_count{route="/api/v1/entries",status="4xx"}')).toBe(2);
    expect(after.get('assent_http_request_seconds_count{route="other",status="4xx"}')).toBe(1);
  });
});

describe('the facts of the database', () => {
  it('are read, and are gone rather than stale while it is away', async () => {
    const home = await createLogHome();
    try {
      const { database, metrics, close } = await home.open();
      const facts = new PeriodicFacts({ database, dataDir: home.dataDir, logger: silent });
      metrics.watch({ database: () => facts.database, disk: () => facts.disk, pools: { read: database.pool } });
      const holder = await database.pool.connect();
      await holder.query('begin isolation level repeatable read');
      await holder.query('select 1');
      await facts.start();
      const up = samples(await metrics.text());
      expect(up.get('assent_database_up')).toBe(1);
      expect(up.get('assent_database_in_recovery')).toBe(0);
      expect(up.get('assent_database_server_version')).toBeGreaterThan(140_000);
      for (const name of ['size', 'index', 'shared_buffers', 'wal']) {
        expect(up.get(`assent_database_${name}_bytes`), name).toBeGreaterThan(8_192);
      }
      expect(up.get('assent_database_oldest_transaction_seconds')).toBeGreaterThan(0);
      expect(up.get('assent_database_standbys{state="sync"}')).toBe(0);
      expect(up.get('assent_database_archiving')).toBe(0);
      expect(up.has('assent_database_replication_lag_bytes')).toBe(false);
      expect(up.get('assent_disk_free_bytes')).toBeGreaterThan(0);
      expect(up.get('assent_pool_connections{pool="read",state="busy"}')).toBeGreaterThan(0);
      holder.release(true);
      await facts.close();

      const away = new PeriodicFacts({ database, dataDir: home.dataDir, logger: silent });
      metrics.watch({ database: () => away.database });
      await close();
      await away.start();
      await away.close();
      const down = samples(await metrics.text());
      expect(down.get('assent_database_up')).toBe(0);
      expect(down.has('assent_database_size_bytes')).toBe(false);
      expect(down.has('assent_database_standbys{state="sync"}')).toBe(false);
    } finally {
      await home.remove();
    }
  });
});

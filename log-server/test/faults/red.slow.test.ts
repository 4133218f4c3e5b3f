/** The harness on logs that are broken on purpose: whoever reads a green run must know that it can turn red. */
import { rmSync } from 'node:fs';
import {
  AuditFailure,
  copyFolder,
  httpRequest,
  problemCode,
  type ServerProcess,
} from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { Guard } from '../../src/publisher/guard.ts';
import { askReadOnly, type FaultTest, faultTest, withClient } from './fault-test.ts';

/** The failure that the audit must end in. */
async function failedAudit(audit: FaultTest['audit'], server: ServerProcess): Promise<AuditFailure> {
  const failure: unknown = await audit(server).catch((error: unknown) => error);
  if (!(failure instanceof AuditFailure)) throw new Error(`the audit passed, or failed with ${failure}`);
  return failure;
}

/** Removes everything after head `seq` from the database, as if it had never been. */
function cutChain(url: string, seq: number): Promise<void> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ size: string }>('delete from heads where seq > $1 returning size', [seq]);
    expect(rows.length).toBeGreaterThan(0);
    const size = 'select size from heads where seq = $1';
    await client.query(`delete from records where idx >= (${size})`, [seq]);
    await client.query(`delete from blocks where first >= (${size})`, [seq]);
    await client.query(`delete from tiles where (n + 1) * power(256, level + 1) > (${size})`, [seq]);
  });
}

/** Makes the guard forget everything after a head that is in the database. */
async function setGuardBack(guardDir: string, url: string, seq: number): Promise<void> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ size: string; root: Buffer; ts: string }>('select size, root, ts from heads where seq = $1', [seq]),
  );
  const { size, root, ts } = rows[0]!;
  const { state } = (await new Guard(guardDir).read())!;
  rmSync(guardDir, { recursive: true });
  const head = { seq, size: Number(size), root: new Uint8Array(root), timestamp: Number(ts) };
  await new Guard(guardDir).compareAndSwap(undefined, { ...state, head });
}

describe('the auditor finds', () => {
  it(
    'a planted loss: the newest entries deleted, and the guard made to forget them',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl, append, load, audit }) => {
      let server = await home.start();
      await append([server], 40);
      expect(await audit(server)).toMatchObject({ acknowledged: 40, recovered: 40 });
      await load(() => [server], { records: 10, connections: 1 }).finish();
      await server.stop();
      const heads = await withClient(databaseUrl!, (client) => client.query('select max(seq) as seq from heads'));
      const seq = Number(heads.rows[0].seq) - 3;
      await cutChain(databaseUrl!, seq);
      await setGuardBack(home.guardDir, databaseUrl!, seq);

      server = await home.start();
      const failure = await failedAudit(audit, server);
      expect(failure.kinds).toEqual(['lost']);
      expect(failure.message).toMatch(/acknowledged 50, recovered 47/);
      expect(failure.message).toMatch(
        /lost: entry 49 \(sha256:[0-9a-f]{64}\) was acknowledged, and the log ends at 47/,
      );
      expect(failure.message).toMatch(/handed out a signed head of size 50, and the log ends at 47/);
    }),
  );

  it(
    'a loss in what is served, when the log itself has lost nothing',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, ledger, append, audit }) => {
      const server = await home.start();
      await append([server], 10);
      const [last] = [...ledger.acknowledged.values()].sort((a, b) => b.index - a.index);
      ledger.acknowledged.set(last!.digest, { ...last!, index: 10 });
      const failure = await failedAudit(audit, server);
      expect(failure.kinds).toEqual(['lost']);
      expect(failure.message).toContain(`entry 10 (${last!.digest}) was acknowledged, and the log ends at 10`);
    }),
  );

  it(
    'a planted fork: two logs with one key, each with a copy of database and guard',
    faultTest({ database: 'embedded', rounds: 1 }, async ({ home, keep, append, audit }) => {
      let server = await home.start();
      await append([server], 20);
      await server.stop();
      const twin = keep(home.copy());
      server = await home.start();
      const other = await twin.start();
      await append([server], 10);
      expect(await audit(server)).toMatchObject({ acknowledged: 30, recovered: 30 });
      await append([other], 10);
      for (const one of [server, other]) {
        const failure = await failedAudit(audit, one);
        expect(failure.kinds).toEqual(expect.arrayContaining(['forked', 'lost']));
        expect(failure.message).toMatch(/acknowledged 40, recovered 30/);
        expect(failure.message).toMatch(/forked: \S+ handed out a signed head of size \d+ with root \S+; here it is/);
        expect(failure.message).toMatch(/lost: entry \d+ \S+ was acknowledged, and another entry is in its place/);
      }
    }),
  );

  it(
    'a history that was replaced under a running server, which notices at its next append',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl, load, append, audit }) => {
      const server = await home.start();
      await load(() => [server], { records: 3, connections: 1 }).finish();
      const olderGuard = `${home.guardDir}.older`;
      copyFolder(home.guardDir, olderGuard);
      await append([server], 60);
      const signed = await withClient(databaseUrl!, (client) => client.query('select max(seq) as seq from heads'));

      // Another process whose guard forgot as well goes on from entry 3, to more heads with fewer entries.
      await cutChain(databaseUrl!, 3);
      copyFolder(home.guardDir, `${home.guardDir}.newest`);
      rmSync(home.guardDir, { recursive: true });
      copyFolder(olderGuard, home.guardDir);
      const usurper = await home.start();
      const records = Number(signed.rows[0].seq) - 3 + 1;
      expect(records).toBeLessThan(60);
      await load(() => [usurper], { records, connections: 1 }).finish();
      rmSync(home.guardDir, { recursive: true });
      copyFolder(`${home.guardDir}.newest`, home.guardDir);

      const appending = load(() => [server], { connections: 4 });
      await appending.until('appends are refused', () => (appending.outcomes.get('read_only') ?? 0) >= 4);
      await appending.abandon();
      expect(appending.outcomes.get('created')).toBeUndefined();
      expect(await askReadOnly(server, home.apiKey, '{}')).toMatchObject({ ready: { status: 503 } });
      expect((await failedAudit(audit, usurper)).kinds).toEqual(expect.arrayContaining(['forked', 'lost']));
    }),
  );
});

describe('a flipped byte in the database', () => {
  const flip = (url: string, column: 'data' | 'leaf_hashes', at: string): Promise<unknown> =>
    withClient(url, (client) =>
      client.query(
        `update blocks set ${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 255) where first = 0`,
      ),
    );

  it.each([
    ['the first byte, so that nothing can be inflated', '0'],
    ['one in the middle', 'octet_length(data) / 2'],
  ])('in an entry (%s): reading it answers 500 stored_data_damaged, and the others are served', (_, at) =>
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl, load, audit }) => {
      const server = await home.start();
      // One connection: each entry is a batch, and so a block, of its own.
      await load(() => [server], { records: 5, connections: 1 }).finish();
      await audit(server);
      await flip(databaseUrl!, 'data', at);
      for (const url of ['/api/v1/entries/0', '/api/v1/receipts/0', '/tile/entries/000.p/5']) {
        const answer = await httpRequest({ url: server.url + url });
        expect([answer.status, problemCode(answer)], url).toEqual([500, 'stored_data_damaged']);
      }
      expect((await httpRequest({ url: `${server.url}/api/v1/receipts/1` })).status).toBe(200);
      await expect(audit(server)).rejects.toThrow(/entries\/000\.p\/5 answered 500: .*stored_data_damaged/);
    })(),
  );

  it(
    'in a leaf hash: the server does not start on it, and says what is damaged',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, databaseUrl, append }) => {
      const server = await home.start();
      await append([server], 5);
      await server.stop();
      await flip(databaseUrl!, 'leaf_hashes', '0');
      await expect(home.start()).rejects.toThrow(/the stored entries give the root [0-9a-f]{64} at size 5, but head/);
    }),
  );
});

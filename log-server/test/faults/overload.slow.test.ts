/**
 * More than a log can take. Seen red: without append-gate.ts (the accepted ones wait for as long as all others do), and
 * with bodies read before their Content-Length is looked at (memory).
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  createRecordMaker,
  type HttpAnswer,
  httpRequest,
  problemCode,
  type ServerProcess,
  type TestRecord,
  waitUntil,
} from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { type FaultTest, faultTest, withClient } from './fault-test.ts';

/** A log server with two threads takes some thousand records a second at best; so many callers would wait for seconds. */
const CALLERS = 3_000;
const RECORDS = 5_000;
const MB = 2 ** 20;

/** The most memory that the process ever had, in MB. */
function peakMb({ pid }: ServerProcess): number {
  return Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** The most files that this process may open: each connection is one at either end. */
function mostFiles(): number {
  return Number(/^Max open files\s+([0-9]+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

type Measured = { readonly latencies: number[]; readonly refusals: HttpAnswer[]; readonly perSecond: number };

/** Keeps every append waiting in the database, for less than the 8 s after which it would be given up. */
async function holdUp(databaseUrl: string, until: () => boolean): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('begin');
    await client.query('lock table heads in exclusive mode');
    const began = performance.now();
    while (!until() && performance.now() - began < 6_000) await delay(10);
    await client.query('rollback');
  });
}

/**
 * Appends all of them from so many callers at once, who come again when they were told to.
 *
 * @param options.overload whether the log is held up until it refuses: a slow machine may send no faster than it appends
 */
async function offer(
  { home, ledger, databaseUrl }: FaultTest,
  server: ServerProcess,
  records: readonly TestRecord[],
  callers: number,
  options: { readonly overload?: boolean } = {},
): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers, maxFreeSockets: callers });
  // A slow machine opens so many connections one after another, while those that are open are answered: no overload.
  await Promise.all(Array.from({ length: callers }, () => httpRequest({ url: `${server.url}/livez`, agent })));
  const headers = { Authorization: `Bearer ${home.apiKey}`, 'Content-Type': 'application/json' };
  const latencies: number[] = [];
  const refusals: HttpAnswer[] = [];
  const left = [...records];
  // What goes before is not the log's.
  let began = performance.now();
  const holding = async (): Promise<void> => {
    await holdUp(databaseUrl!, () => refusals.length > 0);
    began = performance.now();
  };
  await Promise.all([
    options.overload ? holding() : undefined,
    ...Array.from({ length: callers }, async () => {
      for (let record = left.pop(); record !== undefined; record = left.pop()) {
        for (;;) {
          const sent = performance.now();
          const { digest, body } = record;
          const answer = await httpRequest({
            method: 'POST',
            url: `${server.url}/api/v1/entries`,
            agent,
            headers,
            body,
            limitMs: 60_000,
          });
          if (answer.status === 201 || answer.status === 200) {
            latencies.push(performance.now() - Math.max(sent, began));
            ledger.acknowledge(digest, answer.status === 201, answer.body.toString('utf8'), server.url);
            break;
          }
          refusals.push(answer);
          ledger.lose(digest);
          await delay(1000 * (Number(answer.headers['retry-after']) + Math.random()));
        }
      }
    }),
  ]);
  agent.destroy();
  return { latencies, refusals, perSecond: records.length / ((performance.now() - began) / 1000) };
}

describe('a log that is overloaded', () => {
  it(
    'refuses with 503 and Retry-After what it cannot answer soon, and answers the others as fast as ever',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { home, random, audit } = test;
      const server = await home.start();
      const make = createRecordMaker(home.origin, random('overload'));
      const records = Array.from({ length: RECORDS }, make);
      const calm = await offer(test, server, records.splice(0, 1_000), 64);
      expect(calm.refusals).toEqual([]);

      const { latencies, refusals, perSecond } = await offer(test, server, records, CALLERS, { overload: true });
      const codes = new Set(refusals.map(problemCode));
      const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
      console.log(
        `calm: ${Math.round(calm.perSecond)}/s, p99 ${Math.round(percentile(calm.latencies, 0.99))} ms; with ${CALLERS} callers: ${Math.round(perSecond)}/s, p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms, ${refusals.length} refused; peak ${Math.round(peakMb(server))} MB`,
      );
      expect([...codes]).toEqual(['overloaded']);
      for (const { status, headers } of refusals) expect([status, headers['retry-after']]).toEqual([503, '1']);
      // What 1,024 records and a quarter of a second take at the rate that was reached: without a limit it would be 3,000.
      expect(p50).toBeLessThan(2 * (250 + (1_024 / perSecond) * 1000));
      expect(peakMb(server)).toBeLessThan(450);
      const result = await audit(server);
      expect(result.recovered).toBe(result.acknowledged);
    }),
  );
});

describe('callers who mean no good', () => {
  it(
    'cost nothing that matters: thousands of idle connections, slow senders, large bodies and gzip bombs',
    faultTest({ database: 'shared', rounds: 1 }, async (test) => {
      const { home, random, audit } = test;
      const server = await home.start();
      const make = createRecordMaker(home.origin, random('abuse'));
      const some = (count: number): TestRecord[] => Array.from({ length: count }, make);
      await offer(test, server, some(500), 16);
      const calm = await offer(test, server, some(300), 8);
      const before = peakMb(server);
      const { hostname, port } = new URL(server.url);
      const sockets: Socket[] = [];
      const open = (): Promise<Socket> =>
        new Promise((resolve, reject) => {
          const socket = connect(Number(port), hostname);
          socket.once('error', reject);
          socket.once('connect', () => {
            socket.removeListener('error', reject);
            socket.on('error', () => undefined);
            socket.resume();
            sockets.push(socket);
            resolve(socket);
          });
        });
      try {
        const idle = Math.min(10_000, mostFiles() - 1_000);
        if (idle < 10_000) console.warn(`${idle} idle connections: this machine allows no more open files`);
        for (let left = idle; left > 0; left -= 250)
          await Promise.all(Array.from({ length: Math.min(250, left) }, open));
        // Half a request each: headers that never end, and bodies that never come.
        const auth = `Authorization: Bearer ${home.apiKey}\r\nContent-Type: application/json\r\n`;
        for (const [count, text] of [
          [200, 'GET /checkpoint HTTP/1.1\r\nHost: x\r\nX-Slow: '],
          [200, `POST /api/v1/entries HTTP/1.1\r\nHost: x\r\n${auth}Content-Length: 100000\r\n\r\n{"kind":`],
        ] as const) {
          for (const socket of await Promise.all(Array.from({ length: count }, open))) socket.write(text);
        }
        const bodies = await Promise.all([
          ...Array.from({ length: 40 }, () => send(server, home.apiKey, Buffer.alloc(10 * MB, 0x20), {})),
          ...Array.from({ length: 40 }, () =>
            send(server, home.apiKey, Buffer.alloc(10 * MB, 0x20), { 'Transfer-Encoding': 'chunked' }),
          ),
          ...Array.from({ length: 40 }, () =>
            send(server, home.apiKey, gzipSync(Buffer.alloc(50 * MB)), { 'Content-Encoding': 'gzip' }),
          ),
        ]);
        expect(new Set(bodies)).toEqual(new Set([413, 415]));
        const during = await offer(test, server, some(300), 8);
        console.log(
          `calm: p99 ${Math.round(percentile(calm.latencies, 0.99))} ms, peak ${Math.round(before)} MB; with ${idle} idle connections and the others: p99 ${Math.round(percentile(during.latencies, 0.99))} ms, peak ${Math.round(peakMb(server))} MB`,
        );
        expect(during.refusals).toEqual([]);
        expect(percentile(during.latencies, 0.5)).toBeLessThan(5 * percentile(calm.latencies, 0.5) + 1_000);
        expect(peakMb(server)).toBeLessThan(before + 250);
        // Those who sent half a request are shown the door.
        await waitUntil('the slow ones are cut off', () => sockets.slice(-400).every((s) => s.closed), 90_000);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
      const result = await audit(server);
      expect(result.recovered).toBe(result.acknowledged);
    }),
  );
});

/** The status that it was answered with, however much of the body the server took. */
function send(server: ServerProcess, apiKey: string, body: Buffer, more: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    const outgoing = request(`${server.url}/api/v1/entries`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${apiKey}`,
        'Content-Type': 'application/json',
        ...(more['Transfer-Encoding'] === undefined && { 'Content-Length': String(body.length) }),
        ...more,
      },
    });
    // The rest of the body is not wanted: writing it may fail before or after the answer is there.
    outgoing.on('error', (error) => (status === undefined ? reject(error) : resolve(status)));
    outgoing.on('response', (answer) => {
      status = answer.statusCode ?? 0;
      resolve(status);
      answer.resume();
      outgoing.destroy();
    });
    outgoing.end(body);
  });
}

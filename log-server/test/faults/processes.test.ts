import { readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createRecordMaker, type HttpAnswer, httpRequest, waitUntil } from '@assent/test-support/fault/index';
import { lastingPort } from '@assent/test-support/lasting-port';
import { describe, expect, it } from 'vitest';
import { askReadOnly, faultTest } from './fault-test.ts';

const TWO = { ASSENT_PROCESSES: '2' };
/** Each request on a connection of its own, as connections go to the servers in turn. */
const ALONE = { Connection: 'close' };

/** The first of two free ports in a row, which stay free until the servers take them. */
async function twoFreePorts(): Promise<number> {
  for (;;) {
    const first = lastingPort();
    if ((await isFree(first)) && (await isFree(first + 1))) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** How many requests each of two servers has answered so on this route, by the metrics of its own port. */
async function answered(metricsPort: number, route: string, status = '2xx'): Promise<number[]> {
  const line = `assent_http_request_seconds_count{route="${route}",status="${status}"} `;
  return Promise.all(
    [metricsPort, metricsPort + 1].map(async (port) => {
      const { body } = await httpRequest({ url: `http://127.0.0.1:${port}/metrics` });
      const found = body
        .toString('utf8')
        .split('\n')
        .find((each) => each.startsWith(line));
      return Number(found?.slice(line.length) ?? 0);
    }),
  );
}

describe('serve --processes 2', () => {
  it(
    'shares the port, keeps metrics apart, and signs nowhere any more when one of them may not',
    faultTest({ database: 'shared', rounds: 1 }, async ({ home, random, append }) => {
      const metricsPort = await twoFreePorts();
      const program = await home.start({ ...TWO, ASSENT_METRICS_PORT: String(metricsPort) });
      const route = '/api/v1/log';
      const ask = (): Promise<HttpAnswer> => httpRequest({ url: `${program.url}${route}`, headers: ALONE });
      await waitUntil('both have answered', async () => {
        await ask();
        return (await answered(metricsPort, route).catch(() => [0])).every((count) => count > 0);
      });
      await append([program], 20);
      expect((await answered(metricsPort, '/api/v1/entries')).every((count) => count > 0)).toBe(true);
      // Each would tell of itself alone, so there are none on the port of all.
      expect((await httpRequest({ url: `${program.url}/metrics` })).status).toBe(404);

      moveGuardAhead(home.guardDir);
      const { body } = createRecordMaker(home.origin, random('refused'))();
      const refused = await askReadOnly(program, home.apiKey, body);
      expect(refused.append).toMatchObject({ status: 503, code: 'read_only' });
      for (let i = 0; i < 4; i++) {
        expect((await httpRequest({ url: `${program.url}/readyz`, headers: ALONE })).status).toBe(503);
      }
      expect((await answered(metricsPort, '/readyz', '5xx')).every((count) => count > 0)).toBe(true);
      expect(await program.stop()).toEqual({ code: 0, signal: null });
    }),
  );
});

/** As if a newer head than any in the database had been signed. */
function moveGuardAhead(directory: string): void {
  const newest = readdirSync(directory).sort().at(-1)!;
  const state = JSON.parse(readlinkSync(join(directory, newest)));
  const head = { ...state.head, seq: state.head.seq + 1_000, size: state.head.size + 1_000 };
  symlinkSync(JSON.stringify({ ...state, head }), join(directory, String(Number(newest) + 1).padStart(12, '0')));
}

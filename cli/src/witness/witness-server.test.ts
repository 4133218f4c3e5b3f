import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestLog, formatOffer, formatOfferOf, growTo, type TestLog } from '@assent/test-support';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_REQUEST_BYTES } from './add-checkpoint.ts';
import { parseLogList } from './log-list.ts';
import { Witness } from './witness.ts';
import { createWitnessKey, loadWitnessKeys, type WitnessKey } from './witness-key.ts';
import type { Outcome } from './witness-metrics.ts';
import { createWitnessServer } from './witness-server.ts';
import { originHash, WitnessState } from './witness-state.ts';

const root = mkdtempSync(path.join(tmpdir(), 'assent-witness-server-test-'));
let keys: readonly WitnessKey[];
let state: WitnessState;
let witness: Witness;
let server: Server;
let url: string;
let log: TestLog;
let now = 1_700_000_000_000;
let isReady = true;
const outcomes: Outcome[] = [];
const times: number[] = [];
const errors: unknown[] = [];

beforeAll(async () => {
  await createWitnessKey(path.join(root, 'key.pem'), 'witness.test/w');
  keys = await loadWitnessKeys([path.join(root, 'key.pem')]);
  const witnesses = keys.map(({ cosigner }) => cosigner.vkey);
  await WitnessState.create(path.join(root, 'state'), witnesses);
  state = await WitnessState.open(path.join(root, 'state'), { witnesses });
  witness = new Witness({ keys, state, logs: new Map(), now: () => now });
  server = createWitnessServer({
    witness,
    isReady: () => isReady,
    maxHeldBytes: 3 * MAX_REQUEST_BYTES,
    onAnswer: (outcome, seconds) => {
      outcomes.push(outcome);
      times.push(seconds);
    },
    onError: (error) => errors.push(error),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await state.close();
  rmSync(root, { recursive: true });
});
let made = 0;
beforeEach(() => {
  log = growTo(createTestLog({ origin: `log.test/${made++}` }), 30);
  witness.logs = parseLogList(`logs/v0\nvkey ${log.vkey}\n`).logs;
  outcomes.length = 0;
});

type Answer = { readonly status: number; readonly headers: Headers; readonly body: string };
async function call(target: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url + target, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
}
const add = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> =>
  call('/add-checkpoint', { method: 'POST', body, headers });
const monitor = (origin = log.origin): Promise<Answer> => call(`/${originHash(origin)}/checkpoint`);

describe('the HTTP interface of a witness', () => {
  it('answers with signature lines, as text', async () => {
    const { status, headers, body } = await add(formatOffer(log, 0, 7));
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(body).toMatch(/^\u2014 witness\.test\/w [A-Za-z0-9+/]+=*\n$/);
    expect(outcomes).toEqual(['cosigned']);
    expect(times.at(-1)).toBeGreaterThan(0);
    expect(times.at(-1)).toBeLessThan(60);
  });

  it('answers 409 with the size in its media type', async () => {
    await add(formatOffer(log, 0, 7));
    const { status, headers, body } = await add(formatOffer(log, 3, 9));
    expect([status, headers.get('content-type'), body]).toEqual([409, 'text/x.tlog.size', '7\n']);
  });

  it('has the status of the specification for each refusal', async () => {
    await add(formatOffer(log, 0, 7));
    const stranger = growTo(createTestLog({ origin: 'log.test/stranger' }), 7);
    const imposter = growTo(createTestLog({ origin: log.origin }), 9);
    for (const [body, status, outcome] of [
      ['old 7\n', 400, 'malformed'],
      [formatOfferOf(7, [], log.checkpoint(5)), 400, 'old_size_larger'],
      [formatOffer(imposter, 7, 9), 403, 'not_signed'],
      [formatOffer(stranger, 0, 7), 404, 'unknown_log'],
      [formatOfferOf(7, [], log.checkpoint(9)), 422, 'inconsistent'],
      ['x'.repeat(MAX_REQUEST_BYTES + 1), 413, 'too_large'],
    ] as const) {
      const answer = await add(body);
      expect([answer.status, outcomes.at(-1)]).toEqual([status, outcome]);
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(answer.body).toMatch(/^[^\n]+\n$/);
    }
  });

  it('asks to come later when its clock is behind', async () => {
    await add(formatOffer(log, 0, 7));
    now -= 1000;
    const { status, headers } = await add(formatOffer(log, 7, 8));
    now += 1000;
    expect([status, headers.get('retry-after'), outcomes.at(-1)]).toEqual([503, '5', 'clock']);
    expect((await add(formatOffer(log, 7, 8))).status).toBe(200);
  });

  it('shows monitors what it cosigned last, with the signature of the log and its own', async () => {
    expect((await monitor()).status).toBe(404);
    expect((await monitor('log.test/nobody')).status).toBe(404);
    const { body: lines } = await add(formatOffer(log, 0, 7));
    const { status, headers, body } = await monitor();
    expect([status, body]).toEqual([200, log.checkpoint(7) + lines]);
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache');
    now += 5000;
    const { body: later } = await add(formatOffer(log, 7, 7));
    expect((await monitor()).body).toBe(log.checkpoint(7) + later);
    expect(later).not.toBe(lines);
    expect((await call(`/${originHash(log.origin).toUpperCase()}/checkpoint`)).status).toBe(404);
  });

  it('has nothing else, and one method for each', async () => {
    expect((await call('/')).status).toBe(404);
    expect((await call('/add-checkpoint/')).status).toBe(404);
    const get = await call('/add-checkpoint');
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    const post = await call(`/${originHash(log.origin)}/checkpoint`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await add(formatOffer(log, 0, 7), { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('says whether it lives, and whether it can store', async () => {
    expect((await call('/livez')).status).toBe(200);
    expect((await call('/readyz')).status).toBe(200);
    isReady = false;
    expect((await call('/readyz')).status).toBe(503);
    expect((await call('/livez')).status).toBe(200);
    isReady = true;
  });

  it('reads no further than a body may go, announced or not', async () => {
    const { port } = server.address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let said = '';
      socket.on('data', (chunk) => {
        said += chunk.toString();
      });
      // It may be cut off while it still sends.
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(said));
      socket.setTimeout(20_000, () => reject(new Error('it goes on reading')));
      socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const more = (): void => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('asks to come later when others fill its memory with bodies that do not end', async () => {
    const { port } = server.address() as AddressInfo;
    const half = Buffer.alloc(MAX_REQUEST_BYTES - 1000, 'x');
    const head = `POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: ${MAX_REQUEST_BYTES}\r\n\r\n`;
    const slow = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
    for (const socket of slow) {
      socket.write(head);
      socket.write(half);
    }
    const large = (): Promise<Answer> => add('x'.repeat(MAX_REQUEST_BYTES));
    let refused = await large();
    while (refused.status === 400) refused = await large();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    // A checkpoint is small, and has room.
    expect((await add(formatOffer(log, 0, 7))).status).toBe(200);
    for (const socket of slow) socket.destroy();
    let later = await large();
    while (later.status === 503) later = await large();
    expect(later.status).toBe(400);
  });

  it('thinks nothing of a caller that goes away', async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      const request = httpRequest({ port, host: '127.0.0.1', path: '/add-checkpoint', method: 'POST' });
      request.setHeader('content-length', '1000');
      request.on('error', () => resolve());
      request.write('old 0\n', () => request.destroy(new Error('gone')));
    });
    expect((await add(formatOffer(log, 0, 7))).status).toBe(200);
    expect(outcomes).toEqual(['cosigned']);
    expect(errors).toEqual([]);
  });
});

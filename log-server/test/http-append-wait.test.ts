import { createApproval, createServiceKey } from '@assent/test-support';
import { verifyReceipt } from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WriteSession } from '../src/database/write-session.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';
import { createSigner, ORIGIN } from './support/test-log.ts';

const serviceKey = createServiceKey();
const submission = (): object => ({
  kind: 'approval',
  content: createApproval({ origin: ORIGIN, serviceKey }).envelope,
});

describe('POST /api/v1/entries?wait=', () => {
  let test: TestApp;
  /** Signing waits for it. */
  let gate: Promise<void>;
  let quorum: boolean[];
  let asked: { size: number; timeoutMs: number }[];
  beforeEach(async () => {
    gate = Promise.resolve();
    quorum = [];
    asked = [];
    const { publicKey, sign } = createSigner();
    test = await createTestApp({
      signer: {
        publicKey,
        sign: async (message) => {
          await gate;
          return sign(message);
        },
      },
      quorum: {
        waitFor: async (size, timeoutMs) => {
          asked.push({ size, timeoutMs });
          return quorum.shift() ?? true;
        },
      },
    });
  });
  afterEach(() => test.remove());

  const verdictOf = async (response: Response): Promise<string> =>
    (await verifyReceipt(await response.text(), { logKeys: [test.log.vkey] })).verdict;

  /** Holds every signature back until what it returns is called. */
  const stallSigning = (): (() => void) => {
    let release: () => void = () => undefined;
    gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  };

  it('none: 202 as soon as it is stored, before any head covers it, and where its receipt will be', async () => {
    await test.post(submission());
    const release = stallSigning();
    const response = await test.post(submission(), {}, '?wait=none');
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('location')).toBe('/api/v1/receipts/1');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual({ index: 1, state: 'stored', location: '/api/v1/receipts/1' });
    expect(test.parts.publisher.current?.head.size).toBe(1);
    release();
    expect(await verdictOf(await test.app.request('/api/v1/receipts/1'))).toBe('authentic');
  });

  it('none: a repeat has its receipt already', async () => {
    const body = submission();
    await test.post(body, {}, '?wait=none');
    const again = await test.post(body, {}, '?wait=none');
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toBe('/api/v1/entries/0');
    expect(await verdictOf(again)).toBe('authentic');
  });

  it('none: a commit that the database did not confirm is answered when its head is signed', async () => {
    await test.post(submission());
    const { run } = WriteSession.prototype;
    let faults = 1;
    WriteSession.prototype.run = function (this: WriteSession, statement) {
      const fails = faults-- > 0;
      return run.call(this, async (client) => {
        const value = await statement(client);
        if (fails) throw new Error('planned: the connection is lost after the commit');
        return value;
      }) as never;
    };
    try {
      const response = await test.post(submission(), {}, '?wait=none');
      expect(response.status).toBe(202);
      expect(await response.json()).toEqual({ index: 1, state: 'signed', location: '/api/v1/receipts/1' });
      expect(test.parts.publisher.current?.head.size).toBe(2);
    } finally {
      WriteSession.prototype.run = run;
    }
  });

  it('signed: waits for the signature, and asks no witness', async () => {
    const release = stallSigning();
    let answered = false;
    const waiting = test.post(submission(), {}, '?wait=signed').then((response) => {
      answered = true;
      return response;
    });
    while ((await test.database.pool.query('select 1 from records')).rows.length === 0);
    expect(answered).toBe(false);
    release();
    expect((await waiting).status).toBe(201);
    expect(asked).toEqual([]);
  });

  it('witnessed: 201 once the quorum has cosigned, 202 and where to ask when it takes too long', async () => {
    quorum = [true, false, false, true];
    const good = await test.post(submission(), {}, '?wait=witnessed');
    expect(good.status).toBe(201);
    expect(await verdictOf(good)).toBe('authentic');
    const body = submission();
    for (const _ of ['new', 'again']) {
      const late = await test.post(body, {}, '?wait=witnessed');
      expect(late.status).toBe(202);
      expect(late.headers.get('location')).toBe('/api/v1/receipts/1');
      expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await late.json()).toEqual({ index: 1, state: 'signed', location: '/api/v1/receipts/1' });
    }
    expect((await test.post(body, {}, '?wait=witnessed')).status).toBe(200);
    expect(asked).toEqual([1, 2, 2, 2].map((size) => ({ size, timeoutMs: 10_000 })));
  });

  it('witnessed: a batch asks once, for its last entry', async () => {
    quorum = [true, false];
    const entries = Array.from({ length: 5 }, submission);
    const statuses = async (query: string): Promise<number[]> => {
      const response = await test.postBatch({ entries }, {}, query);
      return ((await response.json()) as { results: { status: number }[] }).results.map(({ status }) => status);
    };
    expect(await statuses('?wait=witnessed')).toEqual([201, 201, 201, 201, 201]);
    expect(await statuses('?wait=witnessed')).toEqual([202, 202, 202, 202, 202]);
    expect(asked.map(({ size }) => size)).toEqual([5, 5]);
  });
});

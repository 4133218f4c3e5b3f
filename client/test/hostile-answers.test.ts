import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createApproval, createConsumption, createServiceKey, createTestLog } from '@assent/test-support';
import {
  type Handler,
  json,
  problem,
  type ScriptedServer,
  startScriptedServer,
} from '@assent/test-support/scripted-server';
import { base64Encode, createSalt, formatVkey, type JsonObject, parseReceipt } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AlreadyConsumed,
  AnswerRefused,
  type Fetch,
  LogClient,
  LogRefused,
  LogUnreachable,
  type Submission,
} from '../src/index.ts';

const ORIGIN = 'log.example.com/approvals';
const API_KEY = `assent_00000000_${'A'.repeat(43)}`;

/** A real HTTP server that answers as no log should; the receipts that it hands out are a real log's. */
describe('LogClient and answers that must not be believed', () => {
  let server: ScriptedServer;
  const log = createTestLog({ origin: ORIGIN });
  const approve = (): JsonObject => createApproval({ origin: ORIGIN, serviceKey: createServiceKey() }).envelope;

  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  function client(options: Partial<ConstructorParameters<typeof LogClient>[0]> = {}): LogClient {
    return new LogClient({
      url: server.url,
      apiKey: API_KEY,
      trust: { logKeys: [log.vkey] },
      timeoutMs: 3_000,
      ...options,
    });
  }
  const answerWith = (receipt: string, status = 201): void =>
    server.answer((response) => json(response, status, receipt));
  const failureOf = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      (value) => {
        throw new Error(`it resolved: ${JSON.stringify(value).slice(0, 200)}`);
      },
      (error: Error) => error,
    );

  it('returns a receipt that holds what was sent', async () => {
    const content = approve();
    const { receipt, index } = log.append({ content });
    answerWith(receipt);
    const appended = await client().append({ visibility: 'open', content });
    expect(appended).toMatchObject({ created: true, index, receipt, witnessed: true });
    expect(appended.report.verdict).toBe('authentic');
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/entries?wait=signed',
      authorization: `Bearer ${API_KEY}`,
    });
  });

  it('refuses the valid receipt of another entry', async () => {
    answerWith(log.append({ content: approve() }).receipt);
    const error = await failureOf(client().append({ visibility: 'open', content: approve() }));
    expect(error).toBeInstanceOf(AnswerRefused);
    expect(error.message).toContain('another entry');
  });

  it.each([
    ['an intent that was not to be revealed', 'open', true],
    ['no intent where it was to be revealed', 'revealed', false],
  ] as const)('refuses %s', async (_, visibility, reveal) => {
    const { envelope: content, intent } = createApproval({ origin: ORIGIN, serviceKey: createServiceKey() });
    const revealed = intent as unknown as JsonObject;
    answerWith(log.append({ content, ...(reveal && { reveal: { intent: revealed } }) }).receipt);
    const submission: Submission =
      visibility === 'open' ? { visibility, content } : { visibility, content, intent: revealed };
    expect(await failureOf(client().append(submission))).toBeInstanceOf(AnswerRefused);
  });

  it('opens and verifies a sealed entry, and refuses one with another commitment or in the open', async () => {
    const content = approve();
    const [salt, other] = [createSalt(), createSalt()];
    const submission: Submission = { visibility: 'sealed', content, salt: base64Encode(salt) };
    answerWith(log.append({ content, salt }).receipt);
    const appended = await client().append(submission);
    expect(appended.report.checks.find(({ id }) => id === 'signatures')?.status).toBe('pass');
    const stored = parseReceipt(appended.receipt);
    expect(stored.ok && stored.value.disclosures).toEqual({ content, salt: base64Encode(salt) });
    answerWith(log.append({ content, salt: other }).receipt);
    expect(await failureOf(client().append(submission))).toBeInstanceOf(AnswerRefused);
    answerWith(log.append({ content }).receipt);
    expect(await failureOf(client().append(submission))).toBeInstanceOf(AnswerRefused);
  });

  it('refuses a receipt of another log, a tampered one, and what is none', async () => {
    const content = approve();
    const { receipt } = log.append({ content });
    const { publicKey } = generateKeyPairSync('ed25519');
    const raw = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })).slice(-32);
    const otherKey = { trust: { logKeys: [formatVkey(ORIGIN, raw)] } };
    answerWith(receipt);
    const error = await failureOf(client(otherKey).append({ visibility: 'open', content }));
    expect(error).toBeInstanceOf(AnswerRefused);
    expect(error).toMatchObject({ unverifiedReceipt: receipt, report: { verdict: 'invalid' } });
    for (const text of [receipt.replace('index ', 'index 1'), '{}', '[]', 'null', 'receipt', '']) {
      answerWith(text);
      expect(await failureOf(client().append({ visibility: 'open', content })), text).toBeInstanceOf(AnswerRefused);
    }
  });

  it('refuses a receipt under another name than was asked for', async () => {
    const approval = createApproval({ origin: ORIGIN, serviceKey: createServiceKey() });
    const { receipt, index } = log.append({ content: approval.envelope });
    const { service, id } = approval.statement;
    answerWith(receipt, 200);
    for (const name of [index, approval.digest as `sha256:${string}`, { service, id }]) {
      expect((await client().receipt(name)).index).toBe(index);
    }
    for (const name of [index + 1, `sha256:${'0'.repeat(64)}` as const, { service, id: 'other' }]) {
      expect(await failureOf(client().receipt(name)), JSON.stringify(name)).toBeInstanceOf(AnswerRefused);
    }
  });

  describe('about a consumption', () => {
    const boundary = createServiceKey();
    const approvals = [1, 2].map(() => createApproval({ origin: ORIGIN, serviceKey: createServiceKey() }));
    const [mine, others] = approvals.map((approval) => createConsumption({ approval, key: boundary }).envelope);
    const rival = createConsumption({ approval: approvals[0]!, key: createServiceKey() }).envelope;
    const logged = (content: JsonObject): string => log.append({ kind: 'consumption', content }).receipt;
    const refuseWith = (receipt?: unknown): void =>
      server.answer(problem(409, 'already_consumed', { index: 0, receipt }));

    it('returns the receipt of what was sent, after what may pass', async () => {
      const receipt = logged(mine!);
      server.answer((response, _, count) =>
        count === 1 ? json(response, 503, {}, { 'retry-after': '0' }) : json(response, 200, receipt),
      );
      expect(await client().consume(mine!)).toMatchObject({ created: false, receipt });
      expect(server.seen.map(({ path }) => path)).toEqual(Array(2).fill('/api/v1/consumptions?wait=signed'));
      expect(JSON.parse(server.seen[0]!.body)).toEqual({ content: mine });
    });

    it.each([
      ['of another approval', () => logged(others!)],
      ['by another boundary', () => logged(rival)],
      ['that is none', () => log.append({ content: approve() }).receipt],
    ])('refuses the valid receipt of a consumption %s', async (_, receipt) => {
      answerWith(receipt());
      expect(await failureOf(client().consume(mine!))).toBeInstanceOf(AnswerRefused);
    });

    it('believes that another was first only with its receipt', async () => {
      refuseWith(JSON.parse(logged(rival)));
      expect(await failureOf(client().consume(mine!))).toBeInstanceOf(AlreadyConsumed);
      const tampered = JSON.parse(logged(rival)) as { entry: string };
      const unbelievable = [
        undefined,
        'text',
        JSON.parse(logged(others!)),
        JSON.parse(log.append({ content: approve() }).receipt),
        { ...tampered, entry: tampered.entry.replace('"logged_at":1', '"logged_at":2') },
      ];
      for (const receipt of unbelievable) {
        refuseWith(receipt);
        expect(await failureOf(client().consume(mine!)), JSON.stringify(receipt)?.slice(0, 80)).toBeInstanceOf(
          AnswerRefused,
        );
      }
    });

    it('passes other refusals on', async () => {
      server.answer(problem(422, 'approval_expired'));
      expect(await failureOf(client().consume(mine!))).toMatchObject({ name: 'LogRefused', code: 'approval_expired' });
    });
  });

  it('appends many, and sends again those that the log had no room for', async () => {
    const contents = [approve(), approve(), approve()];
    const receipts = contents.map((content) => log.append({ content }).receipt);
    const refused = { status: 409, index: 7, problem: { code: 'identity_conflict', detail: 'taken', index: 7 } };
    const busy = { status: 503, problem: { code: 'overloaded', detail: 'later' } };
    server.answer((response, { body }, count) => {
      const entries = (JSON.parse(body) as { entries: { content: unknown }[] }).entries;
      const results = entries.map(({ content }) => {
        const i = contents.findIndex((sent) => JSON.stringify(sent) === JSON.stringify(content));
        if (i === 1) return refused;
        return i === 2 && count === 1 ? busy : { status: 201, index: i, receipt: JSON.parse(receipts[i]!) };
      });
      json(response, 200, { results }, { 'retry-after': '0' });
    });
    const outcomes = await client().appendAll(contents.map((content) => ({ visibility: 'open', content })));
    expect(outcomes).toMatchObject([
      { appended: { created: true } },
      { refused: { code: 'identity_conflict', index: 7 } },
      { appended: { created: true } },
    ]);
    expect(server.seen.map(({ body }) => (JSON.parse(body) as { entries: unknown[] }).entries.length)).toEqual([3, 1]);
  });

  it('keeps the outcomes that it has when a later request fails, and sends no further', async () => {
    const receipts = new Map<string, string>();
    const contents = Array.from({ length: 3_000 }, (_, i): JsonObject => ({ n: i }));
    contents[0] = approve();
    receipts.set(JSON.stringify(contents[0]), log.append({ content: contents[0] }).receipt);
    const taken = { status: 409, problem: { code: 'identity_conflict', detail: 'taken' } };
    for (const [fail, failure] of [
      [problem(401, 'unauthenticated'), LogRefused],
      // Without the header it is asked again until the time is up, which cuts off the last attempt.
      [(response) => json(response, 503, { code: 'unavailable' }, { 'retry-after': '300' }), LogRefused],
      [(response) => response.destroy(), LogUnreachable],
      [(response) => json(response, 200, {}), LogRefused],
    ] as const satisfies readonly (readonly [Handler, unknown])[]) {
      server.answer((response, request, count) => {
        if (count > 1) return fail(response, request, count);
        const { entries } = JSON.parse(request.body) as { entries: { content: unknown }[] };
        const results = entries.map(({ content }) => {
          const receipt = receipts.get(JSON.stringify(content));
          return receipt === undefined ? taken : { status: 201, receipt: JSON.parse(receipt) };
        });
        json(response, 200, { results });
      });
      const outcomes = await client().appendAll(contents.map((content) => ({ visibility: 'open', content })));
      expect(outcomes).toHaveLength(3_000);
      expect(outcomes[0]).toMatchObject({ appended: { created: true } });
      expect(outcomes[999]).toMatchObject({ refused: { code: 'identity_conflict' } });
      for (const i of [1_000, 1_999, 2_000, 2_999]) {
        const outcome = outcomes[i]!;
        expect('failed' in outcome && outcome.failed, String(i)).toBeInstanceOf(failure);
      }
      const sizes = server.seen.map(({ body }) => (JSON.parse(body) as { entries: unknown[] }).entries.length);
      expect(sizes.every((size) => size === 1_000)).toBe(true);
      expect(new Set(server.seen.map(({ body }) => body)).size).toBe(2);
    }
    const abort = new AbortController();
    server.answer(() => abort.abort(new Error('the user left')));
    const sent = contents.map((content): Submission => ({ visibility: 'open', content }));
    expect(await failureOf(client().appendAll(sent, { signal: abort.signal }))).toMatchObject({
      message: 'the user left',
    });
  });

  it('believes no batch whose results are swapped, too few, or none', async () => {
    const contents = [approve(), approve()];
    const results = contents.map((content) => ({ status: 201, receipt: JSON.parse(log.append({ content }).receipt) }));
    const sent = contents.map((content): Submission => ({ visibility: 'open', content }));
    server.answer((response) => json(response, 200, { results: [results[0], results[0]] }));
    const [good, bad] = await client().appendAll(sent);
    expect(good).toMatchObject({ appended: { created: true } });
    expect(bad).toMatchObject({ failed: expect.any(AnswerRefused) });
    for (const answer of [{ results: results.slice(1) }, { results: [1, 2] }, {}, []]) {
      server.answer((response) => json(response, 200, answer));
      const failed = { failed: expect.any(LogRefused) };
      expect(await client().appendAll(sent), JSON.stringify(answer)).toMatchObject([failed, failed]);
    }
    expect(await client().appendAll([])).toEqual([]);
  });

  it('passes on what the log says when it refuses, at once', async () => {
    const checks = [
      { id: 'signatures', status: 'fail', code: 'signature_invalid', title: '', detail: 'it does not verify' },
    ];
    for (const [status, code, extras] of [
      [400, 'invalid_request', {}],
      [401, 'unauthenticated', {}],
      [403, 'forbidden', {}],
      [409, 'identity_conflict', { index: 7 }],
      [422, 'content_refused', { checks }],
    ] as const) {
      server.answer(problem(status, code, extras));
      const error = await failureOf(client().append({ visibility: 'open', content: approve() }));
      expect(error).toBeInstanceOf(LogRefused);
      expect(error).toMatchObject({ status, code, message: expect.stringContaining(`because ${code}`) });
      expect(error).toMatchObject({ index: code === 'identity_conflict' ? 7 : undefined });
      expect((error as LogRefused).checks).toHaveLength(code === 'content_refused' ? 1 : 0);
      expect(server.seen).toHaveLength(1);
    }
  });

  it('sends the same again after a cut connection, 429, 500, 502, 503 and 504', async () => {
    const content = approve();
    const { receipt } = log.append({ content });
    const statuses = [0, 429, 500, 502, 503, 504];
    server.answer((response, _, count) => {
      const status = statuses[count - 1];
      if (status === undefined) json(response, 201, receipt);
      else if (status === 0) response.destroy();
      else json(response, status, { code: 'unavailable', detail: 'soon' }, { 'retry-after': '0' });
    });
    const { created } = await client({ timeoutMs: 20_000 }).append({ visibility: 'open', content });
    expect(created).toBe(true);
    expect(server.seen).toHaveLength(statuses.length + 1);
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
  });

  it('does not wait for longer than it may, and says what the log asked for', async () => {
    server.answer((response) =>
      json(response, 503, { code: 'read_only', detail: 'ask the operator' }, { 'retry-after': '300' }),
    );
    const error = await failureOf(client().receipt(0));
    expect(error).toMatchObject({ code: 'read_only', retryAfterMs: 300_000 });
    expect(server.seen).toHaveLength(1);
  });

  it('gives up on a log that does not answer, and on one that is not there', async () => {
    server.answer(() => undefined);
    const slow = await failureOf(client({ timeoutMs: 3_000, attemptTimeoutMs: 100 }).receipt(0));
    expect(slow).toBeInstanceOf(LogUnreachable);
    expect((slow as LogUnreachable).attempts).toBeGreaterThan(1);
    const gone = await startScriptedServer();
    await gone.close();
    // Without the client's signal: it cuts off the last attempt when the time is up, and the reason would be that.
    const uncut: Fetch = (input, { signal, ...init }) => fetch(input, init);
    const error = await failureOf(client({ url: gone.url, timeoutMs: 300, fetch: uncut }).receipt(0));
    expect(error).toBeInstanceOf(LogUnreachable);
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('ends at once when it is told to', async () => {
    const reason = new Error('the user left');
    const abort = new AbortController();
    server.answer(() => abort.abort(reason));
    expect(await failureOf(client().receipt(0, { signal: abort.signal }))).toBe(reason);
    expect(await failureOf(client().receipt(0, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it('follows no redirect, which would carry the API key away', async () => {
    const thief = await startScriptedServer();
    thief.answer((response) => json(response, 200, '{}'));
    server.answer((response) => response.writeHead(307, { location: thief.url }).end());
    expect(await failureOf(client().append({ visibility: 'open', content: approve() }))).toMatchObject({ status: 307 });
    expect(thief.seen).toHaveLength(0);
    await thief.close();
  });

  it('reads no more than a receipt can have, unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
    server.answer((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect((await failureOf(client().receipt(0))).message).toContain('more than');
  });

  it('sends an API key over https alone, but to this machine', () => {
    const trust = { logKeys: [log.vkey] };
    expect(() => new LogClient({ url: 'http://log.example.com', apiKey: API_KEY, trust })).toThrow(TypeError);
    expect(() => new LogClient({ url: 'ftp://log.example.com', trust })).toThrow(TypeError);
    expect(() => new LogClient({ url: 'log.example.com', trust })).toThrow(TypeError);
    expect(() => new LogClient({ url: 'http://log.example.com', trust })).not.toThrow();
  });
});

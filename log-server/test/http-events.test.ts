import { waitUntil } from '@assent/test-support/fault/index';
import { leafHash, parseCheckpoint, parseNote, utf8Encode } from '@assent/verifier';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiKeys } from '../src/api-keys.ts';
import { eventBody } from '../src/events/event-body.ts';
import { EventHub, MAX_SUBSCRIBERS } from '../src/events/event-hub.ts';
import { createApp } from '../src/http/app.ts';
import { insertWithheld } from '../src/store/withheld.ts';
import { appendTogether, rawApproval, rawSealed } from './support/append-together.ts';
import { type EventClient, openEvents, type SentEvent } from './support/event-client.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';
import { silent } from './support/test-log.ts';

describe('server-sent events', () => {
  let test: TestApp;
  let server: ReturnType<typeof serve>;
  let base: string;
  const clients: EventClient[] = [];

  const open = async (query = '', headers: Record<string, string> = {}): Promise<EventClient> => {
    const client = await openEvents(`${base}/api/v1/events${query}`, headers);
    clients.push(client);
    return client;
  };
  const take = async (client: EventClient, count: number): Promise<SentEvent[]> => {
    const events: SentEvent[] = [];
    for (let i = 0; i < count; i++) {
      const event = await client.next();
      if (event === undefined) throw new Error(`the stream ended after ${i} of ${count} events`);
      events.push(event);
    }
    return events;
  };
  const append = async (count: number): Promise<void> => {
    await appendTogether(test.parts.sequencer, Array.from({ length: count }, rawSealed));
    await test.log.head();
  };

  beforeAll(async () => {
    test = await createTestApp();
    await appendTogether(test.parts.sequencer, [rawApproval(), rawSealed(), rawApproval()]);
    await test.log.head();
    server = serve({ fetch: test.app.fetch, port: 0, hostname: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await new Promise((resolve) => server.close(resolve));
    await test.remove();
  });

  it('sends the newest head at once, and each new one', async () => {
    const client = await open();
    expect(client.status).toBe(200);
    expect(client.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'access-control-allow-origin': '*',
    });
    const before = await test.log.head();
    const [first] = await take(client, 1);
    expect(first).toMatchObject({ event: 'head', id: `${before.size}@${before.timestamp}` });
    expect(first!.data).toEqual({
      size: before.size,
      root: `sha256:${Buffer.from(before.root).toString('hex')}`,
      timestamp: new Date(before.timestamp).toISOString(),
      checkpoint: before.checkpoint,
    });
    await append(2);
    const [second] = await take(client, 1);
    const note = parseNote(String(second!.data.checkpoint));
    expect(note.ok && parseCheckpoint(note.value.text)).toMatchObject({ value: { size: before.size + 2 } });
    client.destroy();
  });

  it('sends every entry in order, then the head that covers them', async () => {
    const { size } = await test.log.head();
    const client = await open('?entries=1&after=0');
    const events = await take(client, size + 1);
    const entries = await test.log.entries(0, size);
    for (const [index, entry] of entries.entries()) {
      const { event, id, data } = events[index]!;
      expect({ event, id, index: data.index }).toEqual({ event: 'entry', id: `${index + 1}`, index });
      expect(utf8Encode(String(data.entry))).toEqual(new Uint8Array(entry));
      expect(data.leaf_hash).toBe(`sha256:${Buffer.from(leafHash(entry)).toString('hex')}`);
    }
    expect(events.at(-1)).toMatchObject({ event: 'head', data: { size } });
    client.destroy();
  });

  it('goes on after broken connections without a gap and without a repetition', async () => {
    const from = (await test.log.head()).size;
    const total = 120;
    const appending = (async () => {
      for (let i = 0; i < total; i += 6) {
        await append(6);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const events: SentEvent[] = [];
    const indexes = (): unknown[] => events.flatMap(({ event, data }) => (event === 'entry' ? [data.index] : []));
    let connections = 0;
    // After a head as well as in the middle of entries; by the header, and by the query.
    for (let breakAfter = 1; ; breakAfter = (breakAfter % 17) + 3) {
      const last = events.at(-1)?.id;
      const byHeader = connections++ % 2 === 0 && last !== undefined;
      const client = await open(
        `?entries=1&after=${byHeader ? from : encodeURIComponent(last ?? from)}`,
        byHeader ? { 'Last-Event-ID': last } : {},
      );
      const complete = (): boolean => events.at(-1)?.event === 'head' && events.at(-1)?.data.size === from + total;
      for (let i = 0; i < breakAfter && !complete(); i++) events.push(...(await take(client, 1)));
      client.destroy();
      if (complete()) break;
    }
    await appending;
    expect(connections).toBeGreaterThan(5);
    expect(indexes()).toEqual(Array.from({ length: total }, (_, i) => from + i));
    const heads = events.filter(({ event }) => event === 'head');
    const times = heads.map(({ data }) => String(data.timestamp));
    expect(times).toEqual([...new Set(times)].sort());
    // Each head came after the entries that it covers, and before any that it does not.
    let known = from;
    for (const { event, data } of events) {
      if (event === 'entry') known = Number(data.index) + 1;
      else expect(data.size).toBe(known);
    }
  });

  it('sends the heads of other processes', async () => {
    const client = await open();
    const [before] = await take(client, 1);
    const other = await test.home.open();
    await appendTogether(other.sequencer, [rawSealed()]);
    const [after] = await take(client, 1);
    expect(after!.data.size).toBe(Number(before!.data.size) + 1);
    client.destroy();
    await other.close();
  });

  it('sends the hash alone of an entry that is withheld', async () => {
    const { size } = await test.log.head();
    const hub = new EventHub({ publisher: test.parts.publisher, tree: test.log.tree, logger: silent });
    // Somebody who stays keeps what was sent in memory; it must not be sent to the next one.
    const early = (await hub.subscribe({ entries: 0 }, true)).texts[Symbol.asyncIterator]();
    for (let i = 0; i <= size; i++) expect((await early.next()).done).toBe(false);
    await insertWithheld(test.database.kysely, { index: 1, reason: 'a court order', at: 1 });
    await waitUntil('it is withheld', async () => (await test.app.request('/api/v1/entries/1')).status !== 200);
    const { texts } = await hub.subscribe({ entries: 0 }, true);
    const sent: string[] = [];
    for await (const text of texts) if (sent.push(text) > size) hub.close();
    expect(sent.slice(1, 4).map((text) => /"entry":/.test(text))).toEqual([true, false, true]);
    expect(sent[2]).toMatch(/^event: entry\nid: 2\ndata: \{"index":1,"leaf_hash":"sha256:[0-9a-f]{64}"\}\n\n$/);
  });

  it('says now and then that it is still there', async () => {
    const times = { keepAliveMs: 5 };
    const hub = new EventHub({ publisher: test.parts.publisher, tree: test.log.tree, logger: silent }, times);
    const { texts } = await hub.subscribe(undefined, false);
    const sent: unknown[] = [];
    for (let i = 0; i < 4; i++) sent.push((await texts.next()).value);
    expect(sent[0]).toBe('retry: 2000\n\n');
    expect(sent[1]).toMatch(/^event: head\n/);
    expect(sent.slice(2)).toEqual([': nothing new\n\n', ': nothing new\n\n']);
    hub.close();
  });

  it('keeps nothing for a reader who does not read, who then gets the newest head', async () => {
    const hub = new EventHub({ publisher: test.parts.publisher, tree: test.log.tree, logger: silent }, { tellMs: 1 });
    const { texts } = await hub.subscribe(undefined, false);
    await texts.next();
    for (let i = 0; i < 5; i++) await append(1);
    const { size, timestamp } = await test.log.head();
    const other = await hub.subscribe(undefined, false);
    other.leave();
    expect((await texts.next()).value).toContain(`id: ${size}@${timestamp}\n`);
    hub.close();
    expect(await texts.next()).toEqual({ value: undefined, done: true });
  });

  it('cuts off a reader who takes nothing for too long', async () => {
    const hub = new EventHub({ publisher: test.parts.publisher, tree: test.log.tree, logger: silent });
    const subscription = await hub.subscribe(undefined, false);
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    const cut = new Promise<void>((resolve) => {
      reader = eventBody(subscription, resolve, 5).getReader();
    });
    await reader!.read();
    expect(hub.size).toBe(1);
    await cut;
    expect(hub.size).toBe(0);
    expect((await reader!.read()).done).toBe(true);
  });

  it('has room for so many, and room again when one has gone', async () => {
    const { events } = test.log;
    await waitUntil('the others have left', () => events.size === 0);
    const subscriptions = [];
    for (let i = 0; i < MAX_SUBSCRIBERS; i++) subscriptions.push(await events.subscribe(undefined, false));
    const refused = await test.app.request('/api/v1/events');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await refused.json()).toMatchObject({ code: 'overloaded' });
    for (const { leave } of subscriptions) leave();
    const client = await open();
    expect((await take(client, 1))[0]).toMatchObject({ event: 'head' });
    client.destroy();
    await waitUntil('its place is free', () => events.size === 0);
  });

  it('leaves room for others when one address opens all that it may', async () => {
    const { events } = test.log;
    await waitUntil('the others have left', () => events.size === 0);
    const limits = {
      reads: undefined,
      failedAuthentications: undefined,
      eventStreams: 3,
      trustedProxies: ['loopback'],
    };
    const app = createApp({ log: test.log, apiKeys: new ApiKeys(test.database), health: {}, logger: silent, limits });
    const limited = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await new Promise((resolve) => limited.once('listening', resolve));
    const address = limited.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/v1/events`;
    const from = (caller: string) => openEvents(url, { 'X-Forwarded-For': caller });
    const greedy = [];
    for (let i = 0; i < 3; i++) greedy.push(await from(`2001:db8::${i}`));
    const refused = await fetch(url, { headers: { 'X-Forwarded-For': '2001:db8::4' } });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    const other = await from('198.51.100.1');
    expect((await take(other, 1))[0]).toMatchObject({ event: 'head' });
    greedy[0]!.destroy();
    await waitUntil('its place is free', () => events.size === 3);
    const again = await from('2001:db8::5');
    expect(again.status).toBe(200);
    for (const client of [...greedy, other, again]) client.destroy();
    await waitUntil('all have left', () => events.size === 0);
    await new Promise((resolve) => limited.close(resolve));
  });

  it('answers HEAD without a stream', async () => {
    const response = await test.app.request('/api/v1/events', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(test.log.events.size).toBe(0);
  });

  it.each([
    ['?after=x', {}, 400, 'invalid_parameter'],
    ['?after=0', { 'last-event-id': '1@@2' }, 400, 'invalid_parameter'],
    ['?entries=yes', {}, 400, 'invalid_parameter'],
    ['?after=999999', {}, 404, 'not_found'],
    ['', { 'last-event-id': '999999@1' }, 404, 'not_found'],
  ])('%s %j is refused', async (query, headers, status, code) => {
    const response = await test.app.request(`/api/v1/events${query}`, { headers });
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('ends when the log stops, and when it shuts down', async () => {
    const parts = await test.home.open();
    const hub = new EventHub({ publisher: parts.publisher, tree: parts.log.tree, logger: silent }, { pollMs: 5 });
    const { texts } = await hub.subscribe(undefined, false);
    for (let i = 0; i < 2; i++) expect((await texts.next()).done).toBe(false);
    parts.publisher.stop('stopped by the test');
    expect((await texts.next()).done).toBe(true);
    await expect(hub.subscribe({ entries: 0 }, true)).rejects.toMatchObject({ code: 'read_only' });

    const idle = await open();
    await take(idle, 1);
    const busy = await open('?entries=1&after=0');
    await take(busy, 1);
    const closed = new Promise((resolve) => server.close(resolve));
    test.log.events.close();
    expect(await idle.next()).toBeUndefined();
    while ((await busy.next()) !== undefined);
    await closed;
    const refused = await test.app.request('/api/v1/events');
    expect(await refused.json()).toMatchObject({ status: 503, code: 'shutting_down' });
  });
});

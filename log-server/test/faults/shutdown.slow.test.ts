import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createRecordMaker, findPostgres, httpRequest, type ServerProcess } from '@assent/test-support/fault/index';
import { describe, expect, it } from 'vitest';
import { faultTest } from './fault-test.ts';

type Held = { readonly digest: string; finish(): Promise<{ status: number; body: string }> };

/** A POST that the server has taken in ("100 Continue" says so) and whose body is still to come. */
function hold(server: ServerProcess, apiKey: string, record: { digest: string; body: string }): Promise<Held> {
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request(`${server.url}/api/v1/entries`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${apiKey}`,
        'Content-Type': 'application/json',
        'Content-Length': String(Buffer.byteLength(record.body)),
        Expect: '100-continue',
      },
    });
    outgoing.once('error', reject);
    outgoing.once('continue', () => {
      resolve({
        digest: record.digest,
        finish: () =>
          new Promise((answered, failed) => {
            outgoing.once('error', failed);
            outgoing.once('response', (answer: IncomingMessage) => {
              const chunks: Buffer[] = [];
              answer.on('data', (chunk: Buffer) => chunks.push(chunk));
              answer.on('error', failed);
              answer.on('end', () =>
                answered({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
              );
            });
            outgoing.end(record.body);
          }),
      });
    });
    outgoing.flushHeaders();
  });
}

describe('SIGTERM under load', () => {
  it(
    'answers what was taken in, refuses what comes later, ends in order and loses nothing',
    faultTest({ database: 'embedded', rounds: 1 }, async ({ home, ledger, random, load, audit }) => {
      let server = await home.start();
      const stopping = server;
      const appending = load(() => [server]);
      await appending.until('100 are acknowledged', () => ledger.acknowledged.size >= 100);
      const makeRecord = createRecordMaker(home.origin, random('held'));
      const held = await Promise.all(Array.from({ length: 5 }, () => hold(stopping, home.apiKey, makeRecord())));

      stopping.signal('SIGTERM');
      const refused = (): Promise<boolean> =>
        httpRequest({ url: `${stopping.url}/livez` }).then(
          () => false,
          (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
        );
      await appending.until('new connections are refused', refused);
      expect(stopping.running()).toBe(true);
      for (const { digest, finish } of held) {
        const { status, body } = await finish();
        expect(status).toBe(201);
        ledger.acknowledge(digest, true, body, stopping.url);
      }
      expect(await stopping.exited()).toEqual({ code: 0, signal: null });
      expect(findPostgres(home.dataDir)).toBeUndefined();

      server = await home.start();
      await appending.finish();
      // What clients were told while it went down: an answer, a clean refusal, or a connection that was closed.
      const known = ['created', 'repeated', 'no answer', 'shutting_down'];
      expect([...appending.outcomes.keys()].filter((outcome) => !known.includes(outcome))).toEqual([]);
      const result = await audit(server);
      expect(result.recovered).toBe(result.acknowledged);
    }),
  );
});

import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type HttpAnswer, httpRequest, problemCode } from './http-request.ts';
import type { Ledger } from './ledger.ts';
import { createRecordMaker, type TestRecord } from './record-maker.ts';
import type { Random } from './run-parameters.ts';
import { waitUntil } from './wait-until.ts';

export type LoadOptions = {
  /** Where the log is served now; asked before each attempt, because a server that was restarted has another port. */
  readonly servers: () => readonly string[];
  readonly apiKey: string;
  readonly origin: string;
  readonly ledger: Ledger;
  readonly random: Random;
  /** Records under way at once. Default 16. */
  readonly connections?: number;
  /** The share of records that go to two servers (or twice to the one) at the same time. Default 0. */
  readonly duplicates?: number;
  /** Ends by itself after so many. Default: only when it is told to. */
  readonly records?: number;
};

export type Load = {
  /** How often each answer came: `created`, `repeated`, `no answer`, or a problem code. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Waits for something observable, and fails at once when the load does. */
  until(what: string, condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /** Begins no further record, repeats those without an answer until they have one, and resolves then. */
  finish(): Promise<void>;
  /** Begins no further record and repeats none: for a log that is not expected to answer. */
  abandon(): Promise<void>;
};

const FINISH_MS = 60_000;

/**
 * Appends as an approval service does: keeps its connections, takes no answer and every 5xx for an unknown outcome, and
 * sends the same record again until it is told where it is. Beside that it asks for checkpoints all the time.
 */
export function startLoad(options: LoadOptions): Load {
  const { servers, apiKey, ledger, random, origin, connections = 16, duplicates = 0 } = options;
  const agent = new Agent({ keepAlive: true });
  const makeRecord = createRecordMaker(origin, random);
  const outcomes = new Map<string, number>();
  let remaining = options.records ?? Number.POSITIVE_INFINITY;
  let stopping = false;
  let abandoned = false;
  let failure: unknown;

  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

  const post = async (record: TestRecord, server: string): Promise<HttpAnswer | undefined> => {
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
    try {
      return await httpRequest({
        method: 'POST',
        url: `${server}/api/v1/entries`,
        agent,
        headers,
        body: record.body,
      });
    } catch {
      return undefined;
    }
  };

  const deliver = async (record: TestRecord, target: number): Promise<void> => {
    while (!abandoned) {
      const all = servers();
      const server = all[target % Math.max(1, all.length)];
      const answer = server === undefined ? undefined : await post(record, server);
      if (answer !== undefined && (answer.status === 201 || answer.status === 200)) {
        count(answer.status === 201 ? 'created' : 'repeated');
        return ledger.acknowledge(record.digest, answer.status === 201, answer.body.toString('utf8'), server!);
      }
      if (answer !== undefined && answer.status < 500) {
        throw new Error(`${server} refused a good record: ${answer.status} ${answer.body.toString('utf8')}`);
      }
      count(answer === undefined ? 'no answer' : (problemCode(answer) ?? `status ${answer.status}`));
      ledger.lose(record.digest);
      await delay(random.integer(10, 60));
    }
  };

  const append = async (): Promise<void> => {
    while (!stopping && remaining > 0) {
      remaining--;
      const record = makeRecord();
      const first = random.integer(0, 63);
      const targets = random.next() < duplicates ? [first, first + 1] : [first];
      await Promise.all(targets.map((target) => deliver(record, target)));
    }
  };

  const readHeads = async (): Promise<void> => {
    for (let turn = 0; !stopping; turn++) {
      const all = servers();
      const server = all[turn % Math.max(1, all.length)];
      const before = ledger.newestSize;
      const answer = server && (await httpRequest({ url: `${server}/checkpoint`, agent }).catch(() => undefined));
      if (answer && answer.status === 200) {
        const size = ledger.seeCheckpoint(answer.body.toString('utf8'), server);
        if (size < before) ledger.contradictions.push(`${server} served size ${size} after ${before} was handed out`);
      }
      await delay(answer ? 2 : 20);
    }
  };

  // The reader of heads goes on until the appends have ended.
  const workers = Promise.all(Array.from({ length: connections }, append)).finally(() => {
    stopping = true;
  });
  let ended = false;
  void Promise.all([workers, readHeads()])
    .catch((error: unknown) => {
      failure = error;
      abandoned = true;
    })
    .finally(() => {
      ended = true;
      agent.destroy();
    });
  const end = async (): Promise<void> => {
    await waitUntil('the load ends', () => ended, FINISH_MS).finally(() => {
      stopping = true;
      abandoned = true;
    });
    if (failure !== undefined) throw failure;
  };

  return {
    outcomes,
    until: (what, condition, limitMs) =>
      waitUntil(
        what,
        () => {
          if (failure !== undefined) throw failure;
          return condition();
        },
        limitMs,
      ),
    finish: () => {
      if (options.records === undefined) stopping = true;
      return end();
    },
    abandon: () => {
      stopping = true;
      abandoned = true;
      return end();
    },
  };
}

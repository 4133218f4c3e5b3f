/**
 * The load generator, a process of its own: makes signed records before the clock runs, sends them, and prints one JSON
 * object with what it measured. `tsx bench/load.ts '<LoadOrder as JSON>'`
 */
import { randomBytes } from 'node:crypto';
import { createApproval } from '../test-support/src/approvals.ts';
import { createAuthenticator } from '../test-support/src/authenticator.ts';
import { type Answer, Connection, request } from './http-client.ts';
import { type LoadResult, startLoad } from './load-result.ts';

export type LoadOrder = {
  readonly port: number;
  readonly connections: number;
  readonly count: number;
  /** Requests a second that are offered whatever the server does; absent: each connection sends when it has its answer. */
  readonly rate?: number;
  readonly work:
    | { readonly kind: 'append'; readonly origin: string; readonly apiKey: string }
    | {
        readonly kind: 'batch';
        readonly of: 'verified' | 'blind';
        readonly perBatch: number;
        readonly origin: string;
        readonly apiKey: string;
      }
    | { readonly kind: 'receipts'; readonly size: number }
    | { readonly kind: 'empty' };
};

function makeRequests({ work, count }: LoadOrder): Buffer[] {
  if (work.kind === 'empty') return Array.from({ length: count }, () => request('POST', '/'));
  if (work.kind === 'receipts') {
    return Array.from({ length: count }, (_, i) => request('GET', `/api/v1/receipts/${(i * 7919) % work.size}`));
  }
  const headers = { authorization: `Bearer ${work.apiKey}`, 'content-type': 'application/json' };
  const nextApproval = approvals(work.origin);
  if (work.kind === 'append') {
    return Array.from({ length: count }, () => request('POST', '/api/v1/entries', headers, nextApproval()));
  }
  const next = work.of === 'verified' ? nextApproval : blindCommitment;
  return Array.from({ length: count }, () => {
    const entries = Array.from({ length: work.perBatch }, next).join(',');
    return request('POST', '/api/v1/entries/batch', headers, `{"entries":[${entries}]}`);
  });
}

/** Submissions by a hundred people with one passkey each: an approval service has its regulars. */
function approvals(origin: string): () => string {
  const people = Array.from({ length: 100 }, () => createAuthenticator());
  let made = 0;
  return () => {
    const authenticator = people[made++ % people.length]!;
    const { envelope } = createApproval({ origin, authenticator });
    return JSON.stringify({ kind: 'approval', content: envelope });
  };
}

function blindCommitment(): string {
  return JSON.stringify({ kind: 'approval', sealed: `sha256:${randomBytes(32).toString('hex')}` });
}

/** Whether an answer says what was asked for: each record of an append is new, and has its receipt. */
function isGood({ status, body }: Answer, { work }: LoadOrder): boolean {
  switch (work.kind) {
    case 'append':
      return status === 201 && body.includes(RECEIPT);
    case 'batch':
      return status === 200 && count(body, RECEIPT) === work.perBatch && count(body, CREATED) === work.perBatch;
    default:
      return status === 200;
  }
}

const RECEIPT = Buffer.from('"proof":"c2sp.org/tlog-proof@v1');
const CREATED = Buffer.from('{"status":201,');

function count(body: Buffer, part: Buffer): number {
  let found = 0;
  for (let at = body.indexOf(part); at >= 0; at = body.indexOf(part, at + part.length)) found++;
  return found;
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const requests = makeRequests(order);
  const connections = await Promise.all(Array.from({ length: order.connections }, () => Connection.open(order.port)));
  const latencies: number[] = [];
  let refused = 0;
  let next = 0;
  const finish = startLoad();
  const start = performance.now();
  const note = (answer: Answer): void => {
    latencies.push(answer.ms);
    if (!isGood(answer, order)) refused++;
  };
  await Promise.all(
    connections.map(async (connection) => {
      for (let i = next++; i < requests.length; i = next++) {
        let due = performance.now();
        if (order.rate !== undefined) {
          due = start + (i * 1000) / order.rate;
          const wait = due - performance.now();
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
          due = Math.max(due, performance.now() - Math.max(0, -wait));
        }
        note(await connection.send(requests[i]!, due));
      }
    }),
  );
  const result = finish(latencies, refused);
  for (const connection of connections) connection.close();
  return result;
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]!) as LoadOrder))}\n`);

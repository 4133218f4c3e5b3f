/**
 * Load on a log, in a process of its own: makes signed records before the clock runs, has them sent, checks what became of
 * them, and prints one LoadResult. `tsx bench/load.ts '<LoadOrder as JSON>'`
 */
import { randomBytes } from 'node:crypto';
import { createApproval } from '../test-support/src/approvals.ts';
import { createAuthenticator } from '../test-support/src/authenticator.ts';
import { checkAppended, treeSize } from './check-appended.ts';
import { send } from './generator.ts';
import { type LoadResult, request, type SendOrder } from './load-result.ts';

export type LoadOrder = Omit<SendOrder, 'requests'> & {
  readonly count: number;
  readonly work:
    | { readonly kind: 'append'; readonly origin: string; readonly apiKey: string }
    | {
        readonly kind: 'batch';
        readonly of: 'verified' | 'blind';
        readonly perBatch: number;
        readonly origin: string;
        readonly apiKey: string;
      }
    | { readonly kind: 'empty' };
};

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

async function run({ work, count, ...order }: LoadOrder): Promise<LoadResult> {
  if (work.kind === 'empty') {
    return send({ ...order, requests: Array.from({ length: count }, () => request('POST', '/')) });
  }
  const perRequest = work.kind === 'batch' ? work.perBatch : 1;
  const make = work.kind === 'batch' && work.of === 'blind' ? blindCommitment : approvals(work.origin);
  const records = Array.from({ length: count * perRequest }, make);
  const headers = { authorization: `Bearer ${work.apiKey}`, 'content-type': 'application/json' };
  const requests = Array.from({ length: count }, (_, i) => {
    if (work.kind === 'append') return request('POST', '/api/v1/entries', headers, records[i]);
    const entries = records.slice(i * perRequest, (i + 1) * perRequest).join(',');
    return request('POST', '/api/v1/entries/batch', headers, `{"entries":[${entries}]}`);
  });
  const before = await treeSize(order.port);
  const result = await send({ ...order, requests });
  await checkAppended({ port: order.port, apiKey: work.apiKey, before, records });
  return result;
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]!) as LoadOrder))}\n`);

/**
 * The load generator for reads, a process of its own: asks for what a log holds at random places, over keep-alive
 * connections that send the next request when they have an answer. Prints a LoadResult.
 * `tsx bench/read-load.ts '<ReadOrder as JSON>'`
 */
import { connect } from 'node:net';
import { formatTilePath, TILE_WIDTH } from '@assent/verifier';
import { type LoadResult, startLoad } from './load-result.ts';

export type ReadOrder = {
  readonly port: number;
  readonly connections: number;
  readonly count: number;
  readonly what: 'receipts' | 'entries-and-proofs' | 'full-tiles';
  /** How many entries the log has. */
  readonly size: number;
};

function randomPath({ what, size }: ReadOrder): string {
  const below = (end: number): number => Math.floor(Math.random() * end);
  if (what === 'receipts') return `/api/v1/receipts/${below(size)}`;
  if (what === 'entries-and-proofs') return `/ct/v1/get-entry-and-proof?leaf_index=${below(size)}&tree_size=${size}`;
  return `/${formatTilePath({ level: 0, index: below(Math.floor(size / TILE_WIDTH)), width: TILE_WIDTH })}`;
}

/** Sends requests on one connection until there are none left. Answers must have a Content-Length. */
function runConnection(port: number, next: () => Buffer | undefined, note: (ms: number, status: number) => void) {
  return new Promise<void>((resolve, reject) => {
    let sentAt = 0;
    let status = 0;
    /** Of the answer that is coming in: how many bytes are missing; undefined before its head was read. */
    let missing: number | undefined;
    const send = (): void => {
      const request = next();
      if (request === undefined) {
        socket.destroy();
        resolve();
        return;
      }
      missing = undefined;
      sentAt = performance.now();
      socket.write(request);
    };
    const socket = connect(port, '127.0.0.1', send).setNoDelay(true);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk: Buffer) => {
      if (missing === undefined) {
        const end = chunk.indexOf('\r\n\r\n');
        const head = chunk.toString('latin1', 0, end);
        const length = /content-length: (\d+)/i.exec(head)?.[1];
        if (end < 0 || length === undefined) {
          reject(new Error(`an answer that can't be read: ${head}`));
          return;
        }
        status = Number(head.slice(9, 12));
        missing = end + 4 + Number(length);
      }
      missing -= chunk.length;
      if (missing > 0) return;
      note(performance.now() - sentAt, status);
      send();
    });
  });
}

async function run(order: ReadOrder): Promise<LoadResult> {
  const requests = Array.from({ length: order.count }, () =>
    Buffer.from(`GET ${randomPath(order)} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
  );
  const latencies: number[] = [];
  let refused = 0;
  const note = (ms: number, status: number): void => {
    latencies.push(ms);
    if (status !== 200) refused++;
  };
  const finish = startLoad();
  await Promise.all(
    Array.from({ length: order.connections }, () => runConnection(order.port, () => requests.pop(), note)),
  );
  return finish(latencies, refused);
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]!) as ReadOrder))}\n`);

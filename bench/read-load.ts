/**
 * The load generator for reads, a process of its own: asks for what a log holds at random places, over keep-alive
 * connections that send the next request when they have an answer. Prints a LoadResult.
 * `tsx bench/read-load.ts '<ReadOrder as JSON>'`
 */
import { connect } from 'node:net';
import {
  equalBytes,
  formatTilePath,
  HASH_SIZE,
  inclusionRoot,
  leafHash,
  parseReceipt,
  parseTlogProof,
  TILE_WIDTH,
} from '@assent/verifier';
import { nativeSha256 as sha256 } from '../log-server/src/native-primitives.ts';
import { unwrap } from '../test-support/src/results.ts';
import { type LoadResult, startLoad } from './load-result.ts';

export type ReadOrder = {
  readonly port: number;
  readonly connections: number;
  readonly count: number;
  readonly what: 'receipts' | 'entries-and-proofs' | 'full-tiles';
  /** How many entries the log has. */
  readonly size: number;
};

/** One answer in so many is checked from its first to its last byte. */
const CHECKED = 256;

/** `check` throws for a body that does not prove what it should. */
type Read = { readonly path: string; readonly check: ((body: Buffer) => void) | undefined };

function randomRead({ what, size }: ReadOrder, checked: boolean): Read {
  const index = Math.floor(Math.random() * (what === 'full-tiles' ? Math.floor(size / TILE_WIDTH) : size));
  const check = checked ? (body: Buffer): void => CHECKS[what](body, index, size) : undefined;
  if (what === 'receipts') return { path: `/api/v1/receipts/${index}`, check };
  if (what === 'entries-and-proofs') {
    return { path: `/ct/v1/get-entry-and-proof?leaf_index=${index}&tree_size=${size}`, check };
  }
  return { path: `/${formatTilePath({ level: 0, index, width: TILE_WIDTH })}`, check };
}

/** All answers prove their entries against one root; which one it is, the first of them says. */
let root: Uint8Array | undefined;

function checkRoot(entry: Uint8Array, index: number, size: number, proof: readonly Uint8Array[]): void {
  const found = unwrap(inclusionRoot({ index, size, leafHash: leafHash(entry, sha256), proof }, sha256));
  root ??= found;
  if (!equalBytes(root, found)) throw new Error(`entry ${index} is proven in another tree`);
}

const CHECKS: Readonly<Record<ReadOrder['what'], (body: Buffer, index: number, size: number) => void>> = {
  receipts(body, index) {
    const receipt = unwrap(parseReceipt(body));
    const { proof, checkpoint, index: proven } = unwrap(parseTlogProof(receipt.proof));
    const [, size] = checkpoint.split('\n');
    if (proven !== index) throw new Error(`the receipt of entry ${proven} instead of ${index}`);
    checkRoot(Buffer.from(receipt.entry), index, Number(size), proof);
    if (checkpoint.split('\n')[2] !== Buffer.from(root!).toString('base64')) {
      throw new Error(`the receipt of entry ${index} has a checkpoint of another tree`);
    }
  },
  'entries-and-proofs'(body, index, size) {
    const { leaf_input, audit_path } = JSON.parse(body.toString()) as { leaf_input: string; audit_path: string[] };
    const proof = audit_path.map((hash) => Buffer.from(hash, 'base64'));
    checkRoot(Buffer.from(leaf_input, 'base64'), index, size, proof);
  },
  'full-tiles'(body) {
    if (body.length !== TILE_WIDTH * HASH_SIZE) throw new Error(`a full tile of ${body.length} bytes`);
  },
};

/**
 * Sends requests on one connection until there are none left. Answers must have a Content-Length. They are read into one
 * buffer, without Node's streams, whose cost would be measured as the server's; each is looked at for its status and its
 * length, and one in {@link CHECKED} is checked as a whole.
 */
function runConnection(
  port: number,
  next: () => Read | undefined,
  note: (ms: number, status: number) => void,
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let read: Read | undefined;
    let sentAt = 0;
    let status = 0;
    /** Of the answer that is coming in: how many bytes are missing; undefined before its head was read. */
    let missing: number | undefined;
    let kept: Buffer[] = [];
    const send = (): void => {
      read = next();
      if (read === undefined) {
        socket.destroy();
        resolve();
        return;
      }
      missing = undefined;
      sentAt = performance.now();
      socket.write(`GET ${read.path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 'latin1');
    };
    const take = (bytes: number, buffer: Uint8Array): boolean => {
      const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, bytes);
      if (missing === undefined) {
        const end = chunk.indexOf('\r\n\r\n');
        const head = chunk.toString('latin1', 0, end);
        const length = /content-length: (\d+)/i.exec(head)?.[1];
        if (end < 0 || length === undefined) {
          reject(new Error(`an answer that can't be read: ${head}`));
          return false;
        }
        status = Number(head.slice(9, 12));
        missing = end + 4 + Number(length);
      }
      missing -= bytes;
      if (read?.check !== undefined) kept.push(Buffer.from(chunk));
      if (missing > 0) return true;
      note(performance.now() - sentAt, status);
      if (read?.check !== undefined) {
        const answer = Buffer.concat(kept);
        kept = [];
        try {
          read.check(answer.subarray(answer.indexOf('\r\n\r\n') + 4));
        } catch (error) {
          reject(error);
          return false;
        }
      }
      send();
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafe(64 * 1024), callback: take };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread }, send);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the server closed the connection')));
  });
}

async function run(order: ReadOrder): Promise<LoadResult> {
  const reads = Array.from({ length: order.count }, (_, i) => randomRead(order, i % CHECKED === 0));
  const latencies: number[] = [];
  let refused = 0;
  const note = (ms: number, status: number): void => {
    latencies.push(ms);
    if (status !== 200) refused++;
  };
  const finish = startLoad();
  await Promise.all(
    Array.from({ length: order.connections }, () => runConnection(order.port, () => reads.pop(), note)),
  );
  return finish(latencies, refused);
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]!) as ReadOrder))}\n`);

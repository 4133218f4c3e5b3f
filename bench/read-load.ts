/**
 * Load of reads on a log, in a process of its own: has what the log holds asked for at random places, checks a sample of
 * answers meanwhile, and prints one LoadResult. `tsx bench/read-load.ts '<ReadOrder as JSON>'`
 */
import {
  base64Decode,
  equalBytes,
  formatTilePath,
  HASH_SIZE,
  inclusionRoot,
  leafHash,
  parseReceipt,
  parseTlogProof,
  TILE_WIDTH,
  verifyReceipt,
} from '@assent/verifier';
import { nativeSha256 as sha256 } from '../log-server/src/native-primitives.ts';
import { unwrap } from '../test-support/src/results.ts';
import { send } from './generator.ts';
import { type LoadResult, request, type SendOrder } from './load-result.ts';

export type ReadOrder = Omit<SendOrder, 'requests' | 'rate'> & {
  readonly count: number;
  readonly what: 'receipts' | 'entries-and-proofs' | 'full-tiles';
  /** How many entries the log has. */
  readonly size: number;
};

/**
 * Between two answers that are checked, in ms. To fetch and verify a receipt takes one to three milliseconds of the processors
 * that the log is measured on: at a hundred a second that was a tenth of one of them or more. These 25 are a third of it,
 * and about a hundred answers a run.
 */
const CHECK_EVERY_MS = 40;

function randomIndex({ what, size }: ReadOrder): number {
  return Math.floor(Math.random() * (what === 'full-tiles' ? Math.floor(size / TILE_WIDTH) : size));
}

function pathOf({ what, size }: Pick<ReadOrder, 'what' | 'size'>, index: number): string {
  if (what === 'receipts') return `/api/v1/receipts/${index}`;
  if (what === 'entries-and-proofs') return `/ct/v1/get-entry-and-proof?leaf_index=${index}&tree_size=${size}`;
  return `/${formatTilePath({ level: 0, index, width: TILE_WIDTH })}`;
}

async function get(port: number, path: string): Promise<Buffer> {
  // On a connection of its own: of several server processes another one answers each time.
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Connection: 'close' } });
  if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** All proofs lead to one root; which one it is, the first of them says. */
let root: Uint8Array | undefined;

async function provenEntry(order: ReadOrder, index: number): Promise<Uint8Array> {
  const { size } = order;
  const body = await get(order.port, pathOf({ what: 'entries-and-proofs', size }, index));
  const { leaf_input, audit_path } = JSON.parse(body.toString()) as { leaf_input: string; audit_path: string[] };
  const entry = unwrap(base64Decode(leaf_input));
  const proof = audit_path.map((hash) => unwrap(base64Decode(hash)));
  const found = unwrap(inclusionRoot({ index, size, leafHash: leafHash(entry, sha256), proof }, sha256));
  root ??= found;
  if (!equalBytes(root, found)) throw new Error(`entry ${index} is proven in another tree`);
  return entry;
}

const CHECKS: Readonly<Record<ReadOrder['what'], (order: ReadOrder, vkeys: string[]) => Promise<unknown>>> = {
  async receipts(order, logKeys) {
    const index = randomIndex(order);
    const body = await get(order.port, pathOf(order, index));
    const { summary, checks } = await verifyReceipt(body, { logKeys });
    const proven = unwrap(parseTlogProof(unwrap(parseReceipt(body)).proof)).index;
    const passed = checks.filter(({ status }) => status === 'pass').map(({ id }) => id);
    if (proven !== index || !['inclusion', 'checkpoint'].every((id) => passed.some((each) => each === id))) {
      throw new Error(`the receipt of entry ${proven} instead of ${index}: ${summary}`);
    }
  },
  'entries-and-proofs': (order) => provenEntry(order, randomIndex(order)),
  async 'full-tiles'(order) {
    const tile = randomIndex(order);
    const hashes = await get(order.port, pathOf(order, tile));
    if (hashes.length !== TILE_WIDTH * HASH_SIZE) throw new Error(`a full tile of ${hashes.length} bytes`);
    const at = Math.floor(Math.random() * TILE_WIDTH);
    const leaf = leafHash(await provenEntry(order, tile * TILE_WIDTH + at), sha256);
    if (!equalBytes(hashes.subarray(at * HASH_SIZE, (at + 1) * HASH_SIZE), leaf)) {
      throw new Error(`hash ${at} of tile ${tile} is not that of its entry`);
    }
  },
};

async function run(order: ReadOrder): Promise<LoadResult> {
  const { port } = order;
  const requests = Array.from({ length: order.count }, () => request('GET', pathOf(order, randomIndex(order))));
  const { vkeys } = JSON.parse((await get(port, '/api/v1/log')).toString()) as { vkeys: string[] };
  let isOver = false;
  const sending = send({ ...order, requests }).finally(() => {
    isOver = true;
  });
  const checking = (async () => {
    while (!isOver) {
      await CHECKS[order.what](order, vkeys);
      await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
    }
  })();
  const [result] = await Promise.all([sending, checking]);
  return result;
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]!) as ReadOrder))}\n`);

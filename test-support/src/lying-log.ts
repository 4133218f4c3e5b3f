/**
 * A log over HTTP that serves a real tree with real signatures (C2SP tlog-tiles, and of our own interface what readers of whole
 * logs ask for), until it is told to lie. For auditors, mirrors, monitors and witnesses, who have to notice.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  concatBytes,
  consistencyNodes,
  foldRoot,
  formatBundle,
  formatSignedTreeHead,
  formatTime,
  formatTreeHead,
  hexEncode,
  parseBundlePath,
  parseTilePath,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileWidthAt,
} from '@assent/verifier';
import { listenLasting } from './lasting-port.ts';
import { createLogContents, type LogContents } from './log-contents.ts';
import { createTestLog, type TestEntry, type TestLog } from './receipts.ts';

/** What it can be told to serve instead of the truth. */
export const LIES = [
  /** One byte of an entry, in a bundle that is well-formed. */
  'changed-entry',
  /** A bundle without its last ten bytes, which says that it is whole. */
  'truncated-bundle',
  /** In the place of a full tile the one beside it. */
  'swapped-tile',
  /** A checkpoint that it signed earlier. */
  'old-head',
  /** A checkpoint that another log signed for itself. */
  'other-log',
  /** The right head, and one hash that is wrong in a partial tile. */
  'wrong-partial-tile',
  /** A proof that is right, for another size than the one asked for. */
  'other-sizes-proof',
  /** Answers that never stop. */
  'endless-body',
  'redirect-loop',
  /** A few kilobytes that unpack to a gigabyte. */
  'gzip-bomb',
  /** An answer that begins, and then nothing. */
  'never-ends',
] as const;

export type Lie = (typeof LIES)[number];

export type LyingLogOptions = {
  readonly origin?: string;
  /** Default: 600, so there are two full tiles of 256 and a partial one. */
  readonly size?: number;
  /** For the same log key each time. */
  readonly privateKey?: KeyObject;
};

export type LyingLog = {
  readonly url: string;
  readonly origin: string;
  /** Of its key of now. */
  readonly vkey: string;
  readonly contents: LogContents;
  /** What it serves, tree and signatures: another one after {@link fork}. */
  readonly log: TestLog;
  readonly entries: readonly Uint8Array[];
  /** The paths that were asked for. */
  readonly requests: string[];
  /** The head that it shows; default: the newest. */
  size: number;
  lie: Lie | undefined;
  /** The address at which it always tells this lie, so that several can be told at once. */
  urlOf(lie: Lie): string;
  /** Which paths the lie is told on: default: all that it applies to. */
  lieOn: RegExp;
  /** Answers with this status instead, while it is set, and with `Retry-After: 0`. */
  busy: number | undefined;
  /** Lines that are put under each checkpoint: witnesses' cosignatures. */
  cosign: (checkpoint: string) => string;
  /** The cosigned checkpoint that it names in `api/v1/log`. */
  witnessed: string | undefined;
  /** Milliseconds: the time of its RFC 6962 tree head; undefined: it has none. */
  sthTime: number | undefined;
  /** The root in that tree head, instead of the right one. */
  sthRoot: Uint8Array | undefined;
  /** Partial tiles and bundles are gone once the full ones are there. */
  pruned: boolean;
  /** Entries that are not handed out: 451, for their bundle too. */
  readonly withheld: Set<number>;
  /** Appends the next entries, or these. */
  grow(more: number | readonly TestEntry[]): void;
  /** Goes on from this size with another history, signed by the same key, and grows to the size that it had or to this one. */
  fork(at: number, size?: number): void;
  /** Goes on with another key, and names the one that it had as retired. */
  rotate(): void;
  /** Closes the port (connections are refused), or opens it again. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
};

type History = { readonly log: TestLog; readonly entries: Uint8Array[] };

const BOMB_BYTES = 64 * 1024 * 1024;
let bomb: Buffer | undefined;

export async function startLyingLog(options: LyingLogOptions = {}): Promise<LyingLog> {
  const { origin = 'log.example.com/approvals', size = 600 } = options;
  let { privateKey = generateKeyPairSync('ed25519').privateKey } = options;
  const contents = createLogContents(origin);
  const stranger = createTestLog({ origin: 'log.example.org/stranger' });
  stranger.appendBytes(new TextEncoder().encode('an entry of its own'));
  const retired: { readonly vkey: string; readonly until: string }[] = [];
  let history: History = { log: createTestLog({ origin, privateKey }), entries: [] };
  const requests: string[] = [];
  let http = createServer();
  let port: number | undefined;

  const server: LyingLog = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    origin,
    get vkey() {
      return history.log.vkey;
    },
    contents,
    get log() {
      return history.log;
    },
    get entries() {
      return history.entries;
    },
    requests,
    size: 0,
    lie: undefined,
    urlOf: (lie) => `${server.url}/${lie}`,
    lieOn: /^/,
    busy: undefined,
    cosign: (checkpoint) => checkpoint,
    witnessed: undefined,
    sthTime: undefined,
    sthRoot: undefined,
    pruned: false,
    withheld: new Set(),
    grow(more) {
      const entries = typeof more === 'number' ? Array.from({ length: more }, () => contents.next()) : more;
      for (const entry of entries) history.entries.push(history.log.append(entry).entry);
      server.size = history.log.tree.size;
    },
    fork(at, to = history.log.tree.size) {
      const other: History = { log: createTestLog({ origin, privateKey }), entries: history.entries.slice(0, at) };
      for (const entry of other.entries) other.log.appendBytes(entry);
      history = other;
      server.grow(to - at);
    },
    rotate() {
      retired.push({ vkey: history.log.vkey, until: formatTime(Date.now()) });
      privateKey = generateKeyPairSync('ed25519').privateKey;
      server.fork(history.log.tree.size);
    },
    refuse: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
    async listen() {
      http = createServer((request, response) => answer(request, response));
      port = await listenLasting(http, port);
    },
    close: () => server.refuse(),
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const asked = (request.url ?? '/').slice(1);
    const always = LIES.find((lie) => asked.startsWith(`${lie}/`));
    const path = always === undefined ? asked : asked.slice(always.length + 1);
    requests.push(path);
    if (server.busy !== undefined) {
      response.writeHead(server.busy, { 'retry-after': '0' }).end();
      return;
    }
    const lie = always ?? (server.lieOn.test(path) ? server.lie : undefined);
    if (lie !== undefined && disrupt(lie, response, `/${asked}`)) return;
    const file = fileOf(path, lie);
    if (typeof file === 'number') response.writeHead(file).end();
    else response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length }).end(file.body);
  };

  const fileOf = (path: string, lie: Lie | undefined): { type: string; body: Uint8Array } | number => {
    const { pathname, searchParams } = new URL(`/${path}`, 'http://log');
    const bytes = (body: Uint8Array) => ({ type: 'application/octet-stream', body });
    const text = (body: string, type = 'text/plain; charset=utf-8') => ({ type, body: new TextEncoder().encode(body) });
    const json = (value: object) => text(JSON.stringify(value), 'application/json');
    if (pathname === '/checkpoint') {
      if (lie === 'other-log') return text(stranger.checkpoint());
      const shown = lie === 'old-head' ? Math.floor(server.size / 2) : server.size;
      return text(server.cosign(history.log.checkpoint(shown)));
    }
    if (pathname === '/api/v1/log') {
      const { vkey, witnessed: checkpoint } = server;
      const witnesses = checkpoint === undefined ? {} : { witnessed: { checkpoint } };
      return json({ origin, vkeys: [vkey], retired, witnesses });
    }
    if (pathname === '/ct/v1/get-sth') {
      const { size, sthTime: timestamp, sthRoot: root = history.log.tree.root(size) } = server;
      if (timestamp === undefined) return 404;
      const head = { size, root, timestamp };
      return text(
        formatSignedTreeHead(head, new Uint8Array(sign(null, formatTreeHead(head), privateKey))),
        'application/json',
      );
    }
    if (pathname === '/api/v1/proofs/consistency') {
      const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to') ?? server.size)];
      if (!(from >= 0 && from <= to && to <= server.size)) return 404;
      return json(consistency(history.log, from, lie === 'other-sizes-proof' ? Math.max(from, to - 1) : to, to));
    }
    const entry = /^\/api\/v1\/entries\/([0-9]+)$/.exec(pathname);
    if (entry !== null) {
      const index = Number(entry[1]);
      if (index >= server.size) return 404;
      return server.withheld.has(index) ? 451 : bytes(history.entries[index]!);
    }
    const tile = parseTilePath(pathname.slice(1));
    if (tile.ok) {
      const found = tileOf(tile.value, lie);
      return found === undefined ? 404 : bytes(found);
    }
    const bundle = parseBundlePath(pathname.slice(1));
    return bundle.ok ? bundleOf(bundle.value, lie, bytes) : 404;
  };

  type Place = { readonly level: number; readonly index: number; readonly width: number };

  const isThere = ({ level, index, width }: Place): boolean => {
    const there = tileWidthAt(level, index, history.log.tree.size);
    return server.pruned && there === TILE_WIDTH ? width === TILE_WIDTH : width <= there;
  };

  const tileOf = ({ level, index, width }: Place, lie: Lie | undefined): Uint8Array | undefined => {
    if (!isThere({ level, index, width })) return undefined;
    const read = (at: number) =>
      concatBytes(
        ...history.log.tree.hashes(
          Array.from({ length: width }, (_, i) => ({ level: level * TILE_HEIGHT, index: at * TILE_WIDTH + i })),
        ),
      );
    if (lie === 'swapped-tile' && isThere({ level, index: index ^ 1, width })) return read(index ^ 1);
    const hashes = read(index);
    if (lie === 'wrong-partial-tile' && width < TILE_WIDTH) hashes[hashes.length - 1]! ^= 1;
    return hashes;
  };

  const bundleOf = (
    { index, width }: Omit<Place, 'level'>,
    lie: Lie | undefined,
    bytes: (body: Uint8Array) => { type: string; body: Uint8Array },
  ): { type: string; body: Uint8Array } | number => {
    if (!isThere({ level: 0, index, width })) return 404;
    const first = index * TILE_WIDTH;
    if ([...server.withheld].some((hidden) => hidden >= first && hidden < first + width)) return 451;
    const bundle = formatBundle(history.entries.slice(first, first + width));
    // Behind the two bytes of the first entry's length, and what every entry begins with.
    if (lie === 'changed-entry') bundle[40]! ^= 1;
    return bytes(lie === 'truncated-bundle' ? bundle.subarray(0, -10) : bundle);
  };

  server.grow(size);
  await server.listen();
  return server;
}

/** @param shown the size that it says the proof is for */
function consistency({ tree }: TestLog, from: number, to: number, shown: number): object {
  const proof = consistencyNodes(from, to).map((nodes) => foldRoot(tree.hashes(nodes)));
  const digest = (hash: Uint8Array) => `sha256:${hexEncode(hash)}`;
  const roots = { from_root: digest(tree.root(from)), to_root: digest(tree.root(shown)) };
  return { from, to: shown, ...roots, proof: proof.map(digest) };
}

/** The lies that are told below the level of files; whether this is one. */
function disrupt(lie: Lie, response: ServerResponse, path: string): boolean {
  switch (lie) {
    case 'redirect-loop':
      response.writeHead(302, { location: path }).end();
      return true;
    case 'gzip-bomb':
      bomb ??= gzipSync(Buffer.alloc(BOMB_BYTES));
      // Members of a gzip file follow one another: a gigabyte, as long as somebody reads.
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' });
      response.end(Buffer.concat(Array.from({ length: 16 }, () => bomb!)));
      return true;
    case 'never-ends':
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 100_000 });
      response.write(Buffer.alloc(1000));
      return true;
    case 'endless-body': {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const chunk = Buffer.alloc(64 * 1024, 'a');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
      return true;
    }
    default:
      return false;
  }
}

/**
 * Copies of logs as static files (tlog-tiles), made without a log: for measures of what reads them. Trees, tiles and signatures are
 * those that a log would have made. A process of its own, so that its memory is not the bench's.
 *
 *     tsx bench/log-copy.ts '<CopyOrder as JSON>'
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  formatBundle,
  formatBundlePath,
  formatCheckpoint,
  formatEntry,
  formatNote,
  formatSealedEntry,
  formatSignatureLine,
  formatTilePath,
  formatVkey,
  hexEncode,
  leafHash,
  parseVkey,
  partialTiles,
  TILE_WIDTH,
  utf8Encode,
} from '@assent/verifier';
import { nativeSha256 } from '../log-server/src/native-primitives.ts';
import { TreeEdge } from '../log-server/src/tree/tree-edge.ts';
import { createApproval } from '../test-support/src/approvals.ts';
import { createAuthenticator } from '../test-support/src/authenticator.ts';
import { unwrap } from '../test-support/src/results.ts';

export type CopyOrder = {
  readonly folder: string;
  readonly size: number;
  /** `approvals`: each signed by one passkey. `sealed`: commitments, small and without a signature that anyone could verify. */
  readonly entries: 'approvals' | 'sealed';
};

const ORIGIN = 'bench.localhost/copy';

type Make = (index: number) => Uint8Array;

/** A hundred people with one passkey each: an approval service has its regulars. */
function approvals(): Make {
  const people = Array.from({ length: 100 }, () => createAuthenticator());
  const now = Date.now() - 1_000_000_000;
  return (index) => {
    const loggedAt = now + index;
    const { envelope } = createApproval({
      origin: ORIGIN,
      authenticator: people[index % people.length]!,
      now: loggedAt,
    });
    return formatEntry({ kind: 'approval', loggedAt, content: envelope });
  };
}

function sealed(): Make {
  const now = Date.now() - 1_000_000_000;
  return (index) => formatSealedEntry({ loggedAt: now + index, sealed: `sha256:${hexEncode(randomBytes(32))}` });
}

function copyLog({ folder, size, entries }: CopyOrder): void {
  const write = (name: string, content: Uint8Array | string): void => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  const make = entries === 'approvals' ? approvals() : sealed();
  let edge = TreeEdge.empty(nativeSha256);
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const bundle = Array.from({ length: Math.min(TILE_WIDTH, size - first) }, (_, i) => make(first + i));
    write(formatBundlePath(first / TILE_WIDTH, bundle.length), formatBundle(bundle));
    const grown = edge.extend(Buffer.concat(bundle.map((entry) => leafHash(entry, nativeSha256))));
    edge = grown.edge;
    for (const { level, index, nodes } of grown.fullTiles) {
      write(formatTilePath({ level, index, width: TILE_WIDTH }), nodes.hashes());
    }
  }
  for (const { level, index, width } of partialTiles(size)) {
    write(formatTilePath({ level, index, width }), edge.tile(level, index)!.hashes(width));
  }
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const vkey = formatVkey(ORIGIN, new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })).slice(-32));
  const text = formatCheckpoint({ origin: ORIGIN, size, root: edge.root() });
  const signature = new Uint8Array(sign(null, utf8Encode(text), privateKey));
  write('checkpoint', formatNote(text, [formatSignatureLine(ORIGIN, unwrap(parseVkey(vkey)).keyId, signature)]));
  writeFileSync(`${folder}.vkey`, `${vkey}\n`);
}

copyLog(JSON.parse(process.argv[2]!) as CopyOrder);

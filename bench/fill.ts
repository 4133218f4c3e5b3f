/**
 * Fills a log with as many entries as a measure needs, in minutes instead of hours: through the log's
 * own append statement, in batches of its own greatest size, so that heads, tiles, blocks and records are what a server
 * would have stored. `assent-log fsck` finds nothing in it. A process of its own, so that its memory is not the bench's.
 *
 *     tsx bench/fill.ts '<FillOrder as JSON>'
 */
import { randomBytes } from 'node:crypto';
import {
  canonicalJson,
  formatEntryAround,
  formatEntryAroundSealed,
  hexEncode,
  leafHash,
  TILE_WIDTH,
  utf8Encode,
} from '@assent/verifier';
import type { Kysely } from 'kysely';
import { blindDigest } from '../log-server/src/admission/blind.ts';
import { openConfiguredDatabase } from '../log-server/src/commands/open-configured-database.ts';
import type { Schema } from '../log-server/src/database/schema.ts';
import { createLogger } from '../log-server/src/logger.ts';
import { bytesOf } from '../log-server/src/maintenance/entry-digests.ts';
import { nativeSha256 } from '../log-server/src/native-primitives.ts';
import { readFacts } from '../log-server/src/search/entry-facts.ts';
import { bundleTerms } from '../log-server/src/search/search-terms.ts';
import { APPEND_SESSION, appendBatch, type BatchEntry } from '../log-server/src/store/append-batch.ts';
import { newestHead } from '../log-server/src/store/heads.ts';
import { insertBundleTerms } from '../log-server/src/store/search-terms.ts';
import { readTree } from '../log-server/src/tree/load-tree.ts';
import { createApproval } from '../test-support/src/approvals.ts';
import { createAuthenticator } from '../test-support/src/authenticator.ts';

export type FillOrder = {
  readonly dataDir: string;
  readonly origin: string;
  /** How many entries the log is to have. */
  readonly size: number;
  /** `approvals`: signed by passkeys, as a service sends them. `blind`: commitments, a tenth of the work. */
  readonly entries: 'approvals' | 'blind';
  /** A server runs on it, and goes on doing so: leave the database as it is. */
  readonly beside?: boolean;
};

const BATCH = 1_024;
const sha256 = nativeSha256;

type Make = (loggedAt: number) => BatchEntry;

/** A hundred people with one passkey each: an approval service has its regulars. */
function approvals(origin: string): Make {
  const people = Array.from({ length: 100 }, () => createAuthenticator());
  let next = 0;
  return (loggedAt) => {
    const authenticator = people[next++ % people.length]!;
    const { envelope, payload, statement } = createApproval({ origin, authenticator, now: loggedAt });
    const bytes = utf8Encode(formatEntryAround(canonicalJson(envelope), 'approval', loggedAt));
    const identity = sha256(utf8Encode(`${statement.service}\0${statement.id}`));
    return { bytes, leafHash: leafHash(bytes, sha256), statement: sha256(payload), identity, apiKey: null };
  };
}

function blind(): Make {
  return (loggedAt) => {
    const commitment = randomBytes(32);
    const sealed = `sha256:${hexEncode(commitment)}`;
    const bytes = utf8Encode(formatEntryAroundSealed(sealed, loggedAt));
    const digest = bytesOf(blindDigest(sealed, { sha256 }));
    const hash = leafHash(bytes, sha256);
    return { bytes, leafHash: hash, statement: digest, identity: digest, apiKey: null, sealing: { commitment } };
  };
}

/** Gets the entries from `size` on in their order, and stores what searches need of each full bundle. */
function bundleIndexer(kysely: Kysely<Schema>, size: number): { add(entries: readonly Uint8Array[]): Promise<void> } {
  if (size % TILE_WIDTH !== 0) throw new Error('the log does not end with a full bundle');
  let waiting: Uint8Array[] = [];
  let bundle = size / TILE_WIDTH;
  return {
    async add(entries) {
      waiting.push(...entries);
      while (waiting.length >= TILE_WIDTH) {
        const facts = waiting.slice(0, TILE_WIDTH).map(readFacts);
        await insertBundleTerms(kysely, bundle++, bundleTerms(facts, sha256));
        waiting = waiting.slice(TILE_WIDTH);
      }
    },
  };
}

async function fill({ dataDir, origin, size, entries, beside = false }: FillOrder): Promise<void> {
  const { database, close } = await openConfiguredDatabase(
    { dataDir, databaseUrl: undefined, databaseConnections: 2 },
    createLogger('silent'),
  );
  const make = entries === 'approvals' ? approvals(origin) : blind();
  const client = await database.pool.connect();
  try {
    await client.query(APPEND_SESSION);
    let { head, edge } = await readTree(database.kysely, (await newestHead(database.kysely))!, sha256);
    // The next batch is made while the database stores the one before.
    let storing: Promise<void> = Promise.resolve();
    // A server of a log that grew by itself would have done with indexing it.
    const bundles = beside ? undefined : bundleIndexer(database.kysely, head.size);
    while (head.size < size) {
      const previous = head;
      const timestamp = Math.max(Date.now(), previous.timestamp + 1);
      const batch = Array.from({ length: Math.min(BATCH, size - previous.size) }, () => make(timestamp));
      const grown = edge.extend(Buffer.concat(batch.map((entry) => entry.leafHash)));
      edge = grown.edge;
      head = { seq: previous.seq + 1, size: edge.size, root: edge.root(), timestamp };
      const order = { previous, next: head, entries: batch, fullTiles: grown.fullTiles };
      await storing;
      storing = appendBatch(client, order).then(({ outcome }) => {
        if (outcome !== 'appended') throw new Error(`a batch was not stored: ${outcome}`);
        return bundles?.add(batch.map(({ bytes }) => bytes));
      });
    }
    await storing;
    if (beside) return;
    // As autovacuum would have done by now: a server's plans rest on it.
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
  } finally {
    client.release();
    await close();
  }
}

await fill(JSON.parse(process.argv[2]!) as FillOrder);

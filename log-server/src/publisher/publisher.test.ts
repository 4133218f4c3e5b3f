import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leafHash, utf8Encode } from '@assent/verifier';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Metrics } from '../metrics.ts';
import { nativeSha256 as sha256 } from '../native-primitives.ts';
import type { Head } from '../store/append-batch.ts';
import { type ReadFullTile, TileCache } from '../tree/tile-cache.ts';
import { TreeEdge } from '../tree/tree-edge.ts';
import { ForkGuard, type ForkGuardOptions } from './fork-guard.ts';
import { Guard } from './guard.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';

const DATABASE = { systemIdentifier: '7', timeline: 1 };
const leaves = (count: number): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, i) => leafHash(utf8Encode(`entry ${i}`), sha256)));
const { edge: before } = TreeEdge.empty(sha256).extend(leaves(300));
const { edge, fullTiles } = TreeEdge.empty(sha256).extend(leaves(600));
const headOf = (seq: number, tree: TreeEdge): Head => ({
  seq,
  size: tree.size,
  root: tree.root(),
  timestamp: 1_000 * seq,
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-publisher-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A fork guard whose register is in the folder and holds `from`. */
async function guardFrom(
  from: Head,
  cache: TileCache,
  readDatabaseIdentity = async () => DATABASE,
): Promise<ForkGuard> {
  const guard = new Guard(join(directory, 'guard'));
  await guard.compareAndSwap(undefined, { id: 'a', origin: 'log.test', head: from, database: DATABASE });
  return new ForkGuard({ guard, id: 'a', origin: 'log.test', cache, sha256, readDatabaseIdentity });
}

describe('a publisher whose guard is not to be had', () => {
  const DIRECTORY = '/var/lib/assent/guard';
  const newest = headOf(2, edge);

  it.each<[string, Pick<Guard, 'directory' | 'read'>, string]>([
    ['is not there', { directory: DIRECTORY, read: async () => undefined }, 'There is no fork guard,'],
    [
      'lies on a disk that fails',
      {
        directory: DIRECTORY,
        read: () => Promise.reject(Object.assign(new Error(`EIO: i/o error, open '${DIRECTORY}'`), { code: 'EIO' })),
      },
      "The fork guard's disk failed.",
    ],
  ])('where it %s: says so to everybody, and its folder to the operator alone', async (_, guard, reason) => {
    const lines: string[] = [];
    const publisher = new Publisher({
      guard: new ForkGuard({ guard, readDatabaseIdentity: async () => DATABASE } as unknown as ForkGuardOptions),
      logger: pino({}, { write: (line: string) => lines.push(line) }),
      metrics: new Metrics(),
    } as unknown as PublisherOptions);
    publisher.offer({ head: newest, edge }, true);
    const refusal = await publisher.waitFor(600).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'read_only', message: publisher.stopReason });
    expect(publisher.stopReason).toContain(reason);
    expect(publisher.stopReason).not.toContain(DIRECTORY);
    expect(lines.filter((line) => line.includes('read-only'))).toEqual([expect.stringContaining(DIRECTORY)]);
  });
});

describe('a publisher whose database may have become another one', () => {
  async function open() {
    const cache = new TileCache(async () => undefined, sha256);
    const seen = { database: DATABASE, barriers: 0, acknowledges: true };
    const publisher = new Publisher({
      cache,
      session: {
        run: async () => {
          seen.barriers++;
          return { value: undefined, acknowledged: seen.acknowledges };
        },
      },
      guard: await guardFrom(headOf(0, TreeEdge.empty(sha256)), cache, async () => seen.database),
      signer: { sign: async () => 'a checkpoint' },
      logger: pino({ level: 'silent' }),
      metrics: new Metrics(),
    } as unknown as PublisherOptions);
    const states = [100, 200, 250].map((size, i) => {
      const { edge } = TreeEdge.empty(sha256).extend(leaves(size));
      return { head: headOf(i + 1, edge), edge };
    });
    publisher.offer(states[0]!, true);
    await publisher.waitFor(100);
    expect(seen.barriers).toBe(0);
    return { publisher, seen, states };
  }
  const promoted = { ...DATABASE, timeline: 2 };

  it('looks which it is before it signs, though what raised the doubt stored nothing', async () => {
    const { publisher, seen, states } = await open();
    seen.database = promoted;
    publisher.doubt();
    publisher.offer(states[1]!, true);
    await expect(publisher.waitFor(200)).rejects.toMatchObject({ code: 'read_only' });
    expect(publisher.stopReason).toContain('timeline 2; the guard knows');
    expect(publisher.current!.head.size).toBe(100);
  });

  it('signs nothing after it was told to stop while the guard was moved', async () => {
    const { publisher, seen, states } = await open();
    Object.defineProperty(seen, 'database', {
      get: () => {
        publisher.stop('a commit is gone');
        return DATABASE;
      },
    });
    publisher.doubt();
    publisher.offer(states[1]!, true);
    await expect(publisher.waitFor(200)).rejects.toMatchObject({ code: 'read_only' });
    await publisher.close();
    expect(publisher.current!.head.size).toBe(100);
  });

  it('looks once for all heads, and not again', async () => {
    const { publisher, seen, states } = await open();
    publisher.doubt();
    publisher.offer(states[1]!, true);
    await publisher.waitFor(200);
    expect(seen.barriers).toBe(1);
    publisher.offer(states[2]!, true);
    await publisher.waitFor(250);
    expect(seen.barriers).toBe(1);
  });

  it('keeps the doubt while the barrier is not acknowledged, though a newer head takes the place of the first', async () => {
    const { publisher, seen, states } = await open();
    seen.acknowledges = false;
    publisher.doubt();
    publisher.offer(states[1]!, true);
    publisher.offer(states[2]!, true);
    await vi.waitFor(() => expect(seen.barriers).toBeGreaterThanOrEqual(4), 10_000);
    expect(publisher.current!.head.size).toBe(100);
    seen.acknowledges = true;
    expect((await publisher.waitFor(250)).head.size).toBe(250);
  });
});

describe('a publisher that has to prove that a head extends the last one', () => {
  /** Offers the tree of 600 entries, after one of 300 was signed by an earlier process that left nothing in memory. */
  async function offer(readFullTile: ReadFullTile): Promise<Publisher> {
    const cache = new TileCache(readFullTile, sha256);
    const publisher = new Publisher({
      cache,
      guard: await guardFrom(headOf(1, before), cache),
      signer: { sign: async () => 'a checkpoint' },
      logger: pino({ level: 'silent' }),
      metrics: new Metrics(),
    } as unknown as PublisherOptions);
    publisher.offer({ head: headOf(2, edge), edge }, true);
    return publisher;
  }

  const stored: ReadFullTile = async (level, index, part = { from: 0, count: 256 }) => {
    const tile = fullTiles.find((one) => one.level === level && one.index === index);
    return tile?.nodes.hashes().slice(part.from * 32, (part.from + part.count) * 32);
  };

  it('signs it out of the tiles that are stored', async () => {
    const publisher = await offer(stored);
    expect((await publisher.waitFor(600)).checkpoint).toBe('a checkpoint');
  });

  it.each<[string, ReadFullTile, RegExp]>([
    [
      'does not match',
      async (...tile) => {
        const hashes = await stored(...tile);
        if (hashes !== undefined) hashes[0]! ^= 1;
        return hashes;
      },
      /damaged .*tile 0\/1 does not match/,
    ],
    ['is gone', async () => undefined, /damaged .*tile 0\/1 is not in the database/],
  ])('stops, and says why, at a tile that %s: no retry cures that', async (_, readFullTile, reason) => {
    const publisher = await offer(readFullTile);
    await expect(publisher.waitFor(600)).rejects.toMatchObject({ code: 'read_only' });
    expect(publisher.stopReason).toMatch(reason);
  });
});

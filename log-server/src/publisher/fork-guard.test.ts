import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyRoot, sha256 } from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Head } from '../store/append-batch.ts';
import type { TreeState } from '../tree/load-tree.ts';
import { TileCache } from '../tree/tile-cache.ts';
import { ForkGuard } from './fork-guard.ts';
import { Guard } from './guard.ts';

const DATABASE = { systemIdentifier: '7', timeline: 1 };
const head = (seq: number, timestamp: number): Head => ({ seq, size: 0, root: emptyRoot(), timestamp });

describe('ForkGuard, of a head whose number it has seen', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'assent-fork-guard-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function makeGuard(held: Head): Promise<Guard> {
    const guard = new Guard(join(directory, 'guard'));
    await guard.compareAndSwap(undefined, { id: 'a', origin: 'log.test', head: held, database: DATABASE });
    return guard;
  }
  const forkGuardOver = (guard: Guard): ForkGuard =>
    new ForkGuard({
      guard,
      id: 'a',
      origin: 'log.test',
      cache: new TileCache(async () => undefined, sha256),
      sha256,
      readDatabaseIdentity: async () => DATABASE,
    });
  // An empty tree has no edge that anything here would read.
  const stateAt = (offered: Head): TreeState => ({ head: offered }) as TreeState;

  async function advance(held: Head, offered: Head): Promise<string> {
    return (await forkGuardOver(await makeGuard(held)).advance(stateAt(offered))).outcome;
  }

  it('passes the same head again', async () => {
    expect(await advance(head(3, 1_000), head(3, 1_000))).toBe('moved');
  });

  it('writes it anew before the first signature: what it read may be in memory alone, after a sync that failed', async () => {
    const guard = await makeGuard(head(3, 1_000));
    const before = (await guard.read())!;
    const forkGuard = forkGuardOver(guard);
    await forkGuard.advance(stateAt(head(3, 1_000)));
    const written = (await guard.read())!;
    expect(written).toEqual({ ...before, generation: before.generation + 1 });
    await forkGuard.advance(stateAt(head(3, 1_000)));
    expect(await guard.read()).toEqual(written);
  });

  it('leaves it as it is on a full disk, so that what was signed can be read', async () => {
    const guard = await makeGuard(head(3, 1_000));
    guard.compareAndSwap = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
    const forkGuard = forkGuardOver(guard);
    expect(await forkGuard.advance(stateAt(head(3, 1_000)))).toEqual({ outcome: 'moved' });
    guard.compareAndSwap = async () => {
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    };
    await expect(forkGuardOver(guard).advance(stateAt(head(3, 1_000)))).rejects.toThrow('EIO');
  });

  it.each([
    ['later', head(3, 1_001)],
    ['earlier', head(3, 999)],
    ['of another root', { ...head(3, 1_000), root: new Uint8Array(32) }],
    ['of another size', { ...head(3, 1_000), size: 1 }],
  ])('refuses another one that is %s: a rotation or a close would be undone', async (_, offered) => {
    expect(await advance(head(3, 1_000), offered)).toBe('refused');
  });

  it('passes the first head of a log, which is younger than its guard', async () => {
    expect(await advance(head(0, 0), head(0, 1_000))).toBe('moved');
  });
});

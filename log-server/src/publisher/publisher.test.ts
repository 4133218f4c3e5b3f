import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { LogTimeline } from '../log-timeline.ts';
import { Metrics } from '../metrics.ts';
import { nativeSha256 } from '../native-primitives.ts';
import { TileCache } from '../tree/tile-cache.ts';
import { TreeEdge } from '../tree/tree-edge.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';

/** Everything around it answers at once, so that what is tested is in which turn of the microtask queue things happen. */
function createPublisher(): Publisher {
  const around: Pick<PublisherOptions, 'cache' | 'timeline' | 'logger' | 'metrics'> = {
    cache: new TileCache(async () => undefined, nativeSha256),
    timeline: new LogTimeline(new Uint8Array(32)),
    logger: pino({ level: 'silent' }),
    metrics: new Metrics(),
  };
  const silent = {
    guard: { advance: async () => ({ outcome: 'moved' }), forgetDatabase: () => undefined },
    signer: { sign: async () => 'a checkpoint' },
    session: {},
    kysely: {},
  } as unknown as Pick<PublisherOptions, 'guard' | 'signer' | 'session' | 'kysely'>;
  return new Publisher({ ...around, ...silent });
}

const state = (seq: number) => {
  const { edge } = TreeEdge.empty(nativeSha256).extend(new Uint8Array(32 * seq));
  return { head: { seq, size: seq, root: edge.root(), timestamp: seq }, edge };
};

describe('Publisher', () => {
  it('signs a head that is offered while it is about to rest, in whichever turn that is', async () => {
    const forgotten: number[] = [];
    for (let turns = 0; turns < 12; turns++) {
      const publisher = createPublisher();
      publisher.subscribe(async ({ head }) => {
        if (head.seq !== 1) return;
        for (let turn = 0; turn < turns; turn++) await undefined;
        publisher.offer(state(2), true);
      });
      publisher.offer(state(1), true);
      await publisher.waitFor(1);
      // Nothing here waits for anything but its turn: after this many all that will happen has happened.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (publisher.current?.head.seq !== 2) forgotten.push(turns);
    }
    expect(forgotten).toEqual([]);
  });
});

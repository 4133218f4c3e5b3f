import { describe, expect, it } from 'vitest';
import { createEvent, type MonitorEvent } from './event.ts';
import { deliverAll, Outbox } from './outbox.ts';

const eventAbout = (about: number): MonitorEvent =>
  createEvent({ code: 'withheld', severity: 'notice', log: 'log.example.com', detail: 'x', about }, 0);

const sink = (name: string, deliver: (event: MonitorEvent) => Promise<void> = async () => undefined) => ({
  name,
  deliver,
});

function deliver(outbox: Outbox, to: ReturnType<typeof sink>, attempts?: number) {
  const { signal } = new AbortController();
  const failures: string[] = [];
  const done = deliverAll(to, {
    outbox,
    signal,
    ...(attempts !== undefined && { attempts }),
    onAcknowledged: () => undefined,
    onFailure: (message) => failures.push(message),
  });
  return { done, failures };
}

describe('Outbox', () => {
  it('tells nobody before it was saved, each in order, and forgets what all were told', async () => {
    const told: string[] = [];
    const [first, second] = [
      sink('first', async ({ id }) => void told.push(`first ${id}`)),
      sink('second', async ({ id }) => void told.push(`second ${id}`)),
    ];
    const outbox = new Outbox([], [first, second]);
    const deliveries = [deliver(outbox, first), deliver(outbox, second)];
    const [a, b] = [eventAbout(1), eventAbout(2)];
    outbox.add(a);
    await Promise.resolve();
    expect(told).toEqual([]);
    const { undelivered, saved } = outbox.snapshot();
    expect(undelivered).toEqual([{ event: a, to: ['first', 'second'] }]);
    outbox.add(b);
    saved();
    await new Promise(setImmediate);
    expect(told.sort()).toEqual([`first ${a.id}`, `second ${a.id}`]);
    outbox.snapshot().saved();
    outbox.close();
    await Promise.all(deliveries.map(({ done }) => done));
    expect(told).toHaveLength(4);
    expect(outbox.size).toBe(0);
  });

  it('tells again after a restart what was not acknowledged, and keeps what is for somebody else', async () => {
    const [a, b] = [eventAbout(1), eventAbout(2)];
    const told: string[] = [];
    const here = sink('here', async ({ id }) => void told.push(id));
    const outbox = new Outbox(
      [
        { event: a, to: ['here', 'gone'] },
        { event: b, to: ['gone'] },
      ],
      [here],
    );
    outbox.close();
    await deliver(outbox, here).done;
    expect(told).toEqual([a.id]);
    expect(outbox.snapshot().undelivered).toEqual([
      { event: a, to: ['gone'] },
      { event: b, to: ['gone'] },
    ]);
  });

  it('leaves it for the next run after so many failures, and lets nobody wait for room', async () => {
    const broken = sink('broken', async () => {
      throw new Error('no');
    });
    const outbox = new Outbox([{ event: eventAbout(1), to: ['broken'] }], [broken]);
    const room = outbox.room(1);
    const { done, failures } = deliver(outbox, broken, 1);
    await done;
    expect(failures).toEqual([expect.stringMatching(/^broken was not told of evt_.*kept for the next run: no$/)]);
    expect([await room, outbox.size]).toEqual([false, 1]);
  });

  it('has room again when one was told', async () => {
    const here = sink('here');
    const outbox = new Outbox([{ event: eventAbout(1), to: ['here'] }], [here]);
    const room = outbox.room(1);
    outbox.acknowledge(eventAbout(1), 'here');
    expect(await room).toBe(true);
  });

  it('stops at once when it is told to', async () => {
    const here = sink('here');
    const outbox = new Outbox([], [here]);
    const { done } = deliver(outbox, here);
    outbox.stop();
    await done;
    expect(await outbox.next('here')).toBeUndefined();
  });
});

describe('createEvent', () => {
  it('gives the same event the same id, whenever it is told', () => {
    const parts = { code: 'match', severity: 'notice', log: 'l', detail: 'd', rule: 'r', about: 7 } as const;
    expect(createEvent(parts, 1).id).toBe(createEvent({ ...parts, detail: 'other' }, 2).id);
    const others = [{ code: 'unconsumed' }, { log: 'm' }, { rule: 's' }, { about: 8 }, { about: '7' }] as const;
    const ids = others.map((other) => createEvent({ ...parts, ...other }, 1).id);
    expect(new Set([...ids, createEvent(parts, 1).id]).size).toBe(6);
  });
});

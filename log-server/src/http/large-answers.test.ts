import { EventEmitter } from 'node:events';
import type { Context } from 'hono';
import { describe, expect, it } from 'vitest';
import { LargeAnswers } from './large-answers.ts';

/** A request whose answer was not sent yet; `emit('close')` says that it was, or never will be. */
function waitingReader(): { c: Context; outgoing: EventEmitter } {
  const outgoing = new EventEmitter();
  return { c: { env: { outgoing } } as unknown as Context, outgoing };
}

describe('LargeAnswers', () => {
  it('counts what was made until it is sent or its reader is gone', async () => {
    const large = new LargeAnswers(100);
    const slow = waitingReader();
    await large.make(slow.c, async () => 'x'.repeat(60));
    const refused = large.make(waitingReader().c, async () => 'x'.repeat(41));
    await expect(refused).rejects.toMatchObject({ code: 'overloaded', extras: { retryAfter: 1 } });
    expect(await large.make(waitingReader().c, async () => 'x'.repeat(40))).toHaveLength(40);
    slow.outgoing.emit('close');
    expect(await large.make(waitingReader().c, async () => 'x'.repeat(60))).toHaveLength(60);
  });

  it('makes four at a time', async () => {
    const large = new LargeAnswers();
    let running = 0;
    let most = 0;
    const make = async (): Promise<string> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return '';
    };
    await Promise.all(Array.from({ length: 20 }, () => large.make(waitingReader().c, make)));
    expect(most).toBe(4);
  });
});

/**
 * Events on their way to whoever has to be told: each at least once, in order, and none lost by a restart. An event is delivered only
 * after it was saved together with how far the log was read, and forgotten only after everybody has acknowledged it. So after a
 * crash it is delivered again rather than not at all, with the same `id`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MonitorEvent } from './event.ts';
import type { Undelivered } from './monitor-state.ts';

export interface Sink {
  /** As the state file calls it. */
  readonly name: string;
  /** Resolves when it was acknowledged; rejects with the reason if not. */
  deliver(event: MonitorEvent, signal: AbortSignal): Promise<void>;
}

/** A sink that wants to be left alone for a while. */
export class TryLater extends Error {
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

type Item = { readonly event: MonitorEvent; readonly to: Set<string>; isSaved: boolean };

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;

export class Outbox {
  readonly #items: Item[];
  readonly #sinks: readonly string[];
  readonly #waiting = new Set<() => void>();
  #version = 0;
  #isClosed = false;
  #isStopped = false;
  #isGivenUp = false;

  /** @param undelivered of the run before, already saved. What is for a sink that is not there now waits for one that is. */
  constructor(undelivered: readonly Undelivered[], sinks: readonly Sink[]) {
    this.#items = undelivered.map(({ event, to }) => ({ event, to: new Set(to), isSaved: true }));
    this.#sinks = sinks.map(({ name }) => name);
  }

  /** Another one after each change. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Not to be delivered before {@link saved}. */
  add(event: MonitorEvent): void {
    this.#items.push({ event, to: new Set(this.#sinks), isSaved: false });
    this.#version++;
  }

  /** What has to be saved, and what to call when that was done. */
  snapshot(): { readonly undelivered: readonly Undelivered[]; saved(): void } {
    const items = [...this.#items];
    return {
      undelivered: items.map(({ event, to }) => ({ event, to: [...to] })),
      saved: () => {
        for (const item of items) item.isSaved = true;
        this.#wake();
      },
    };
  }

  /** Waits for the next one that this sink has to be told; undefined when there will be none. */
  async next(sink: string): Promise<MonitorEvent | undefined> {
    for (;;) {
      if (this.#isStopped) return undefined;
      const item = this.#items.find(({ to, isSaved }) => isSaved && to.has(sink));
      if (item !== undefined) return item.event;
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Waits until there are fewer than so many; false if that will not be. */
  async room(most: number): Promise<boolean> {
    while (this.#items.length >= most) {
      if (this.#isStopped || this.#isGivenUp) return false;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return true;
  }

  acknowledge({ id }: MonitorEvent, sink: string): void {
    const index = this.#items.findIndex(({ event, to }) => event.id === id && to.has(sink));
    const item = this.#items[index];
    if (item === undefined) return;
    item.to.delete(sink);
    this.#version++;
    if (item.to.size === 0) this.#items.splice(index, 1);
    this.#wake();
  }

  /** Nothing is added any more: whoever has been told everything is done. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Somebody could not be told, and is not tried again. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#wake();
  }

  /** Nobody is told anything any more. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

export type DeliveryOptions = {
  readonly outbox: Outbox;
  readonly signal: AbortSignal;
  /** After so many failures in a row it is left for the next run. Without it, it is tried for ever. */
  readonly attempts?: number;
  readonly onAcknowledged: () => void;
  /** In words, with when it is tried again. */
  readonly onFailure: (message: string) => void;
};

/** Tells one sink everything, one after the other, until the outbox is closed and empty, or stopped. */
export async function deliverAll(sink: Sink, options: DeliveryOptions): Promise<void> {
  const { outbox, signal, attempts = Number.POSITIVE_INFINITY, onAcknowledged, onFailure } = options;
  for (let failures = 0; ; ) {
    const event = await outbox.next(sink.name);
    if (event === undefined) return;
    try {
      await sink.deliver(event, signal);
      outbox.acknowledge(event, sink.name);
      failures = 0;
      onAcknowledged();
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      const why = error instanceof Error ? error.message : String(error);
      if (failures >= attempts) {
        onFailure(`${sink.name} was not told of ${event.id}, which is kept for the next run: ${why}`);
        outbox.giveUp();
        return;
      }
      const pause = pauseAfter(failures, error);
      onFailure(`${sink.name} was not told of ${event.id}: ${why}; trying again in ${Math.ceil(pause / 1000)} s`);
      await pauseUnlessStopped(pause, signal);
    }
  }
}

/** Doubling, and at least as long as was asked for. */
function pauseAfter(failures: number, error: unknown): number {
  const asked = error instanceof TryLater ? error.afterMs : 0;
  const own = FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 30) * (0.5 + Math.random() / 2);
  return Math.min(LONGEST_PAUSE_MS, Math.max(asked, own));
}

async function pauseUnlessStopped(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

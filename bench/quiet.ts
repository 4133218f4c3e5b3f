/**
 * What others do on the same machine, as far as it can be told from here: where two virtual processors are the halves of one, what
 * the other half does takes a third of this one's speed, and no counter of the system shows it. So a few P-256 signatures are
 * verified now and then, and the processor time that they take, however long they wait for it, tells how fast the machine is.
 */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Five times a second a millisecond and a half: less than a hundredth of one processor. */
const EVERY_MS = 200;
const BURST = 20;
/** The first ones find what they need in no cache. */
const UNCOUNTED = 4;
/** For how long the machine is looked at before a load, in ms. */
const LOOK_MS = 1_000;
/** For how long one load may wait for the machine, with its repetitions, in ms. */
const PATIENCE_MS = 30 * 60_000;

/** A load that this process only waits for: when it ended, as `Date.now()` tells, and how long it took. */
export type Timed = { readonly endedAt: number; readonly seconds: number };

let least: number | undefined;

/**
 * From here on a load counts only if the machine meanwhile verified so many P-256 signatures in a second of processor time. On
 * one that others share, what is measured while they work says more of them than of the log.
 */
export function insistOnQuiet(p256PerSecond: number): void {
  least = p256PerSecond;
}

/** Returns once nobody else seems to use the machine. Throws an Error if that takes too long. */
export async function untilQuiet(deadline = performance.now() + PATIENCE_MS): Promise<void> {
  if (least === undefined) return;
  const watch = watchMachine();
  try {
    do {
      await delay(LOOK_MS);
      if (performance.now() > deadline) {
        throw new Error(
          `in ${PATIENCE_MS / 60_000} minutes the machine never was as fast as --quiet says (${least}/s)`,
        );
      }
    } while (watch.since(Date.now() - LOOK_MS) < least);
  } finally {
    watch.stop();
  }
}

/** Measures when nobody else seems to use the machine, and again if somebody did meanwhile. Throws an Error if it never is quiet. */
export async function whenQuiet<T extends Timed>(measure: () => Promise<T>): Promise<T> {
  if (least === undefined) return measure();
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    await untilQuiet(deadline);
    const watch = watchMachine();
    try {
      const result = await measure();
      const speed = watch.since(result.endedAt - result.seconds * 1000, result.endedAt);
      if (speed >= least) return result;
      process.stderr.write(`somebody else used the machine (${Math.round(speed)} P-256/s): once more\n`);
    } finally {
      watch.stop();
    }
  }
}

type Watch = {
  /** P-256 verifications in a second of processor time, between two times as `Date.now()` tells them. */
  since(from: number, to?: number): number;
  stop(): void;
};

function watchMachine(): Watch {
  const bursts: { readonly at: number; readonly microseconds: number }[] = [];
  const timer = setInterval(() => bursts.push({ at: Date.now(), microseconds: burst() }), EVERY_MS);
  return {
    since: (from, to = Number.POSITIVE_INFINITY) => {
      const within = bursts.filter(({ at }) => at >= from && at <= to);
      const microseconds = within.reduce((sum, each) => sum + each.microseconds, 0);
      return (within.length * BURST * 1e6) / microseconds;
    },
    stop: () => clearInterval(timer),
  };
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const message = Buffer.alloc(200, 7);
const signature = sign('sha256', message, privateKey);

/** The processor time of a burst, in µs. */
function burst(): number {
  for (let i = 0; i < UNCOUNTED; i++) verify('sha256', message, publicKey, signature);
  const before = process.cpuUsage();
  for (let i = 0; i < BURST; i++) verify('sha256', message, publicKey, signature);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

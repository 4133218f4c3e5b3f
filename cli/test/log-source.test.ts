import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { equalBytes, formatBundle, leafHash } from '@assent/verifier';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CommandFailure } from '../src/failure.ts';
import { type LogSource, type LogSourceOptions, openLogSource } from '../src/log-source/log-source.ts';

let log: LyingLog;
const sources: LogSource[] = [];

beforeAll(async () => {
  log = await startLyingLog({ size: 300 });
});

afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
  log.lie = undefined;
  log.busy = undefined;
  log.withheld.clear();
  log.pruned = false;
  log.requests.length = 0;
});

afterAll(() => log.close());

async function open(options: Partial<LogSourceOptions> = {}): Promise<LogSource> {
  const defaults = { timeoutMs: 20_000, concurrency: 4, signal: new AbortController().signal, attempts: 1 };
  const source = await openLogSource(log.url, { ...defaults, ...options });
  sources.push(source);
  return source;
}

const whole = async (bundle: ReturnType<LogSource['bundle']>) => (await bundle).filter((entry) => entry !== undefined);

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof CommandFailure ? error.kind : error),
  );

describe('a log over HTTP', () => {
  it('is read as it is', async () => {
    const source = await open();
    expect(await source.checkpoint()).toBe(log.log.checkpoint(300));
    const hashes = log.entries.slice(256).map((entry) => leafHash(entry));
    expect(await source.tile(0, 1, 44)).toEqual(Buffer.concat(hashes));
    const [read, served] = [await whole(source.bundle(0, 256)), log.entries.slice(0, 256)].map(formatBundle);
    expect(equalBytes(read!, served!)).toBe(true);
    log.pruned = true;
    expect(await source.tile(0, 0, 7)).toHaveLength(7 * 32);
    log.withheld.add(1);
    expect((await source.bundle(0, 3)).map((entry) => entry !== undefined)).toEqual([true, false, true]);
  });

  it.each([
    ['truncated-bundle', 'log_misbehaves'],
    ['endless-body', 'answer_too_large'],
    ['gzip-bomb', 'answer_too_large'],
    ['redirect-loop', 'redirect'],
  ] as const)('ends on %s with %s', async (lie, kind) => {
    log.lie = lie;
    expect(await kindOf((await open()).bundle(0, 256))).toBe(kind);
  });

  it('gives up on an answer that never ends', async () => {
    log.lie = 'never-ends';
    expect(await kindOf((await open({ timeoutMs: 200 })).bundle(0, 256))).toBe('timeout');
  });

  it('asks a log again that is away for a moment, and gives up on one that stays away', async () => {
    const source = await open({ attempts: 2 });
    log.busy = 503;
    expect(await kindOf(source.checkpoint())).toBe('unavailable');
    expect(log.requests).toHaveLength(2);
    await log.refuse();
    // The first one finds out that its connection is gone, the second that there is nobody any more.
    expect(await kindOf((await open({ attempts: 2 })).checkpoint())).toBe('unreachable');
    log.busy = undefined;
    const back = source.checkpoint();
    await log.listen();
    expect(await kindOf(back)).toBe('done');
  });

  it('asks for so many things at once and no more', async () => {
    const source = await open({ concurrency: 2 });
    let now = 0;
    let most = 0;
    const read = log.cosign;
    log.cosign = (checkpoint) => {
      most = Math.max(most, ++now);
      setImmediate(() => now--);
      return checkpoint;
    };
    await Promise.all(Array.from({ length: 20 }, () => source.checkpoint()));
    log.cosign = read;
    expect(most).toBeLessThanOrEqual(2);
    expect(log.requests).toHaveLength(20);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    log.lie = 'never-ends';
    const reading = kindOf((await open({ signal: stop.signal })).checkpoint());
    stop.abort(new CommandFailure('interrupted', 'enough'));
    expect(await reading).toBe('interrupted');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestLog, formatOffer, formatOfferOf, growTo, proofOf, type TestLog } from '@assent/test-support';
import { mlDsaPrimitives } from '@assent/test-support/ml-dsa';
import { WitnessState as ReferenceWitness } from '@assent/test-support/witness-state';
import { createTestWitness } from '@assent/test-support/witnesses';
import {
  emptyRoot,
  formatCheckpoint,
  formatNote,
  formatSignatureLine,
  parseNote,
  parseVkey,
  verifyCosignatures,
} from '@assent/verifier';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseLogList } from './log-list.ts';
import { type Logs, Witness, type WitnessAnswer, type WitnessEvent, type WitnessParts } from './witness.ts';
import { createWitnessKey, loadWitnessKeys, type WitnessKey } from './witness-key.ts';
import { originHash, WitnessState } from './witness-state.ts';

const root = mkdtempSync(path.join(tmpdir(), 'assent-witness-test-'));
const opened: WitnessState[] = [];
let keys: readonly WitnessKey[];
let made = 0;
let log: TestLog;
let events: WitnessEvent[];

beforeEach(async () => {
  if (made === 0) {
    await createWitnessKey(path.join(root, 'key.pem'), 'witness.test/w');
    keys = await loadWitnessKeys([path.join(root, 'key.pem')]);
  }
  log = growTo(createTestLog({ origin: 'log.test/one' }), 40);
  events = [];
});
afterAll(async () => {
  for (const state of opened) await state.close();
  rmSync(root, { recursive: true });
});

const logsOf = (...logs: readonly TestLog[]): Logs =>
  parseLogList(`logs/v0\n${logs.map(({ vkey }) => `vkey ${vkey}\n`).join('')}`).logs;

async function openWitness(parts: Partial<WitnessParts> = {}): Promise<{ witness: Witness; state: WitnessState }> {
  const folder = path.join(root, String(made++));
  const witnesses = keys.map(({ cosigner }) => cosigner.vkey);
  await WitnessState.create(folder, witnesses);
  const state = await WitnessState.open(folder, { witnesses });
  opened.push(state);
  const onEvent = (event: WitnessEvent): void => void events.push(event);
  return { witness: new Witness({ keys, state, logs: logsOf(log), onEvent, ...parts }), state };
}

const send = (witness: Witness, body: string | Buffer): Promise<WitnessAnswer> =>
  witness.addCheckpoint(Buffer.from(body));
const outcomeOf = async (witness: Witness, body: string | Buffer): Promise<unknown> => {
  const answer = await send(witness, body);
  return answer.outcome === 'conflict' ? [answer.outcome, answer.size] : answer.outcome;
};
/** A log that signs another history under the same name and key. */
const rootsOf = (other: TestLog) => (size: number) =>
  log.signNote(formatCheckpoint({ origin: log.origin, size, root: other.tree.root(size) }));

describe('a witness', () => {
  it('cosigns what continues what it cosigned, with its time', async () => {
    let now = 1_700_000_000_999;
    const { witness } = await openWitness({ now: () => now });
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 7],
      [7, 8],
      [8, 40],
      [40, 40],
    ] as const) {
      const answer = await send(witness, formatOffer(log, from, to));
      if (answer.outcome !== 'cosigned') throw new Error(`${from} to ${to}: ${answer.outcome}`);
      const note = parseNote(log.checkpoint(to) + answer.lines);
      if (!note.ok) throw new Error(note.detail);
      const logKey = parseVkey(log.vkey);
      const cosigners = keys.map(({ cosigner }) => cosigner);
      const seen = await verifyCosignatures(note.value, { cosigners, logKeys: logKey.ok ? [logKey.value] : [] });
      expect(seen.verified.map(({ time }) => time)).toEqual([Math.floor(now / 1000) * 1000]);
      now += 700;
    }
  });

  it('cosigns with each of its keys, and shows monitors all of it', async () => {
    await createWitnessKey(path.join(root, 'ml-dsa.pem'), 'witness.test/w', { mlDsa: true });
    const both = await loadWitnessKeys([path.join(root, 'key.pem'), path.join(root, 'ml-dsa.pem')]);
    const { witness } = await openWitness({ keys: both });
    const answer = await send(witness, formatOffer(log, 0, 7));
    if (answer.outcome !== 'cosigned') throw new Error(answer.outcome);
    const checkpoint = log.checkpoint(7) + answer.lines;
    const note = parseNote(checkpoint);
    if (!note.ok) throw new Error(note.detail);
    const cosigners = both.map(({ cosigner }) => cosigner);
    const { verified } = await verifyCosignatures(note.value, { cosigners, logKeys: [] }, mlDsaPrimitives);
    expect(verified.map(({ cosigner }) => cosigner.vkey)).toEqual(cosigners.map(({ vkey }) => vkey));
    expect(witness.checkpointOf(originHash(log.origin))).toBe(checkpoint);
  });

  it.each<[string, (bodies: { good: string; checkpoint: string }) => string | Buffer]>([
    ['nothing', () => ''],
    ['not UTF-8', ({ good }) => Buffer.from(good, 'latin1')],
    ['no old size', ({ good }) => good.slice(good.indexOf('\n') + 1)],
    ['a padded old size', ({ good }) => good.replace('old 7', 'old 07')],
    ['a signed old size', ({ good }) => good.replace('old 7', 'old +7')],
    ['two spaces', ({ good }) => good.replace('old 7', 'old  7')],
    ['carriage returns', ({ good }) => good.replace('old 7\n', 'old 7\r\n')],
    ['an old size beyond 2^53', ({ good }) => good.replace('old 7', 'old 9007199254740993')],
    ['a short hash', ({ good }) => good.replace('=\n', '\n')],
    ['64 hashes', ({ checkpoint }) => formatOfferOf(7, Array(64).fill(new Uint8Array(32)), checkpoint)],
    ['no empty line', ({ good }) => good.replace('\n\n', '\n')],
    ['no signature', ({ good }) => good.slice(0, good.lastIndexOf('\u2014'))],
    ['no newline at the end', ({ good }) => good.slice(0, -1)],
    ['bytes after the end', ({ good }) => `${good}\n`],
    ['a checkpoint without its root', () => formatOfferOf(7, [], log.signNote('log.test/one\n8\n'))],
    ['an empty extension line', () => formatOfferOf(7, [], log.signNote(`${textOf(log, 8)}\nmore\n`))],
  ])('refuses a malformed request: %s', async (_, change) => {
    const { witness } = await openWitness();
    await send(witness, formatOffer(log, 0, 7));
    const good = formatOffer(log, 7, 8);
    expect(await outcomeOf(witness, change({ good, checkpoint: log.checkpoint(8) }))).toBe('malformed');
    expect(await outcomeOf(witness, good)).toBe('cosigned');
  });

  it('takes 16 of the largest signatures, and no more than 128 KiB', async () => {
    const { witness } = await openWitness();
    const strangers = Array.from({ length: 16 }, (_, i) => formatSignatureLine(`x${i}`, i, new Uint8Array(4700)));
    const offer = (lines: readonly string[]): string => formatOfferOf(0, [], log.checkpoint(3) + lines.join(''));
    expect(await outcomeOf(witness, offer([...strangers, ...strangers]))).toBe('too_large');
    expect(await outcomeOf(witness, offer(strangers))).toBe('cosigned');
    expect(witness.checkpointOf(originHash(log.origin))).not.toContain('\u2014 x');
  });

  it('knows the logs that it was given, and forgets none of them', async () => {
    const { witness } = await openWitness();
    const other = growTo(createTestLog({ origin: 'log.test/other' }), 3);
    expect(await outcomeOf(witness, formatOffer(other, 0, 3))).toBe('unknown_log');
    expect(await outcomeOf(witness, formatOffer(log, 0, 7))).toBe('cosigned');
    witness.logs = logsOf(other);
    expect(await outcomeOf(witness, formatOffer(other, 0, 3))).toBe('cosigned');
    expect(await outcomeOf(witness, formatOffer(log, 7, 8))).toBe('unknown_log');
    expect(witness.checkpointOf(originHash(log.origin))).toContain(log.checkpoint(7));
    witness.logs = logsOf(log, other);
    expect(await outcomeOf(witness, formatOffer(log, 0, 7))).toEqual(['conflict', 7]);
    expect(await outcomeOf(witness, formatOffer(log, 7, 8))).toBe('cosigned');
  });

  it('wants a signature by a key of the log, and no bad one by it', async () => {
    const { witness } = await openWitness();
    const offer = (checkpoint: string): string => formatOfferOf(0, [], checkpoint);
    const stranger = growTo(createTestLog({ origin: log.origin }), 40);
    const good = log.checkpoint(3);
    const bad = good.replace(
      /(.)(.{4})=*\n$/,
      (_, char: string, rest: string) => `${char === 'A' ? 'B' : 'A'}${rest}=\n`,
    );
    const text = textOf(log, 3);
    const line = good.slice(text.length + 1);
    const lineOf4 = log.checkpoint(4).slice(textOf(log, 4).length + 1);
    expect(await outcomeOf(witness, offer(stranger.checkpoint(3)))).toBe('not_signed');
    expect(await outcomeOf(witness, offer(bad))).toBe('not_signed');
    expect(await outcomeOf(witness, offer(formatNote(text, [lineOf4])))).toBe('not_signed');
    expect(await outcomeOf(witness, offer(formatNote(text, [line, lineOf4])))).toBe('not_signed');
    const strange = createTestWitness({ name: 'someone.test/else' }).cosign(good);
    expect(await outcomeOf(witness, offer(formatNote(text, [strange, line, line])))).toBe('cosigned');
    // Only what it verified is shown to monitors, once.
    const shown = witness.checkpointOf(originHash(log.origin))!;
    expect(shown.startsWith(good)).toBe(true);
    expect(shown.slice(good.length)).toMatch(/^\u2014 witness\.test\/w \S+\n$/);
  });

  it('takes any of several keys, under another name than the origin too', async () => {
    const { witness } = await openWitness();
    const sumdb = growTo(createTestLog({ origin: 'sum.test' }), 3);
    const next = growTo(createTestLog({ origin: 'sum.test' }), 3);
    const list = [sumdb, next].map(({ vkey }) => `vkey ${vkey}\norigin go.sum database tree\n`);
    witness.logs = parseLogList(`logs/v0\n${list.join('')}`).logs;
    const text = formatCheckpoint({ origin: 'go.sum database tree', size: 3, root: sumdb.tree.root(3) });
    expect(await outcomeOf(witness, formatOfferOf(0, [], next.signNote(text)))).toBe('cosigned');
    expect(await outcomeOf(witness, formatOfferOf(3, [], sumdb.signNote(text)))).toBe('cosigned');
    expect(await outcomeOf(witness, formatOffer(sumdb, 0, 3))).toBe('unknown_log');
  });

  it('says what it cosigned last when the old size is another one', async () => {
    const { witness } = await openWitness();
    expect(await outcomeOf(witness, formatOffer(log, 5, 9))).toEqual(['conflict', 0]);
    await send(witness, formatOffer(log, 0, 9));
    expect(await outcomeOf(witness, formatOffer(log, 0, 12))).toEqual(['conflict', 9]);
    expect(await outcomeOf(witness, formatOffer(log, 10, 12))).toEqual(['conflict', 9]);
    // The old size against the checkpoint's comes first.
    expect(await outcomeOf(witness, formatOfferOf(9, [], log.checkpoint(8)))).toBe('old_size_larger');
    expect(await outcomeOf(witness, formatOfferOf(20, [], log.checkpoint(8)))).toBe('old_size_larger');
  });

  it('refuses what does not continue what it cosigned', async () => {
    const { witness } = await openWitness();
    const fork = rootsOf(growTo(createTestLog(), 40));
    const proof = proofOf(log.tree, 7, 12);
    const emptyFork = log.signNote(formatCheckpoint({ origin: log.origin, size: 0, root: log.tree.root(1) }));
    expect(await outcomeOf(witness, formatOfferOf(0, [], emptyFork))).toBe('inconsistent');
    expect(await outcomeOf(witness, formatOfferOf(0, [emptyRoot()], log.checkpoint(7)))).toBe('inconsistent');
    await send(witness, formatOffer(log, 0, 7));
    for (const refused of [
      formatOfferOf(7, [], log.checkpoint(12)),
      formatOfferOf(7, proof.slice(1), log.checkpoint(12)),
      formatOfferOf(7, [...proof, log.tree.root(1)], log.checkpoint(12)),
      formatOfferOf(7, proof, log.checkpoint(13)),
      formatOfferOf(7, proof, fork(12)),
      formatOfferOf(7, proof, log.checkpoint(7)),
    ]) {
      expect(await outcomeOf(witness, refused)).toBe('inconsistent');
    }
    expect(events).toEqual([]);
    expect(await outcomeOf(witness, formatOfferOf(7, proof, log.checkpoint(12)))).toBe('cosigned');
  });

  it('keeps what proves that a log signed two trees of one size', async () => {
    const { witness } = await openWitness();
    const fork = rootsOf(growTo(createTestLog(), 40));
    await send(witness, formatOffer(log, 0, 7));
    expect(await outcomeOf(witness, formatOfferOf(7, [], fork(7)))).toBe('inconsistent');
    expect(events).toEqual([{ kind: 'fork', cosigned: expect.objectContaining({ size: 7 }), offered: fork(7) }]);
  });

  it('never cosigns with an earlier time than before', async () => {
    let now = 1_700_000_000_000;
    const other = growTo(createTestLog({ origin: 'log.test/other' }), 3);
    const { witness } = await openWitness({ now: () => now, logs: logsOf(log, other) });
    await send(witness, formatOffer(log, 0, 7));
    now -= 1;
    expect(await outcomeOf(witness, formatOffer(log, 7, 8))).toBe('clock');
    expect(await outcomeOf(witness, formatOffer(other, 0, 3))).toBe('clock');
    now += 1;
    expect(await outcomeOf(witness, formatOffer(log, 7, 8))).toBe('cosigned');
    expect(new Set(events.map((event) => event.kind))).toEqual(new Set(['clock']));
  });

  it('cosigns nothing while its clock is not to be believed', async () => {
    let isBelieved = false;
    const { witness, state } = await openWitness({ now: () => (isBelieved ? 1_700_000_000_000 : undefined) });
    expect(await outcomeOf(witness, formatOffer(log, 0, 7))).toBe('clock');
    expect(state.newestOf(log.origin)).toBeUndefined();
    isBelieved = true;
    expect(await outcomeOf(witness, formatOffer(log, 0, 7))).toBe('cosigned');
  });

  describe('when two offers of one log meet', () => {
    /** The first one is stopped between its checks and its storing, until the other one was answered. */
    async function race(first: string, second: string): Promise<unknown[]> {
      let release = (): void => undefined;
      let stopped = (): void => undefined;
      const isStopped = new Promise<void>((resolve) => {
        stopped = resolve;
      });
      let hooked = false;
      const { witness, state } = await openWitness({
        beforeStoring: () => {
          if (hooked || state.newestOf(log.origin)?.size !== 7) return Promise.resolve();
          hooked = true;
          stopped();
          return new Promise((resolve) => {
            release = resolve;
          });
        },
      });
      await send(witness, formatOffer(log, 0, 7));
      const slow = outcomeOf(witness, first);
      await isStopped;
      const quick = await outcomeOf(witness, second);
      release();
      const outcomes = [await slow, quick, state.newestOf(log.origin)?.size];
      await state.close();
      opened.pop();
      const again = await WitnessState.read(state.folder);
      return [...outcomes, again.newest.map(({ size }) => size)];
    }

    it('does not go back to the smaller one that was checked before the larger was stored', async () => {
      const outcomes = await race(formatOffer(log, 7, 9), formatOffer(log, 7, 12));
      expect(outcomes).toEqual([['conflict', 12], 'cosigned', 12, [12]]);
    });

    it('cosigns one of two that grow by the same', async () => {
      const outcomes = await race(formatOffer(log, 7, 9), formatOffer(log, 7, 9));
      expect(outcomes).toEqual([['conflict', 9], 'cosigned', 9, [9]]);
    });

    it('does not go back by cosigning the old size once more', async () => {
      const outcomes = await race(formatOffer(log, 7, 7), formatOffer(log, 7, 12));
      expect(outcomes).toEqual([['conflict', 12], 'cosigned', 12, [12]]);
    });

    it('cosigns the larger one after the old size once more', async () => {
      const outcomes = await race(formatOffer(log, 7, 12), formatOffer(log, 7, 7));
      expect(outcomes).toEqual(['cosigned', 'cosigned', 12, [12]]);
    });
  });

  it('answers as the reference witness does, whatever it is sent', async () => {
    const honest = log;
    const fork = growTo(createTestLog(), 12);
    const size = fc.nat({ max: 12 });
    const offer = fc.record({
      old: size,
      from: size,
      to: size,
      forked: fc.boolean(),
      signedBy: fc.constantFrom('log', 'log', 'log', 'stranger'),
    });
    const stranger = createTestLog({ origin: log.origin });
    await fc.assert(
      fc.asyncProperty(fc.array(offer, { maxLength: 12 }), async (offers) => {
        const { witness } = await openWitness();
        const reference = new ReferenceWitness(createTestWitness({ name: 'reference.test' }), [log.vkey]);
        for (const { old, from, to, forked, signedBy } of offers) {
          const tree = (forked ? fork : honest).tree;
          const text = formatCheckpoint({ origin: log.origin, size: to, root: tree.root(to) });
          const checkpoint = (signedBy === 'log' ? log : stranger).signNote(text);
          // Mostly right, and sometimes for other sizes.
          const oldSize = from % 3 === 0 ? old : (reference.sizeOf(log.origin) ?? 0);
          const proof = proofOf(tree, Math.min(oldSize, to), to);
          const body = formatOfferOf(oldSize, proof, checkpoint);
          const expected = await reference.addCheckpoint(body);
          const answer = await send(witness, body);
          expect(STATUS[answer.outcome]).toBe(expected.status);
          if (answer.outcome === 'conflict') expect(`${answer.size}\n`).toBe(expected.body);
        }
      }),
      { numRuns: 60 },
    );
  });
});

const STATUS: Readonly<Record<WitnessAnswer['outcome'], number>> = {
  cosigned: 200,
  conflict: 409,
  malformed: 400,
  too_large: 400,
  old_size_larger: 400,
  unknown_log: 404,
  not_signed: 403,
  inconsistent: 422,
  clock: 503,
  not_stored: 503,
};

function textOf({ origin, tree }: TestLog, size: number): string {
  return formatCheckpoint({ origin, size, root: tree.root(size) });
}

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createTestLog, formatOffer, formatOfferOf, growTo, proofOf, type TestLog } from '@assent/test-support';
import { createRandom, runParameters } from '@assent/test-support/fault/index';
import { createSmallDisk, whyNoSmallDisk } from '@assent/test-support/fault/small-disk';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { createWitnessHome, type WitnessProcess } from '@assent/test-support/witness-program';
import {
  type Cosigner,
  formatCheckpoint,
  leafHash,
  parseCheckpoint,
  parseCosignerVkey,
  parseNote,
  utf8Encode,
  verifyCosignatures,
} from '@assent/verifier';
import { describe, expect, it } from 'vitest';

type Answer = { readonly status: number; readonly body: string };

async function offer({ url }: WitnessProcess, body: string): Promise<Answer> {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, body: await response.text() };
}

/** The size of the checkpoint that it shows to monitors, after a look at its cosignature. */
async function shownSize({ url }: WitnessProcess, { origin }: TestLog, cosigner: Cosigner): Promise<number> {
  const hash = createHash('sha256').update(origin).digest('hex');
  const response = await fetch(`${url}/${hash}/checkpoint`);
  if (response.status === 404) return 0;
  const note = parseNote(await response.text());
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!note.ok || !checkpoint.ok) throw new Error('it shows what is no checkpoint');
  const { verified } = await verifyCosignatures(note.value, { cosigners: [cosigner], logKeys: [] });
  expect(verified).toHaveLength(1);
  return checkpoint.value.size;
}

/**
 * Logs that would fork if they could: each has, for every size that it ever had, another history that has all its leaves but the
 * last one in common. A witness that came back with less than it told would cosign one.
 *
 * Seen red: with an answer that does not wait for the disk (settled before append), within five rounds.
 */
describe('kill -9 under load', () => {
  const { seed, rounds } = runParameters();
  const LOGS = 8;
  const SIZE = 20_000;

  it(`never cosigns what contradicts anything that left before (seed ${seed}, ${rounds} rounds)`, async () => {
    const random = createRandom(seed, 'witness');
    const home = createWitnessHome('witness.test/killed');
    const parsed = parseCosignerVkey(home.vkey);
    if (!parsed.ok) throw new Error(parsed.detail);
    const cosigner = parsed.value;
    const logs = Array.from({ length: LOGS }, (_, i) => growTo(createTestLog({ origin: `log.test/${i}` }), SIZE));
    home.listLogs(logs);
    /** Of each log the largest size of which a cosignature came back, and the largest that was ever offered. */
    const told = new Map<TestLog, number>();
    const offered = new Map<TestLog, number>();
    let answers = 0;

    const run = async (witness: WitnessProcess, log: TestLog, alive: () => boolean): Promise<void> => {
      let size = await shownSize(witness, log, cosigner);
      while (alive()) {
        const next = Math.min(SIZE, size + random.integer(0, 5));
        offered.set(log, Math.max(next, offered.get(log) ?? 0));
        const answer = await offer(witness, formatOffer(log, size, next)).catch(() => undefined);
        if (answer === undefined) return;
        // Two clients for each log: one of them is told of the other's step.
        if (answer.status === 409) {
          size = Number(answer.body);
          continue;
        }
        expect(answer.status).toBe(200);
        answers++;
        told.set(log, Math.max(next, told.get(log) ?? 0));
        size = next;
      }
    };

    try {
      for (let round = 0; round < rounds; round++) {
        const witness = await home.start();
        let isAlive = true;
        const clients = [...logs, ...logs].map((log) => run(witness, log, () => isAlive));
        const enough = answers + random.integer(10, 400);
        await waitUntil('it has cosigned some', () => answers >= enough, 120_000);
        witness.signal('SIGKILL');
        isAlive = false;
        await witness.ended;
        await Promise.all(clients);

        const again = await home.start();
        for (const log of logs) {
          const size = await shownSize(again, log, cosigner);
          expect(size).toBeGreaterThanOrEqual(told.get(log) ?? 0);
          expect(size).toBeLessThanOrEqual(offered.get(log) ?? 0);
          for (const from of new Set([0, Math.max(0, (told.get(log) ?? 0) - 3), size])) {
            expect([409, 422]).toContain((await offer(again, forkFrom(log, from, size))).status);
          }
        }
        again.signal('SIGTERM');
        expect(await again.ended).toBe(0);
      }
    } finally {
      await home.remove();
    }
  });

  /** A tree of size + 1 that shares `from` leaves with the log and no more, signed by it, with a right proof from there. */
  function forkFrom(log: TestLog, from: number, size: number): string {
    const fork = growTo(createTestLog(), 0);
    const shared = Math.min(from, size - 1);
    for (const hash of log.tree.hashes(
      Array.from({ length: Math.max(shared, 0) }, (_, index) => ({ level: 0, index })),
    )) {
      fork.tree.append(hash);
    }
    while (fork.tree.size < size + 1) fork.tree.append(leafHash(utf8Encode(`fork ${fork.tree.size}`)));
    const text = formatCheckpoint({ origin: log.origin, size: size + 1, root: fork.tree.root() });
    return formatOfferOf(from, proofOf(fork.tree, from, size + 1), log.signNote(text));
  }
});

const skipped = whyNoSmallDisk();
if (skipped !== undefined) console.warn(`skipping 2 tests of a disk that takes nothing: ${skipped}`);

describe.skipIf(skipped !== undefined)('a disk that takes nothing', () => {
  const log = growTo(createTestLog({ origin: 'log.test/one' }), 2000);

  it('is full: it cosigns nothing, keeps what it has, and goes on by itself when there is room', async () => {
    const disk = createSmallDisk(2);
    const home = createWitnessHome('witness.test/full', disk.folder);
    home.listLogs([log]);
    try {
      const witness = await home.start();
      let size = 0;
      const step = async (): Promise<number> => {
        const { status } = await offer(witness, formatOffer(log, size, size + 1));
        if (status === 200) size++;
        return status;
      };
      expect(await step()).toBe(200);
      disk.fillUpTo(0);
      // The last block of the file has room for some.
      let status = 200;
      while (status === 200) status = await step();
      expect(status).toBe(503);
      expect(await step()).toBe(503);
      expect((await fetch(`${witness.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${witness.url}/livez`)).status).toBe(200);
      expect(witness.said()).toMatch(/the disk is full\n.*nothing is cosigned/);
      const hash = createHash('sha256').update(log.origin).digest('hex');
      const shown = await (await fetch(`${witness.url}/${hash}/checkpoint`)).text();
      expect(shown.split('\n')[1]).toBe(String(size));
      expect((await offer(witness, formatOffer(log, 0, 1))).body).toBe(`${size}\n`);

      disk.makeRoom();
      expect(await step()).toBe(200);
      expect((await fetch(`${witness.url}/readyz`)).status).toBe(200);
      await waitUntil('it says so', () => witness.said().includes('cosigns again'));
      witness.signal('SIGKILL');
      await witness.ended;
      const again = await home.start();
      expect((await offer(again, formatOffer(log, 0, 1))).body).toBe(`${size}\n`);
    } finally {
      await home.remove();
      disk.remove();
    }
  });

  it('is read-only: it does not start, and says why', async () => {
    const disk = createSmallDisk(2);
    const home = createWitnessHome('witness.test/read-only', disk.folder);
    try {
      const { status } = spawnSync('mount', ['-o', 'remount,ro', disk.folder]);
      expect(status).toBe(0);
      await expect(home.start()).rejects.toThrow(/exit code 2.*the file system is read-only/);
    } finally {
      spawnSync('mount', ['-o', 'remount,rw', disk.folder]);
      await home.remove();
      disk.remove();
    }
  });
});

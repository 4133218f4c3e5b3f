import { rmSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../test-support/src/browser.ts';
import { makeFilledLog } from '../filled-log.ts';
import { type BenchServer, startServer } from '../processes.ts';
import { median } from '../statistics.ts';
import type { MeasureGroup, Note } from './measure-group.ts';

const SMALL = 100;
const LARGE = 100_000;
const ROUNDS = 60;
/** How much slower the browser's processor is made: a telephone of some years ago. */
const SLOWER = 4;

const PAINTS = [
  { key: 'paint of /', name: `First paint of \`/\` at ${LARGE} entries, processor ${SLOWER} times slower`, path: '/' },
  { key: 'paint of a list', name: 'First paint of `/entries`, likewise', path: '/entries' },
  { key: 'paint of an entry', name: 'First paint of an entry, likewise', path: `/entry/${LARGE / 2}` },
] as const;

/**
 * What people look at, in a log of 100,000 approvals and in one of 100: when the browser first paints something, and how long the
 * server takes for a page. The two logs are asked in turns, so that both see the same machine.
 */
export const explorer: MeasureGroup = {
  name: 'explorer',
  rows: [
    ...PAINTS.map(({ key, name }) => ({ key, name, unit: 'ms', atMost: 1_000 })),
    {
      key: 'pages ratio',
      name: `Front page, lists and entries of a log with ${LARGE} entries, as a multiple of one with ${SMALL}`,
      unit: '×',
      atMost: 1.25,
    },
    { key: 'pages', name: 'Such a page, from the server', unit: 'ms' },
    { key: 'searches', name: `A search at ${LARGE} entries (by service, by action), likewise`, unit: 'ms' },
    { key: 'searches ratio', name: `the same, as a multiple of ${SMALL} entries`, unit: '×' },
  ],
  measure: async (note, runs) => {
    const logs: { readonly server: BenchServer; readonly size: number }[] = [];
    let browser: Browser | undefined;
    try {
      for (const size of [SMALL, LARGE]) {
        process.stderr.write(`filling a log with ${size} approvals\n`);
        logs.push({ server: await startServer(await makeFilledLog(size, 'approvals')), size });
      }
      browser = await launchBrowser();
      for (let run = 1; run <= runs; run++) {
        await notePaints(note, browser, logs[1]!.server);
        await noteAnswers(note, 'pages', logs, pagesAround);
        await noteAnswers(note, 'searches', logs, searchesFor);
      }
    } finally {
      await browser?.close();
      for (const { server } of logs) {
        await server.stop();
        rmSync(server.dataDir, { recursive: true, force: true });
      }
    }
    return undefined;
  },
};

async function notePaints(note: Note, browser: Browser, { port }: BenchServer): Promise<void> {
  for (const { key, path } of PAINTS) {
    // Nothing is in its cache.
    const context = await browser.newContext();
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.goto(`http://localhost:${port}${path}`);
    const painted = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            const [entry] = list.getEntriesByName('first-contentful-paint');
            if (entry !== undefined) resolve(entry.startTime);
          }).observe({ type: 'paint', buffered: true });
        }),
    );
    note(key, painted);
    await context.close();
  }
}

async function noteAnswers(
  note: Note,
  key: string,
  logs: readonly { readonly server: BenchServer; readonly size: number }[],
  pathsOf: (server: BenchServer, index: number) => Promise<readonly string[]>,
): Promise<void> {
  const times = logs.map(() => [] as number[]);
  // The first round is the compiler's.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { server, size }] of logs.entries()) {
      const paths = await pathsOf(server, Math.floor(Math.random() * size));
      const start = performance.now();
      for (const path of paths) await read(server, path);
      if (round > 0) times[i]!.push((performance.now() - start) / paths.length);
    }
  }
  const [small, large] = times as [number[], number[]];
  note(`${key} ratio`, median(large.map((ms, round) => ms / small[round]!)));
  note(key, median(large));
}

/** What somebody would look at who has come to this entry. */
async function pagesAround(_: BenchServer, index: number): Promise<string[]> {
  return ['/', '/entries', `/entries?after=${index + 1}`, `/entry/${index}`];
}

/** What somebody would look for who knows this entry. */
async function searchesFor(server: BenchServer, index: number): Promise<string[]> {
  const entry = JSON.parse(await read(server, `/api/v1/entries/${index}`)) as {
    content: { payload: string };
  };
  const statement = JSON.parse(Buffer.from(entry.content.payload, 'base64').toString('utf8')) as {
    service: string;
    intent: { digest: string };
  };
  return [
    `/entries?service=${statement.service}&kind=approval`,
    `/entries?intent=${encodeURIComponent(statement.intent.digest)}`,
  ];
}

async function read({ port }: BenchServer, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept: 'text/html, */*' } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return text;
}

/**
 * Every write of sequencer and publisher to the database, failed before, while and after it persisted; the whole log is
 * audited after each. Seen red: with sequencer.ts not looking whose head n + 1 is after an interrupted statement (its own
 * entries are taken for somebody else's), with publisher.ts not trying a head again, or without its barrier, and with a
 * row taken out of the table.
 */
import { type PostgresProxy, startPostgresProxy, type Verdict, waitUntil } from '@assent/test-support/fault/index';
import { startWitnessServer } from '@assent/test-support/witness-server';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IDLE_MS } from '../../src/publisher/idle-heads.ts';
import { changeLog } from '../../src/store/change-log.ts';
import { AuditedLog, type OpenedLog } from '../support/audited-log.ts';
import { runProgram } from '../support/run-program.ts';
import { sourcesOf } from '../support/sources.ts';
import { createLogHome, type TestLogHome } from '../support/test-log.ts';
import { checkpointIn } from '../support/witnessed-log.ts';
import { withClient } from './fault-test.ts';

const PHASES = ['cut before', 'cut during', 'cut after'] as const satisfies Verdict[];

let home: TestLogHome;
let proxy: PostgresProxy;
let audited: AuditedLog;
let time: number;

type Write = {
  readonly name: string;
  readonly statement: RegExp;
  /** Makes the log write it; the log is open and has entries, unless the write is part of opening it. */
  readonly provoke: (log: OpenedLog) => Promise<unknown>;
  readonly atStart?: true;
  /** Entries can come after it. */
  readonly last?: true;
};

/** After a lost connection everything that is done once for each is done again. */
const reconnect = async (log: OpenedLog): Promise<void> => {
  proxy.cutAll();
  await audited.append(log, 2);
};

const WRITES: readonly Write[] = [
  { name: 'a batch', statement: /^WITH previous AS/, provoke: (log) => audited.append(log, 5) },
  { name: 'the barrier', statement: /^UPDATE barrier/, provoke: reconnect },
  { name: 'the settings of the appending session', statement: /^SET plan_cache_mode/, provoke: reconnect },
  { name: 'the lock of a process that signs', statement: /pg_advisory_lock_shared/, provoke: reconnect },
  {
    name: 'the head of an idle log',
    statement: /^insert into "heads"/,
    provoke: async ({ idleHeads, log }) => {
      time += 2 * IDLE_MS;
      await idleHeads.renew().catch(() => undefined);
      await idleHeads.renew();
      expect(await log.head()).toMatchObject({ timestamp: time });
    },
  },
  {
    name: 'the end of the log',
    statement: /^WITH newest AS/,
    last: true,
    provoke: async ({ database, log }) => {
      const close = () =>
        changeLog(database, ({ closed }) =>
          closed === undefined ? { kind: 'close', successor: undefined, reason: undefined } : undefined,
        );
      await close().catch(() => undefined);
      await close();
      expect((await log.head()).seq).toBeGreaterThan(1);
      await expect(audited.append({ log }, 1)).rejects.toMatchObject({ code: 'closed' });
    },
  },
  { name: 'who the log is', statement: /^insert into "log"/, atStart: true, provoke: async () => undefined },
  { name: 'the first head', statement: /^insert into "heads"/, atStart: true, provoke: async () => undefined },
];

/**
 * Every file that writes to the database, the tables that it writes, and what shows that a write may fail. A row of the table, or a
 * reason to have none; what is signed depends on none of the latter.
 */
const ROWS = {
  'store/append-batch.ts: blocks heads records sealed tiles': ['a batch', 'the settings of the appending session'],
  'store/heads.ts: barrier heads': ['the barrier', 'the head of an idle log', 'the first head'],
  'store/log-changes.ts: heads log_changes': ['the end of the log'],
  'store/log-row.ts: log': ['who the log is', "guard adopt: the guard's id"],
  'store/server-presence.ts: pg_advisory_lock_shared': ['the lock of a process that signs'],
} as const;
const WITHOUT_ROWS = {
  'store/api-keys.ts: api_keys': 'keys of callers: whoever makes one is told whether it is there',
  'store/cosigned.ts: cosigned': 'after a head is published: the rows of witnesses, below',
  'store/witnesses.ts: cosignatures fork_evidence witness_answers witness_turn':
    'after a head is published: the rows of witnesses, below',
  'store/erase-entry.ts: blocks withheld': 'a command, in one transaction (withhold.test.ts)',
  'store/withheld.ts: withheld': 'a command, one row',
  'store/search-terms.ts: search_progress search_terms': 'an index, made again by itself',
};

/** Of statements that are no row, and come while rows are provoked. */
const OTHERS = [/^insert into "search_terms"/, /search_progress/, /witness|cosign/];

const open = () => home.open({ databaseUrl: proxy.url, now: () => time });
const seen = new Set<string>();
const noteStatements = (): void => {
  for (const statement of proxy.statements) seen.add(statement.trimStart());
};

beforeEach(async () => {
  home = await createLogHome();
  proxy = await startPostgresProxy(home.testDatabase.url);
  audited = new AuditedLog(home.vkey);
  time = Date.now();
});

afterEach(async () => {
  noteStatements();
  proxy.decide(() => 'pass');
  proxy.release();
  await home.remove();
  await proxy.close();
});

/** The first statement of this kind gets the verdict. Returns how often it was given. */
function once(statement: RegExp, verdict: Verdict): () => number {
  let given = 0;
  proxy.decide((text) => (given === 0 && statement.test(text.trimStart()) && ++given === 1 ? verdict : 'pass'));
  return () => given;
}

describe.each(WRITES)('$name', ({ statement, provoke, atStart, last }) => {
  it.each(PHASES)('%s', async (phase) => {
    if (atStart) {
      const given = once(statement, phase);
      await open().catch(() => undefined);
      expect(given()).toBe(1);
    }
    const log = await open();
    await audited.append(log, 3);
    const given = atStart ? () => 1 : once(statement, phase);
    await provoke(log);
    if (!last) await audited.append(log, 3);
    expect(given()).toBe(1);
    const { size, acknowledged, recovered } = await audited.audit(log);
    expect([size, recovered]).toEqual([acknowledged, acknowledged]);
    // Clients have noticed nothing.
    expect(audited.ledger.uncertain.size).toBe(0);
    // What a process that knows nothing makes of it.
    const fresh = await home.open({ now: () => time });
    expect(fresh.log.stopReason).toBeUndefined();
    expect(await audited.audit(fresh)).toMatchObject({ size, recovered });
  });
});

describe("guard adopt: the guard's id", () => {
  it.each(PHASES)('%s: nothing is signed until it is adopted again', async (phase) => {
    const log = await open();
    await audited.append(log, 3);
    await log.close();
    const adopt = () =>
      runProgram(['guard', 'adopt', '--yes', '--data-dir', home.dataDir], { DATABASE_URL: proxy.url });
    const given = once(/^update "log"/, phase);
    expect((await adopt()).code).toBe(1);
    expect(given()).toBe(1);
    if (phase === 'cut before') {
      // The guard has an id that the database does not know.
      const between = await home.open({ now: () => time });
      expect(between.log.stopReason).toContain('belongs to another log');
      await between.close();
    }
    expect(await adopt()).toMatchObject({ code: 0, stderr: '' });
    const adopted = await open();
    await audited.append(adopted, 3);
    expect(await audited.audit(adopted)).toMatchObject({ size: 6, acknowledged: 6, recovered: 6 });
  });
});

describe('what witnesses answered', () => {
  it.each([
    ['a cosignature', /INSERT INTO cosignatures/],
    ['the turn to ask', /INSERT INTO witness_turn/],
    ['a checkpoint with its quorum', /^insert into "cosigned"/],
  ])('%s: failed in every way, it holds up no append and comes to be stored', async (_, statement) => {
    const witness = await startWitnessServer({ name: 'W', logVkeys: [home.vkey] });
    try {
      const policy = { name: 'policy', text: `${witness.policyLine}quorum W\n` };
      for (const phase of PHASES) {
        const given = once(statement, phase);
        const log = await home.open({ databaseUrl: proxy.url, now: () => time, witnesses: { policy, intervalMs: 0 } });
        await audited.append(log, 2);
        const { size } = await log.log.head();
        const isCosigned = async () => checkpointIn(await log.log.receipt(String(size - 1))).signers.length === 2;
        await waitUntil('its receipt has the line of the witness', isCosigned);
        await log.close();
        expect(given()).toBe(1);
      }
      expect(await audited.audit(await open())).toMatchObject({ size: 6, acknowledged: 6, recovered: 6 });
      expect(audited.ledger.uncertain.size).toBe(0);
    } finally {
      await witness.close();
    }
  });
});

describe('a batch that is still running when its client asks again', () => {
  it('is waited for, and stored once', async () => {
    const log = await open();
    await audited.append(log, 3);
    await withClient(home.testDatabase.url, async (holder) => {
      await holder.query('begin; lock table heads in exclusive mode');
      const given = once(/^WITH previous AS/, 'cut during');
      const batches = () => proxy.statements.filter((text) => text.trimStart().startsWith('WITH previous AS')).length;
      const before = batches();
      const appending = audited.append(log, 5);
      await waitUntil('the statement runs a second time', () => batches() >= before + 2);
      expect(given()).toBe(1);
      await holder.query('commit');
      await appending;
    });
    expect(await audited.audit(log)).toMatchObject({ size: 8, acknowledged: 8, recovered: 8 });
  });
});

describe('the table', () => {
  it('has every statement in the sources that changes anything', () => {
    const found = [...sourcesOf('.')].flatMap(([file, text]) => {
      const kysely = [...text.matchAll(/\.(?:insertInto|replaceInto|mergeInto|updateTable|deleteFrom)\('(\w+)'/g)];
      const sql = [
        ...text.matchAll(
          /\b(?:INSERT INTO|DELETE FROM|MERGE INTO|TRUNCATE|COPY|UPDATE) (\w+)(?= (?:AS|SET|WHERE|\())/g,
        ),
      ];
      const locks = [...text.matchAll(/\b(pg_advisory\w*lock_shared)\b/g)];
      const tables = new Set([...kysely, ...sql, ...locks].map(([, table]) => table!));
      return tables.size === 0 ? [] : [`${file}: ${[...tables].sort().join(' ')}`];
    });
    expect(found.sort()).toEqual([...Object.keys(ROWS), ...Object.keys(WITHOUT_ROWS)].sort());
    const names = [...WRITES.map(({ name }) => name), "guard adopt: the guard's id"];
    expect(Object.values(ROWS).flat().sort()).toEqual(names.sort());
  });
});

afterAll(() => {
  const writes = [...seen].filter((text) => /\b(insert|update|delete|truncate|copy)\b/i.test(text));
  const unlisted = writes.filter(
    (text) =>
      ![...WRITES.map(({ statement }) => statement), /^update "log"/, ...OTHERS].some((known) => known.test(text)),
  );
  // A write that is new needs a row in the table.
  expect(unlisted).toEqual([]);
});

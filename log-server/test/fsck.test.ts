import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type Database, openDatabase } from '@assent/log-server';
import { createApproval, createServiceKey } from '@assent/test-support';
import { formatBundle, leafHash } from '@assent/verifier';
import { CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckedLog, checkSnapshot } from '../src/maintenance/check-log.ts';
import type { FindingCode } from '../src/maintenance/findings.ts';
import type { KnownHead } from '../src/maintenance/known-head.ts';
import { nativeSha256 } from '../src/native-primitives.ts';
import { inflateBlock } from '../src/store/block-data.ts';
import { runProgram } from './support/run-program.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

// The command is the built program's: `npm test` builds it first.
const SIZE = 300;

type Row = { first: number; data: Uint8Array; leaf_hashes: Uint8Array };
type Query = (text: string, values?: readonly unknown[]) => Promise<{ rows: Row[] }>;
type Damage = (query: Query) => Promise<unknown>;

const silent = { show: () => undefined, end: () => undefined };
let home: TestLogHome;
let database: Database;
let checkpoint: string;

beforeAll(async () => {
  home = await createLogHome();
  const { log, close } = await home.open();
  const serviceKey = createServiceKey();
  const append = () =>
    log.append(
      { kind: 'approval', content: createApproval({ origin: ORIGIN, serviceKey }).envelope },
      { services: ['*'] },
    );
  // Several heads, and a block that is not full at the end of the first full tile.
  for (const count of [1, 100, 150, 3, SIZE - 256]) await Promise.all(Array.from({ length: count }, append));
  const { envelope: content } = createApproval({ origin: ORIGIN, serviceKey });
  const salt = Buffer.alloc(32, 7).toString('base64');
  await log.append({ kind: 'approval', visibility: 'sealed', content, salt }, { services: ['*'] });
  await log.append({ kind: 'approval', sealed: `sha256:${'5a'.repeat(32)}` }, { services: ['*'], blind: true });
  checkpoint = (await log.head()).checkpoint;
  await close();
  database = await openDatabase({ connectionString: home.testDatabase.url, max: 2 });
});

afterAll(async () => {
  await database.close();
  await home.remove();
});

class Undo extends Error {}

/** Checks the log as it is after some damage, which is undone again. */
async function checkDamaged(damage: Damage, known: readonly KnownHead[] = []): Promise<CheckedLog> {
  let checked: CheckedLog | undefined;
  const undone = database.kysely.transaction().execute(async (transaction) => {
    await damage((text, values = []) => transaction.executeQuery<Row>(CompiledQuery.raw(text, [...values])));
    checked = await checkSnapshot(transaction, known, nativeSha256, silent);
    throw new Undo();
  });
  await expect(undone).rejects.toThrow(Undo);
  return checked!;
}

/** Stores other bytes for an entry, in its block. */
async function rewriteEntry(query: Query, index: number, change: (text: string) => string, hashesToo: boolean) {
  const { rows } = await query(
    'select first, data, leaf_hashes from blocks where first <= $1 order by first desc limit 1',
    [index],
  );
  const block = rows[0]!;
  const first = Number(block.first);
  const entries = inflateBlock(block.data);
  if (!entries.ok) throw new Error(entries.detail);
  const bytes = Buffer.from(change(Buffer.from(entries.value[index - first]!).toString('utf8')));
  const bundle = formatBundle(entries.value.map((entry, i) => (first + i === index ? bytes : entry)));
  const hash = Buffer.from(leafHash(bytes));
  const hashes = Buffer.from(block.leaf_hashes);
  if (hashesToo) {
    hash.copy(hashes, (index - first) * 32);
    await query('update records set leaf8 = $2 where idx = $1', [index, hash.readBigInt64BE(0)]);
  }
  await query('update blocks set data = $2, leaf_hashes = $3 where first = $1', [
    first,
    deflateRawSync(bundle),
    hashes,
  ]);
}

const sql =
  (text: string): Damage =>
  (query) =>
    query(text);
/** The first block that begins within the second, partial tile. */
const tailBlock = '(select min(first) from blocks where first >= 256)';

const DAMAGES: readonly (readonly [what: string, damage: Damage, codes: readonly FindingCode[], at?: number])[] = [
  [
    'a flipped bit in a block',
    sql('update blocks set data = set_byte(data, 9, get_byte(data, 9) # 1) where first = 0'),
    ['block_damaged'],
    0,
  ],
  [
    'other bytes in an entry',
    (query) => rewriteEntry(query, 40, (text) => text.replace('"kind"', '"kinD"'), false),
    ['entry_damaged'],
    40,
  ],
  [
    'other bytes in an entry of a partial tile',
    (query) => rewriteEntry(query, SIZE - 1, (text) => text.replace('"kind"', '"kinD"'), false),
    ['entry_damaged'],
    SIZE - 1,
  ],
  [
    'a flipped bit in a leaf hash',
    sql('update blocks set leaf_hashes = set_byte(leaf_hashes, 3, get_byte(leaf_hashes, 3) # 128) where first = 0'),
    ['leaf_hash_damaged'],
    0,
  ],
  [
    'a flipped bit in a leaf hash of a partial tile',
    sql(
      `update blocks set leaf_hashes = set_byte(leaf_hashes, 3, 255 - get_byte(leaf_hashes, 3)) where first = ${tailBlock}`,
    ),
    ['leaf_hash_damaged'],
  ],
  ['a missing block', sql('delete from blocks where first = 0'), ['block_missing'], 0],
  ['a missing block of a partial tile', sql(`delete from blocks where first = ${tailBlock}`), ['block_missing']],
  [
    'a block where another one is',
    sql(
      'insert into blocks select first + 1, 1, substring(leaf_hashes from 1 for 32), data from blocks where count > 8 order by first limit 1',
    ),
    ['block_damaged', 'block_unexpected', 'leaf_hash_damaged'],
  ],
  [
    'a flipped bit in a tile',
    sql('update tiles set hashes = set_byte(hashes, 8191, get_byte(hashes, 8191) # 1)'),
    ['tile_damaged'],
    0,
  ],
  ['a missing tile', sql('delete from tiles'), ['tile_missing'], 0],
  ['a tile that nothing requires', sql('insert into tiles select 1, 0, hashes from tiles'), ['tile_unexpected'], 0],
  [
    'a flipped bit in the root of a head',
    sql('update heads set root = set_byte(root, 0, get_byte(root, 0) # 1) where seq = 2'),
    ['head_root'],
    2,
  ],
  ['a missing head', sql('delete from heads where seq = 2'), ['head_missing'], 2],
  ['a head before its entries', sql('update heads set ts = ts - 3600000 where seq = 3'), ['head_order'], 3],
  ['a missing record', sql('delete from records where idx = 77'), ['record_missing'], 77],
  ['two records in one another’s place', swapRecords, ['record_damaged'], 5],
  [
    'a record with another statement',
    sql(
      'update records set statement = (select statement from records where idx = 9), statement8 = (select statement8 from records where idx = 9) where idx = 10',
    ),
    ['record_damaged', 'record_duplicate'],
    10,
  ],
  [
    'a prefix that is not its digest’s',
    sql('update records set identity8 = identity8 + 1 where idx = 12'),
    ['record_damaged'],
    12,
  ],
  [
    'a record of no entry',
    sql(
      `insert into records select ${SIZE}, statement, identity, leaf8, statement8, identity8 from records where idx = 0`,
    ),
    ['record_unexpected', 'record_duplicate'],
  ],
  [
    'another history in the last entry',
    (query) => rewriteEntry(query, SIZE - 1, (text) => text.replace(/"logged_at":\d/, '"logged_at":9'), true),
    ['head_root', 'head_order'],
  ],
  [
    'an entry that was logged before the one in front of it',
    (query) => rewriteEntry(query, SIZE - 1, (text) => text.replace(/"logged_at":\d+/, '"logged_at":1'), true),
    ['logged_at_order', 'head_root'],
  ],
  ['no private row of a sealed entry', sql('delete from sealed'), ['record_damaged'], SIZE - 2],
  [
    'a private row of another sealed entry',
    sql("update sealed set commitment = decode(repeat('5a', 32), 'hex')"),
    ['sealed_damaged'],
    SIZE - 2,
  ],
  ['no origin and key', sql('delete from log'), ['log_missing']],
];

async function swapRecords(query: Query): Promise<void> {
  await query(
    'create temp table kept as select * from records where idx in (5, 6); delete from records where idx in (5, 6)',
  );
  await query('update kept set idx = 11 - idx; insert into records select * from kept');
}

const nothing: Damage = async () => undefined;

describe('checkLog', () => {
  it('finds nothing in a log that is whole', async () => {
    const { findings, unchecked, size, root, tiles } = await checkDamaged(nothing);
    expect({ findings, unchecked, size, tiles }).toEqual({ findings: [], unchecked: [], size: SIZE, tiles: 1 });
    expect(checkpoint).toContain(Buffer.from(root!).toString('base64'));
  });

  it.each(DAMAGES.map(([what, damage, codes, at]) => ({ what, damage, codes, at })))(
    'finds $what',
    async ({ damage, codes, at }) => {
      const { findings } = await checkDamaged(damage);
      expect([...new Set(findings.map(({ code }) => code))].sort()).toEqual([...codes].sort());
      if (at !== undefined) expect(findings.some(({ first, last }) => first <= at && at <= last)).toBe(true);
    },
  );

  it('says what it could not check, where nothing tells the missing leaves', async () => {
    const { unchecked } = await checkDamaged(sql(`delete from blocks where first = ${tailBlock}`));
    expect(unchecked).toEqual([expect.stringContaining('roots and tiles beyond entry')]);
  });

  it('finds heads that were signed and are not contained', async () => {
    const root = new Uint8Array(32);
    const known = (size: number): KnownHead => ({ size, root, source: 'x', finding: 'guard_head' });
    const { findings } = await checkDamaged(nothing, [known(7), known(SIZE + 1)]);
    expect(findings.map(({ code, first }) => [code, first])).toEqual([
      ['guard_head', 7],
      ['guard_head', SIZE + 1],
    ]);
  });
});

describe('assent-log fsck', () => {
  const fsck = (url: string, ...args: string[]) =>
    runProgram(['fsck', '--data-dir', home.dataDir, ...args], { DATABASE_URL: url });

  it('ends with 0 and says what it checked; the guard and a checkpoint are contained', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'assent-fsck-'));
    const file = path.join(folder, 'checkpoint');
    writeFileSync(file, checkpoint);
    const { code, stdout, stderr } = await fsck(home.testDatabase.url, '--json', '--checkpoint', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'assent/fsck/v1',
      ok: true,
      origin: ORIGIN,
      size: SIZE,
      findings: [],
      unchecked: [],
    });
    writeFileSync(file, checkpoint.replace(`\n${SIZE}\n`, `\n${SIZE + 1}\n`));
    const forged = await fsck(home.testDatabase.url, '--checkpoint', file);
    expect(forged).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('is no checkpoint of') });
    rmSync(folder, { recursive: true });
  });

  it('ends with 1 and says what is damaged and what to do', async () => {
    const { rows } = await database.pool.query('select * from heads where seq = 1');
    await database.pool.query('update heads set root = $1 where seq = 1', [Buffer.alloc(32)]);
    const { code, stdout, stderr } = await fsck(home.testDatabase.url);
    await database.pool.query('update heads set root = $1 where seq = 1', [rows[0].root]);
    expect(code).toBe(1);
    expect(stdout).toContain('head_root 1: size 1 has the root');
    expect(stdout).toContain('The head does not have the root');
    expect(stderr).toContain('The log is damaged: 1 findings');
  });

  it('ends with 3 when it could not look', async () => {
    const { code, stdout } = await fsck('postgresql://127.0.0.1:1/x', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'assent/fsck/v1',
      ok: false,
      error: expect.stringContaining('DATABASE_URL'),
    });
    const absent = await runProgram(['fsck', '--data-dir', path.join(home.dataDir, 'nowhere')]);
    expect(absent).toMatchObject({ code: 3, stderr: expect.stringContaining('no embedded database') });
  });
});

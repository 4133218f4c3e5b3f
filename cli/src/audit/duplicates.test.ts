import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDuplicates } from './duplicates.ts';
import { type EntryNames, KEY_SIZE, writeDigestKey, writeTextKey } from './entry-names.ts';
import { RecordFile } from './record-file.ts';

const digest = (start: string, rest: string) => `sha256:${start.padEnd(16, '0')}${rest.padEnd(48, '0')}`;

async function duplicatesOf(kind: keyof EntryNames, names: readonly EntryNames[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-keys-'));
  const file = (await RecordFile.open(path.join(folder, 'keys'), KEY_SIZE, 0))!;
  for (const name of names) {
    const key = new Uint8Array(KEY_SIZE);
    if (kind === 'statement' && name.statement !== undefined)
      writeDigestKey(name.statement.replace(/^sealed /, ''), key, 0);
    if (kind === 'identity' && name.identity !== undefined) writeTextKey(name.identity, 1, key, 0);
    await file.append(key);
  }
  const read: number[] = [];
  const found = await findDuplicates(kind, file, folder, 99, async (index) => {
    read.push(index);
    return names[index]!;
  });
  await file.close();
  return { ...found, read };
}

describe('findDuplicates', () => {
  it('reads no entry again where all keys differ, or there are none', async () => {
    const names = [{ statement: digest('aa', '1') }, {}, {}, { statement: digest('ab', '1') }];
    expect(await duplicatesOf('statement', names)).toEqual({ findings: [], isCut: false, read: [] });
  });

  it('finds what is there again, each time', async () => {
    const again = { statement: digest('aa', '1') };
    const { findings } = await duplicatesOf('statement', [again, { statement: digest('bb', '') }, again, {}, again]);
    expect(findings.map(({ code, index, other }) => [code, index, other])).toEqual([
      ['statement_twice', 2, 0],
      ['statement_twice', 4, 0],
    ]);
  });

  it('takes no two statements for one whose keys were made to be equal', async () => {
    const { findings, read } = await duplicatesOf('statement', [
      { statement: digest('aa', '1') },
      { statement: digest('aa', '2') },
      { statement: digest('aa', '1') },
    ]);
    expect(read).toEqual([0, 1, 2]);
    expect(findings.map(({ index, other }) => [index, other])).toEqual([[2, 0]]);
  });

  it.each([
    ['sealed ', 'commitment_twice'],
    ['', 'statement_twice'],
  ])('tells statements and commitments apart (%j)', async (prefix, code) => {
    const name = { statement: prefix + digest('aa', '1') };
    expect((await duplicatesOf('statement', [name, name])).findings).toMatchObject([{ code, index: 1 }]);
  });

  it.each([
    ['approvals.example.com/req_1', 'identity_twice'],
    ['consumption of sha256:aa', 'consumed_twice'],
    ['trust root 2 after sha256:aa', 'trust_root_forked'],
  ])('names what it is that %s is there twice', async (identity, code) => {
    const names = [
      { statement: digest('aa', ''), identity },
      { statement: digest('bb', ''), identity },
    ];
    expect((await duplicatesOf('identity', names)).findings).toMatchObject([{ code, index: 1, other: 0 }]);
    // The same statement again was found by its statement.
    const same = { statement: digest('aa', ''), identity };
    expect((await duplicatesOf('identity', [same, same])).findings).toEqual([]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failedSync } from './cluster.ts';

const START = 'assent-log starts PostgreSQL; boot ';
const SAID = 'could not fdatasync file "000000010000000000000002": Invalid argument';
const PANIC = `2026-04-03 17:00:00.000 UTC [7] PANIC:  ${SAID}\n`;
const OTHER = '2026-04-03 17:00:00.000 UTC [7] LOG:  database system was shut down\n';

describe('failedSync', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'assent-cluster-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each<[string, string[], ReturnType<typeof failedSync>]>([
    [
      'a panic since the last start, and when that was',
      [`${START}a\n`, OTHER, PANIC, OTHER],
      { said: SAID, boot: 'a' },
    ],
    ['a panic under a version that did not write down its starts', [OTHER, PANIC], { said: SAID, boot: undefined }],
    ['a panic after a line that was cut off', ['2026-04-03 17:0', `${START}a\n`, PANIC], { said: SAID, boot: 'a' }],
    ['none before the last start', [`${START}a\n`, PANIC, `${START}b\n`, OTHER], undefined],
    ['none of another kind', [`${START}a\n`, '2026-04-03 [7] PANIC:  could not write to file "pg_wal"\n'], undefined],
    ['none in an empty file', [], undefined],
  ])('finds %s', (_, lines, expected) => {
    const file = join(folder, 'postgres.log');
    writeFileSync(file, lines.join(''));
    expect(failedSync(file)).toEqual(expected);
  });

  it('finds nothing where no server ever ran', () => {
    expect(failedSync(join(folder, 'postgres.log'))).toBeUndefined();
  });
});

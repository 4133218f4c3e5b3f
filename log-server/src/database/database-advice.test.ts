import { describe, expect, it } from 'vitest';
import { adviseOn, type ServerSettingFacts } from './database-advice.ts';

const MB = 2 ** 20;
const GOOD: ServerSettingFacts = {
  sharedBuffersBytes: 1_024 * MB,
  maxWalBytes: 8_192 * MB,
  walCompression: 'pglz',
  autovacuum: true,
  checksums: true,
  synchronousStandbys: '',
  standbys: { synchronous: 0, others: 0 },
  clockAheadMs: -10_000,
};

describe('adviseOn', () => {
  it('has nothing to say of a server that suits a log', () => {
    expect(adviseOn(GOOD)).toEqual([]);
    const two = { synchronousStandbys: 'ANY 1 (*)', standbys: { synchronous: 2, others: 0 } };
    expect(adviseOn({ ...GOOD, ...two })).toEqual([]);
    expect(adviseOn({ ...GOOD, standbys: undefined })).toEqual([]);
  });

  it.each<[string, Partial<ServerSettingFacts>, RegExp]>([
    ['asynchronous standbys', { standbys: { synchronous: 0, others: 1 } }, /can lose the newest entries/],
    ['standbys that are away', { synchronousStandbys: 's1' }, /none of them is connected/],
    ['one standby', { synchronousStandbys: 's1', standbys: { synchronous: 1, others: 0 } }, /There is one standby/],
    ['little memory', { sharedBuffersBytes: 128 * MB }, /shared_buffers is 128 MB/],
    ['checkpoints that come often', { maxWalBytes: 1_024 * MB }, /max_wal_size is 1024 MB/],
    ['WAL that is not compressed', { walCompression: 'off' }, /wal_compression is off/],
    ['no autovacuum', { autovacuum: false }, /autovacuum is off/],
    ['a clock that is behind', { clockAheadMs: -3_600_000 }, /clock is 3600 s behind this machine's/],
    ['a clock that is ahead', { clockAheadMs: 10_001 }, /clock is 10 s ahead of this machine's/],
    ['no checksums', { checksums: false }, /no data checksums/],
  ])('says one thing of %s', (_, change, words) => {
    expect(adviseOn({ ...GOOD, ...change })).toEqual([expect.stringMatching(words)]);
  });
});

import { createTestLog, createTestWitness } from '@assent/test-support';
import { describe, expect, it } from 'vitest';
import { pinnedLogKeys } from './stored-pins.ts';

const log = createTestLog({ origin: 'log.example.com' });
const other = createTestLog({ origin: 'log.elsewhere.example' });
const logPolicy = `log ${log.vkey}\nwitness w ${createTestWitness({ name: 'w.example/w' }).vkey}\nquorum w\n`;

describe('pinnedLogKeys', () => {
  it('reads keys that are pinned, by themselves or in a policy', () => {
    expect(pinnedLogKeys({})).toEqual([]);
    expect(pinnedLogKeys({ logKey: `${log.vkey}\n${other.vkey}` })).toEqual([log.vkey, other.vkey]);
    expect(pinnedLogKeys({ logPolicy })).toEqual([log.vkey]);
    expect(pinnedLogKeys({ logKey: other.vkey, logPolicy })).toEqual([other.vkey]);
  });

  it('takes nothing for a key that is none', () => {
    expect(pinnedLogKeys({ logKey: `nonsense\n${log.vkey}` })).toEqual([log.vkey]);
    expect(pinnedLogKeys({ logKey: 7, logPolicy: 'quorum' })).toEqual([]);
  });
});

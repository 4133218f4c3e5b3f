import { createTestLog } from '@assent/test-support/receipts';
import { createTestWitness } from '@assent/test-support/witnesses';
import { parseVkey } from '@assent/verifier';
import { expect, it } from 'vitest';
import { otherSigners } from './other-signers.ts';

const log = createTestLog({ origin: 'log.example.com' });
const next = createTestLog({ origin: 'log.example.com' });
const idOf = (vkey: string): string => vkey.split('+')[1]!;

it('names both keys where another one signed under the name of the log', () => {
  const said = otherSigners(next.checkpoint(), [log.vkey]);
  expect(said).toContain(`by key ${idOf(next.vkey)}, and the given one is ${idOf(log.vkey)}: if the log has changed`);
  const key = parseVkey(log.vkey);
  expect(key.ok && key.value.keyId.toString(16).padStart(8, '0')).toBe(idOf(log.vkey));
});

it('says nothing where there is nothing to say', () => {
  const stranger = createTestLog({ origin: 'log.example.org' });
  const witness = createTestWitness({ name: 'log.example.org' });
  for (const [note, keys] of [
    [log.checkpoint(), [log.vkey]],
    [log.checkpoint(), [next.vkey, log.vkey]],
    // Whose log it is, is another question.
    [stranger.checkpoint(), [log.vkey]],
    [witness.append(log.checkpoint()), [log.vkey]],
    [log.checkpoint(), []],
    ['no note', [log.vkey]],
    [log.signNote('no checkpoint\n'), [next.vkey]],
  ] as const) {
    expect(otherSigners(note, keys)).toBe('');
  }
});

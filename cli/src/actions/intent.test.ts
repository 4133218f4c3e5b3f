import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { IntentFlags } from '../commands/intent.ts';
import { intent } from './intent.ts';

const file = path.join(mkdtempSync(path.join(tmpdir(), 'assent-intent-')), 'i.json');
writeFileSync(file, '{"type":"assent/intent/v1"}');
const made = { action: 'payment.refund', connector: 'stripe/a' };

describe('assent intent ends', () => {
  it.each<[string, string | undefined, IntentFlags, string]>([
    ['without an action', undefined, {}, '--action and --connector'],
    ['with a file and flags', file, { action: 'a' }, 'not both'],
    ['with a file that holds none', file, {}, 'intent.action is missing'],
    ['with an action that is none', undefined, { ...made, action: 'Pay!' }, 'intent.action'],
    ['with a schema that is no digest', undefined, { ...made, schema: 'v2' }, 'intent.schema'],
    ['with a short salt', undefined, { ...made, salt: 'AAAA' }, 'shorter than 16 bytes'],
    ['with an argument without a value', undefined, { ...made, arg: ['amount'] }, 'NAME=VALUE'],
    ['with an argument twice', undefined, { ...made, arg: ['a=1', 'a=2'] }, 'given twice'],
    ['with arguments from two places', undefined, { ...made, arg: ['a=1'], args: file }, '--arg or --args'],
    ['with two forms of output', file, { canonical: true, json: true }, 'contradict'],
  ])('%s', async (_, argument, flags, words) => {
    await expect(intent(argument, flags)).rejects.toThrow(words);
  });
});

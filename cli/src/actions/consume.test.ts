import { describe, expect, it } from 'vitest';
import type { ConsumeFlags } from '../commands/consume.ts';
import { consume } from './consume.ts';

const flags: ConsumeFlags = { key: 'boundary.pem', timeout: 30, require: 'authorized', wait: 'signed' };
const log = 'http://localhost:1';

describe('assent consume ends', () => {
  it.each<[string, string, Partial<ConsumeFlags>, string]>([
    ['without --log and --offline', 'r.json', {}, '--offline to prepare it'],
    ['with both', 'r.json', { log, offline: true }, '--offline to prepare it'],
    ['where nothing was prepared', 'r.json', { offline: true, resume: true }, '--resume sends what --offline prepared'],
    ['with witnesses of no policy', 'r.json', { log, wait: 'witnessed' }, '--log-policy'],
    ['with standard input and no file for the attempt', '-', { offline: true }, '--attempt'],
    ['with an entry of a log and no file for the attempt', '7', { log }, '--attempt'],
    ['with standard input twice', '-', { log, intent: '-' }, 'given twice'],
  ])('%s', async (_, receipt, more, words) => {
    await expect(consume(receipt, { ...flags, ...more })).rejects.toThrow(words);
  });
});

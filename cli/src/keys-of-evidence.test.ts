import { generateKeyPairSync } from 'node:crypto';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { createTestLog } from '@assent/test-support/receipts';
import { utf8Encode } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommandFailure } from './failure.ts';
import { LogClient } from './http/log-client.ts';
import { withKeysOf } from './keys-of-evidence.ts';
import { parseLogUrl } from './log-url.ts';

const { privateKey } = generateKeyPairSync('ed25519');
let log: LyingLog;
let client: LogClient;
let oldKey: string;
let kept: { readonly receipt: string; readonly proof: string; readonly head: string };

beforeAll(async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  log = await startLyingLog({ size: 300, privateKey });
  oldKey = log.vkey;
  kept = { ...log.log.receipt(9), head: log.log.checkpoint() };
  log.rotate();
  log.grow(20);
  client = new LogClient(parseLogUrl(log.url), 10_000);
});

afterAll(async () => {
  vi.restoreAllMocks();
  await log.close();
});

const keysFor = async (kind: Parameters<typeof withKeysOf>[2], text: string, logKeys: readonly string[] = []) =>
  (await withKeysOf({ logKeys }, client, kind, utf8Encode(text))).logKeys;

describe('withKeysOf', () => {
  it('adds the retired key that signed, if the head of now extends what it signed', async () => {
    expect(await keysFor('receipt', kept.receipt)).toEqual([log.vkey, oldKey]);
    expect(await keysFor('tlog-proof', kept.proof)).toEqual([log.vkey, oldKey]);
    expect(await keysFor('checkpoint', kept.head)).toEqual([log.vkey, oldKey]);
  });

  it('asks for no tile where a key of now signed, or there is nothing to read', async () => {
    log.requests.length = 0;
    expect(await keysFor('receipt', log.log.receipt(9).receipt)).toEqual([log.vkey]);
    expect(await keysFor('receipt', 'no receipt')).toEqual([log.vkey]);
    expect(await keysFor('checkpoint', createTestLog({ origin: log.origin }).checkpoint())).toEqual([log.vkey]);
    expect(await keysFor('sth', '{}')).toEqual([log.vkey]);
    expect(new Set(log.requests)).toEqual(new Set(['api/v1/log']));
  });

  it('leaves what the user pins as it is, whatever the log says', async () => {
    log.requests.length = 0;
    expect(await keysFor('receipt', kept.receipt, [log.vkey])).toEqual([log.vkey]);
    expect(log.requests).toEqual([]);
  });

  it('refuses what the head of now does not extend: smaller, larger, or as large', async () => {
    const thief = createTestLog({ origin: log.origin, privateKey });
    for (const size of [1, 320, 321]) {
      while (thief.tree.size < size) thief.appendBytes(utf8Encode(String(thief.tree.size)));
      const failure = await keysFor('checkpoint', thief.checkpoint()).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CommandFailure);
      expect(failure).toMatchObject({ kind: 'forked', message: expect.stringContaining('It counts for nothing') });
    }
  });

  it('lets no key that counts for a receipt vouch for a use that a thief of it made up', async () => {
    const thief = createTestLog({ origin: log.origin, privateKey });
    thief.appendBytes(utf8Encode('a use'));
    const consumption = JSON.parse(thief.receipt(0).receipt);
    const receipt = JSON.stringify({ ...JSON.parse(kept.receipt), consumption });
    const failure = await keysFor('receipt', receipt).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(failure).toMatchObject({ kind: 'forked' });
  });

  it('takes no head of now that only the retired key signed', async () => {
    log.cosign = () => kept.head;
    const failure = await keysFor('receipt', kept.receipt).catch((error: unknown) => error);
    log.cosign = (checkpoint) => checkpoint;
    expect(failure).toMatchObject({ kind: 'log_misbehaves' });
  });

  it('answers for every key where two heads contradict each other', async () => {
    expect(await keysFor('misbehaviour', '{}')).toEqual([log.vkey, oldKey]);
  });
});

import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApproval, createConsumption, createServiceKey, type TestKey } from '@assent/test-support';
import { type Json, parseEnvelope, verifyEnvelope } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { newAttempt, readAttempt } from './attempt-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-attempt-'));
let count = 0;
const fresh = (): string => path.join(folder, `${count++}.json`);
const signer = (key: TestKey) => ({ publicKey: key.publicKey, sign: async (message: Uint8Array) => key.sign(message) });

const key = createServiceKey();
const approval = createApproval({ origin: 'log.example.com', serviceKey: createServiceKey() });
const consumer = {
  approval: approval.digest,
  intent: approval.statement.intent.digest,
  boundary: 'payments-gw-3',
  key: signer(key),
};

describe('an attempt', () => {
  it('is on disk, for its owner alone, and is read as it was made', async () => {
    const file = fresh();
    const made = await newAttempt(file, consumer);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await readAttempt(file, consumer)).toEqual(made);
    const envelope = parseEnvelope(JSON.parse(readFileSync(file, 'utf8')) as Json);
    expect(envelope.ok && (await verifyEnvelope(envelope.value)).ok).toBe(true);
  });

  it('is another one each time, and never takes the place of one that is there', async () => {
    const file = fresh();
    const first = await newAttempt(file, consumer);
    await expect(newAttempt(file, consumer)).rejects.toMatchObject({ kind: 'file_exists' });
    expect(await readAttempt(file, consumer)).toEqual(first);
    expect((await newAttempt(fresh(), consumer)).attempt).not.toBe(first.attempt);
  });

  it('is refused under a name that is none', async () => {
    await expect(newAttempt(fresh(), { ...consumer, boundary: 'the gateway' })).rejects.toMatchObject({
      kind: 'usage',
    });
  });

  const other = createApproval({ origin: 'log.example.com', serviceKey: createServiceKey() });
  it.each<[string, () => unknown, string]>([
    ['another approval', () => createConsumption({ approval: other, key }).envelope, 'its approval is another one'],
    [
      'another action',
      () => createConsumption({ approval, key, overrides: { intent: other.statement.intent.digest } }).envelope,
      'its intent is another one',
    ],
    [
      'another boundary',
      () => createConsumption({ approval, key, overrides: { boundary: 'gw-4' } }).envelope,
      'its boundary is another one',
    ],
    ["another's key", () => createConsumption({ approval, key: createServiceKey() }).envelope, 'another key signed it'],
    [
      'a signature that does not verify',
      () => ({
        ...createConsumption({ approval, key }).envelope,
        payload: createConsumption({ approval, key }).envelope.payload,
      }),
      'signature_invalid',
    ],
    [
      'an approval in its place',
      () => createApproval({ origin: 'log.example.com', serviceKey: key }).envelope,
      'it holds no consumption',
    ],
    ['something else', () => [1], 'it is no envelope'],
  ])('that is of %s is not gone on with', async (_, content, words) => {
    const file = fresh();
    writeFileSync(file, JSON.stringify(content()));
    await expect(readAttempt(file, consumer)).rejects.toThrow(words);
  });

  it('that is not there is not made up', async () => {
    await expect(readAttempt(fresh(), consumer)).rejects.toMatchObject({ kind: 'file_unreadable' });
  });
});

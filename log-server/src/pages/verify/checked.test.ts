import { generateKeyPairSync } from 'node:crypto';
import {
  createApproval,
  createAuthenticator,
  createConsumption,
  createServiceKey,
  createTestLog,
  type TestKey,
} from '@assent/test-support';
import { attachConsumption, type Consumption, type Statement } from '@assent/verifier';
import { expect, it } from 'vitest';
import { checkReceipt } from './checked.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const log = createTestLog({ privateKey });
const authenticator = createAuthenticator();
const boundary = createServiceKey();
const LOGGED = '2026-04-03T10:00:05.000Z';

type Setting = {
  readonly key?: TestKey;
  readonly consumption?: Partial<Consumption>;
  readonly use?: Statement['use'];
  readonly logKeys?: readonly string[];
  /** For the receipt of its use, if others. */
  readonly useKeys?: readonly string[];
};

/** What the page finds out of a receipt that brings along the receipt of its use. */
async function useOf(setting: Setting = {}) {
  const { key = boundary, consumption = {}, use = 'single', logKeys = [log.vkey], useKeys = logKeys } = setting;
  const approval = createApproval({
    origin: log.origin,
    authenticator,
    now: Date.parse(LOGGED) - 5_000,
    overrides: { use, boundaries: [boundary.publicKey.keyid] },
  });
  const { receipt } = log.append({ content: approval.envelope, loggedAt: Date.parse(LOGGED) - 4_000 });
  const used = log.append({
    kind: 'consumption',
    content: createConsumption({ approval, key, overrides: consumption }).envelope,
    loggedAt: Date.parse(LOGGED),
  });
  const attached = attachConsumption(receipt, used.receipt);
  if (!attached.ok) throw new Error(attached.detail);
  const asked = { receipt: attached.value, name: 'a receipt' };
  return (await checkReceipt(asked, { logKeys }, { logKeys: useKeys })).use;
}

it('knows of a use that the log holds, and by what name the one who used it calls itself', async () => {
  expect(await useOf()).toEqual({ kind: 'used', at: LOGGED, boundary: 'payments-gw-3' });
});

it.each<[string, Setting]>([
  ['by a key that the approval does not name', { key: createServiceKey() }],
  ['of another approval', { consumption: { approval: `sha256:${'0'.repeat(64)}` } }],
  ['of another action', { consumption: { intent: `sha256:${'0'.repeat(64)}` } }],
  ['in a log that is not trusted', { logKeys: [] }],
  ['in a head by a key that counts for the receipt alone', { useKeys: [] }],
])('takes a use %s for no more than a claim', async (_, setting) => {
  expect(await useOf(setting)).toEqual({ kind: 'claimed' });
});

it('takes a use for no more than a claim where both receipts together show that the log signed two trees of one size', async () => {
  const [shown, hidden] = [createTestLog({ privateKey }), createTestLog({ privateKey })];
  const approval = createApproval({
    origin: log.origin,
    authenticator,
    overrides: { boundaries: [boundary.publicKey.keyid] },
  });
  const use = { kind: 'consumption', content: createConsumption({ approval, key: boundary }).envelope } as const;
  shown.append({ content: approval.envelope });
  shown.append({ content: createApproval({ origin: log.origin, authenticator }).envelope });
  hidden.appendBytes(shown.receipt(0).entry);
  const used = hidden.append(use).receipt;
  const options = { logKeys: [log.vkey] };
  const kindOf = async (receipt: string) => {
    const attached = attachConsumption(receipt, used);
    if (!attached.ok) throw new Error(attached.detail);
    return (await checkReceipt({ receipt: attached.value, name: 'a receipt' }, options)).use.kind;
  };
  expect(await kindOf(hidden.receipt(0).receipt)).toBe('used');
  expect(await kindOf(shown.receipt(0).receipt)).toBe('claimed');
});

it('asks nothing about the use of an approval for many', async () => {
  expect(await useOf({ use: 'multiple' })).toEqual({ kind: 'unknown' });
});

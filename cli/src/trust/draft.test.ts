import type { TestKey } from '@assent/test-support';
import {
  createAuthenticator,
  createServiceKey,
  createTrustVersion,
  keyApprover,
  passkeyApprover,
  type TestTrustVersion,
} from '@assent/test-support';
import { type JsonObject, preAuthEncoding, TRUST_ROOT_PAYLOAD_TYPE } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { completeVersion } from './complete.ts';
import { draftVersion, type TrustContent, type TrustDraft, withSignature } from './draft.ts';
import { formatDraft, parseDraft } from './draft-document.ts';
import { refuseOlderBase } from './extends.ts';
import { NO_MEMBERS } from './members.ts';
import { mergeDraft } from './merge-draft.ts';
import { rootKeys, rotateRoot } from './root-keys.ts';
import { rootAdvice, signingProgress } from './signatures.ts';
import { verifyVersions } from './versions.ts';

const [a, b, c, d] = [createServiceKey(), createServiceKey('es256'), createServiceKey(), createServiceKey()];
const alice = createAuthenticator();
const members = { ...NO_MEMBERS, approvers: new Map([passkeyApprover(alice, 'alice@example.com')]) };
const keysOf = (keys: readonly TestKey[], threshold: number) =>
  rootKeys(
    keys.map(({ publicKey }) => publicKey),
    threshold,
  );
const content = (more: Partial<TrustContent> = {}): TrustContent => ({
  name: 'acme.example',
  issued_at: '2026-04-03T17:00:00.000Z',
  expires_at: '2026-07-03T17:00:00.000Z',
  root: keysOf([a, b, c], 2),
  members,
  ...more,
});
const signed = (draft: TrustDraft, ...keys: readonly TestKey[]): TrustDraft =>
  keys.reduce(
    (now, { publicKey, sign }) =>
      withSignature(now, { publicKey, sig: sign(preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, now.payload)) }),
    draft,
  );
const reread = (draft: TrustDraft) => parseDraft(JSON.parse(formatDraft(draft)) as JsonObject, 'draft.json');
const versionsOf = (...items: readonly TestTrustVersion[]) =>
  verifyVersions(
    items.map(({ item }) => item),
    'versions.json',
  );
async function codeOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return error.extras.checks?.[0]?.code ?? error.kind;
  }
}

const V1_AT = Date.parse('2026-04-01T00:00:00.000Z');
const v1 = createTrustVersion({
  rootKeys: [a, b, c],
  threshold: 2,
  members,
  issuedAt: V1_AT,
});

describe('a draft', () => {
  it('is read as it was written, signed or not', async () => {
    const first = draftVersion(undefined, content());
    expect(await reread(first)).toEqual(first);
    const next = signed(draftVersion(await versionsOf(v1), content({ root: keysOf([a, d], 1) })), a);
    const again = await reread(next);
    expect(again).toMatchObject({
      digest: next.digest,
      members: next.members,
      trustRoot: { version: 2, previous: v1.digest },
    });
    expect(again.signatures.map(({ publicKey }) => publicKey.keyid)).toEqual([a.publicKey.keyid]);
  });

  it('commits to its members with a salt of its own', () => {
    const [one, two] = [draftVersion(undefined, content()), draftVersion(undefined, content())];
    expect(one.trustRoot.members).not.toBe(two.trustRoot.members);
  });

  it('becomes a version that verifiers take, with enough signatures and not before', async () => {
    const draft = draftVersion(undefined, content());
    expect(await codeOf(() => completeVersion(draft, 'f'))).toBe('usage');
    expect(await codeOf(() => completeVersion(signed(draft, a), 'f'))).toBe('usage');
    const version = await completeVersion(signed(draft, a, b), 'f');
    expect(version).toMatchObject({ number: 1, digest: draft.digest });
    const before = await verifyVersions(version.items, 'f');
    const second = draftVersion(before, content({ issued_at: '2026-04-04T00:00:00.000Z', root: keysOf([c, d], 2) }));
    expect(await codeOf(() => completeVersion(signed(second, c, d), 'f'))).toBe('usage');
    const items = (await completeVersion(signed(second, a, c, d), 'f')).items;
    expect((await verifyVersions(items, 'f')).verified.chain.versions).toHaveLength(2);
  });
});

describe('copies of a draft', () => {
  const names = { first: 'alice.json', file: 'bob.json' };

  it('are merged into one with the signatures of all, each signer once', async () => {
    const draft = draftVersion(undefined, content());
    const [first, second] = [await reread(signed(draft, a, c)), await reread(signed(draft, b, a))];
    const merged = mergeDraft(first, second, names);
    expect(merged.signatures.map(({ publicKey }) => publicKey.keyid)).toEqual([
      ...first.signatures.map(({ publicKey }) => publicKey.keyid),
      b.publicKey.keyid,
    ]);
    expect(await reread(merged)).toMatchObject({ digest: draft.digest });
    expect(await completeVersion(merged, 'f')).toMatchObject({ digest: draft.digest });
    expect(mergeDraft(merged, draft, names)).toEqual(merged);
  });

  it('are of exactly one draft', async () => {
    const [one, two] = [signed(draftVersion(undefined, content()), a), signed(draftVersion(undefined, content()), b)];
    expect(await codeOf(() => mergeDraft(one, two, names))).toBe('bad_value');
    // After the same version 1, which other people signed.
    const [by, resigned] = [
      [a, b],
      [b, c],
    ].map((signers) =>
      createTrustVersion({
        rootKeys: [a, b, c],
        threshold: 2,
        members,
        issuedAt: V1_AT,
        salt: new Uint8Array(32),
        signers,
      }),
    );
    expect(by!.digest).toBe(resigned!.digest);
    const next = draftVersion(await versionsOf(by!), content());
    const other = { ...next, before: await versionsOf(resigned!) };
    expect(await codeOf(() => mergeDraft(next, other, names))).toBe('bad_value');
    expect(mergeDraft(next, await reread(next), names)).toEqual(next);
  });
});

describe('what is not drafted', () => {
  it.each<[string, string, (before: Awaited<ReturnType<typeof versionsOf>>) => unknown]>([
    [
      'a version that is issued before the one before it',
      'trust_history_changed',
      (before) => draftVersion(before, content({ issued_at: '2026-03-01T00:00:00.000Z' })),
    ],
    [
      'one that drops a key',
      'trust_history_changed',
      (before) => draftVersion(before, content({ members: NO_MEMBERS })),
    ],
    [
      'one that gives a key to another',
      'trust_history_changed',
      (before) =>
        draftVersion(
          before,
          content({ members: { ...NO_MEMBERS, approvers: new Map([passkeyApprover(alice, 'mallory@example.com')]) } }),
        ),
    ],
    [
      'one that expires before it is issued',
      'usage',
      () => draftVersion(undefined, content({ expires_at: '2026-01-01T00:00:00.000Z' })),
    ],
    ['a name that is none', 'usage', () => draftVersion(undefined, content({ name: 'acme & co' }))],
    [
      'a role that is none',
      'usage',
      () =>
        draftVersion(
          undefined,
          content({
            members: { ...NO_MEMBERS, approvers: new Map([keyApprover(a, 'alice', { roles: ['the boss'] })]) },
          }),
        ),
    ],
    ['a threshold above the number of keys', 'usage', () => keysOf([a, b], 3)],
    ['one root key twice', 'usage', () => keysOf([a, a], 1)],
    ['the removal of somebody else', 'usage', () => rotateRoot(keysOf([a, b], 1), [], [c.publicKey.keyid], undefined)],
    [
      'a rotation that leaves too few',
      'usage',
      () => rotateRoot(keysOf([a, b], 2), [], [a.publicKey.keyid], undefined),
    ],
  ])('%s', async (_, code, make) => {
    const before = await versionsOf(v1);
    expect(await codeOf(() => make(before))).toBe(code);
  });
});

describe('a draft that was tampered with is refused:', () => {
  const draft = signed(draftVersion(undefined, content()), a);
  const document = () =>
    JSON.parse(formatDraft(draft)) as Record<string, unknown> & { signatures: Record<string, unknown>[] };
  const other = JSON.parse(formatDraft(draftVersion(undefined, content({ name: 'evil.example' })))) as Record<
    string,
    unknown
  >;
  const stranger = signed({ ...draft, signatures: [] }, createServiceKey());

  it.each<[string, string, () => unknown]>([
    [
      'other members',
      'commitment_mismatch',
      () => ({ ...document(), members: { approvers: {}, services: {}, boundaries: {}, policies: {} } }),
    ],
    ['another salt', 'commitment_mismatch', () => ({ ...document(), salt: other.salt })],
    [
      'another payload under the signatures',
      'signature_invalid',
      () => ({ ...document(), payload: other.payload, members: other.members, salt: other.salt }),
    ],
    ['a payload that is none', 'file_malformed', () => ({ ...document(), payload: '*' })],
    ['a signature by nobody who has a say', 'wrong_signer', () => JSON.parse(formatDraft(stranger))],
    [
      'one signature twice',
      'signatures_unsorted',
      () => ({ ...document(), signatures: [...document().signatures, ...document().signatures] }),
    ],
    [
      'a signature that is none',
      'signature_malformed',
      () => ({ ...document(), signatures: document().signatures.map((signature) => ({ ...signature, sig: 'AAAA' })) }),
    ],
    ['a member more', 'file_malformed', () => ({ ...document(), note: 'sign quickly' })],
    ['signatures in no list', 'file_malformed', () => ({ ...document(), signatures: {} })],
    ['versions that are none', 'file_malformed', () => ({ ...document(), versions: [{}] })],
    ['other versions before it', 'trust_chain_broken', () => ({ ...document(), versions: [v1.item] })],
  ])('%s', async (_, code, make) => {
    expect(await codeOf(() => parseDraft(make() as JsonObject, 'draft.json'))).toBe(code);
  });

  it('a later version without those before it', async () => {
    const next = draftVersion(await versionsOf(v1), content());
    const alone = { ...(JSON.parse(formatDraft(next)) as JsonObject), versions: [] };
    expect(await codeOf(() => parseDraft(alone, 'draft.json'))).toBe('file_malformed');
  });
});

describe('signing', () => {
  it('counts who has a key in both versions for both', async () => {
    const before = await versionsOf(v1);
    const missing = (draft: TrustDraft) => signingProgress(draft).missing;
    const same = draftVersion(before, content());
    expect([missing(same), missing(signed(same, a)), missing(signed(same, a, b))]).toEqual([2, 1, 0]);
    const handedOver = draftVersion(before, content({ root: keysOf([c, d], 2) }));
    expect(missing(handedOver)).toBe(3);
    expect(missing(signed(handedOver, c))).toBe(2);
    expect(missing(signed(handedOver, a, b))).toBe(2);
    expect(signingProgress(signed(handedOver, a, c))).toMatchObject({
      roots: [
        { version: 2, signed: 1, threshold: 2 },
        { version: 1, signed: 2, threshold: 2 },
      ],
      missing: 1,
    });
    const strangers = draftVersion(before, content({ root: keysOf([d], 1) }));
    expect(missing(strangers)).toBe(3);
  });

  it('is of a draft that comes after every version that its signer has', async () => {
    const v2 = createTrustVersion({ previous: v1 });
    const fork = createTrustVersion({ previous: v1, issuedAt: Date.parse('2026-04-02T00:00:00.000Z') });
    const draft = draftVersion(await versionsOf(v1, v2), content());
    refuseOlderBase(draft, await versionsOf(v1));
    refuseOlderBase(draft, await versionsOf(v1, v2));
    const again = draftVersion(await versionsOf(v1), content());
    expect(await codeOf(async () => refuseOlderBase(again, await versionsOf(v1, v2)))).toBe('trust_chain_broken');
    expect(await codeOf(async () => refuseOlderBase(draft, await versionsOf(v1, fork)))).toBe('trust_forked');
    const first = draftVersion(undefined, content());
    expect(await codeOf(async () => refuseOlderBase(first, await versionsOf(v1)))).toBe('trust_chain_broken');
  });

  it('has room for 16', () => {
    const draft = draftVersion(undefined, content());
    const keys = Array.from({ length: 16 }, () => createServiceKey());
    expect(() => signed(draft, ...keys, createServiceKey())).toThrow('16 signatures');
  });

  it('comes with advice about thresholds that will be regretted', () => {
    const advice = (root: TrustContent['root']) => rootAdvice(draftVersion(undefined, content({ root })));
    expect(advice(keysOf([a, b, c], 2))).toEqual([]);
    expect(advice(keysOf([a], 1))).toEqual([expect.stringContaining('one root key')]);
    expect(advice(keysOf([a, b], 1))).toEqual([expect.stringContaining('threshold is 1')]);
    expect(advice(keysOf([a, b], 2))).toEqual([expect.stringContaining('all 2 root keys')]);
    const busy = content({ members: { ...NO_MEMBERS, approvers: new Map([keyApprover(c, 'carol')]) } });
    expect(rootAdvice(draftVersion(undefined, busy))).toEqual([expect.stringContaining(c.publicKey.keyid)]);
  });
});

import {
  createAuthenticator,
  createServiceKey,
  createTrustVersion,
  keyApprover,
  passkeyApprover,
  trustedBoundary,
  trustedService,
} from '@assent/test-support';
import { preAuthEncoding, TRUST_ROOT_PAYLOAD_TYPE } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { draftVersion, withSignature } from './draft.ts';
import { retire } from './members.ts';
import { rootKeys } from './root-keys.ts';
import { trustText } from './trust-text.ts';
import { viewTrustFile } from './trust-view.ts';
import { verifyVersions } from './versions.ts';

const DAY = 86_400_000;
const issuedAt = Date.parse('2026-04-01T00:00:00.000Z');
const [a, b] = [createServiceKey(), createServiceKey()];
const members = {
  approvers: new Map([
    passkeyApprover(createAuthenticator(), 'alice'),
    keyApprover(createServiceKey(), 'bob', { roles: [] }),
  ]),
  services: new Map([
    trustedService(createServiceKey(), { attests: new Map([['alice', ['finance']]]), methods: ['totp'] }),
  ]),
  boundaries: new Map([trustedBoundary(createServiceKey(), 'gw', { valid_until: '2026-04-02T00:00:00.000Z' })]),
  policies: new Map([
    [`sha256:${'a'.repeat(64)}`, { valid_from: '2026-01-01T00:00:00.000Z', valid_until: '2026-03-01T00:00:00.000Z' }],
  ]),
};
const v1 = createTrustVersion({ rootKeys: [a, b], threshold: 1, signers: [a], members, issuedAt });
const v2 = createTrustVersion({
  previous: v1,
  signers: [b],
  members: retire(members, 'alice', '2026-04-03T00:00:00.000Z'),
  issuedAt: issuedAt + DAY,
});
const versions = await verifyVersions([v2.item, v1.item], 'f');
const file = { kind: 'versions', versions } as const;
const plain = (_: unknown, text: string): string => text;

describe('a view of versions', () => {
  it('is of the newest, whatever their order, and says what it changed', () => {
    const { view } = viewTrustFile(file, undefined);
    expect(view).toMatchObject({
      root_id: v1.digest,
      version: 2,
      draft: false,
      digest: v2.digest,
      root: { threshold: 1, signed_by: [b.publicKey.keyid] },
    });
    expect(view.changes).toMatchObject([{ what: 'retired', of: 'approver', name: 'alice' }]);
    expect(view.versions.map(({ version, digest }) => [version, digest])).toEqual([
      [1, v1.digest],
      [2, v2.digest],
    ]);
  });

  it('is of another one that is asked for, and of none that is not there', () => {
    const { view } = viewTrustFile(file, 1);
    expect([view.version, view.root.signed_by, view.changes.length]).toEqual([1, [a.publicKey.keyid], 2 + 5]);
    expect(() => viewTrustFile(file, 3)).toThrow('versions 1 to 2');
  });

  it('is of a draft, and of the versions before it', () => {
    const root = rootKeys([a.publicKey, b.publicKey], 2);
    const draft = draftVersion(versions, {
      ...v2.trustRoot,
      root,
      members: v2.members,
      issued_at: '2026-05-01T00:00:00.000Z',
    });
    const sig = a.sign(preAuthEncoding(TRUST_ROOT_PAYLOAD_TYPE, draft.payload));
    const signed = { kind: 'draft', draft: withSignature(draft, { publicKey: a.publicKey, sig }) } as const;
    expect(viewTrustFile(signed, undefined).view).toMatchObject({
      version: 3,
      draft: true,
      signatures: { missing: 1 },
      changes: [{ of: 'threshold' }],
    });
    expect(viewTrustFile(signed, 2).view).toMatchObject({ version: 2, draft: false });
    expect(() => viewTrustFile(signed, 4)).toThrow('versions 1 to 3');
    const text = trustText(viewTrustFile(signed, undefined), plain, issuedAt);
    expect(text).toContain('draft of version 3 of acme.example');
    expect(text).toContain(`missing: 1 of these: ${b.publicKey.keyid}`);
    expect(text).toContain(`${a.publicKey.keyid} (signed this one)`);
    expect(text).toContain('(not yet)');
  });
});

describe('a view for people', () => {
  it('says who may do what, and what is over', () => {
    const text = trustText(viewTrustFile(file, undefined), plain, issuedAt + 2 * DAY);
    for (const words of [
      'version 2 of acme.example',
      '1 of these 2:',
      'alice as finance, passkey of localhost at https://localhost',
      'retired at 2026-04-03T00:00:00.000Z: what was logged before still counts',
      'bob without roles, key without a passkey',
      'attests alice as finance, by totp',
      'until 2026-04-02T00:00:00.000Z (over)',
      'until 2026-03-01T00:00:00.000Z (over)',
      'What changed since version 1',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain('EXPIRED');
    expect(trustText(viewTrustFile(file, undefined), plain, issuedAt + 1000 * DAY)).toContain('EXPIRED');
  });
});

/** Cases of trust roots: trust-root (one version's payload, and chains), trust-members. */
import { signTrustRoot } from '@assent/test-support/trust-roots';
import {
  canonicalBytes,
  canonicalJson,
  formatTime,
  formatTrustMembers,
  hexEncode,
  type JsonObject,
  sha256,
  type TrustMembers,
} from '@assent/verifier';
import { bytes, text, vectorFile } from '../cases.ts';
import { passkey, rsaKey, seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';
import { always, ISSUED, members, rootKeys, stranger, trustVersion, version1 } from '../world.ts';

type Members = Readonly<Record<string, unknown>>;

function changed(document: JsonObject, changes: Members): JsonObject {
  return JSON.parse(JSON.stringify({ ...document, ...changes }));
}

export function trustRootCases(): VectorFile {
  const about =
    'Trust roots. `parse` reads the payload of one version and gives its digest; `verify` joins versions from a pinned root id up.';
  return vectorFile('trust-root', about, ({ good, bad }) => {
    const payload: JsonObject = JSON.parse(Buffer.from(version1.payload).toString());
    const root = payload.root as JsonObject;
    const of = (changes: Members) => text(canonicalJson(changed(payload, changes)));
    good('version 1', 'parse', { payload: bytes(version1.payload) }, version1.digest);
    const next = { version: 2, previous: version1.digest };
    good(
      'version 2',
      'parse',
      { payload: of(next) },
      `sha256:${hexEncode(sha256(canonicalBytes(changed(payload, next))))}`,
    );
    const bads: readonly [string, Members, string][] = [
      ['another type', { type: 'assent/trust-root/v2' }, 'unsupported'],
      ['version 0', { version: 0 }, 'bad_value'],
      ['version 1 after another', { previous: version1.digest }, 'unknown_member'],
      ['version 2 after none', { version: 2 }, 'missing_member'],
      ['it expires when it is issued', { expires_at: payload.issued_at }, 'bad_value'],
      ['a threshold of 0', { root: { ...root, threshold: 0 } }, 'bad_value'],
      ['a threshold beyond the keys', { root: { ...root, threshold: 3 } }, 'bad_value'],
      ['a threshold of 9', { root: { ...root, threshold: 9 } }, 'bad_value'],
      ['a threshold as text', { root: { ...root, threshold: '2' } }, 'wrong_type'],
      [
        'a key under another keyid',
        { root: { ...root, keys: { [`sha256:${'0'.repeat(64)}`]: Object.values(root.keys as JsonObject)[0] } } },
        'keyid_mismatch',
      ],
      ['an RSA key', { root: { threshold: 1, keys: keyOf(rsaKey('rsa-2048').publicKey) } }, 'key_unsupported'],
      [
        'a key that is none',
        { root: { threshold: 1, keys: { [`sha256:${'0'.repeat(64)}`]: 'AAAA' } } },
        'key_unsupported',
      ],
      ['members that are no digest', { members: {} }, 'wrong_type'],
      ['a name with a space', { name: 'a b' }, 'bad_identifier'],
      ['a member more', { comment: '' }, 'unknown_member'],
    ];
    for (const [name, changes, code] of bads) bad(name, 'parse', { payload: of(changes) }, code);
    bad('not canonical', 'parse', { payload: text(JSON.stringify(payload, undefined, 1)) }, 'json_not_canonical');

    const said = (...versions: readonly (typeof version1)[]) =>
      versions.map(({ trustRoot, digest }) => ({ version: trustRoot.version, digest }));
    const version2 = trustVersion({ previous: version1 });
    const version3 = trustVersion({ previous: version2, rootKeys: [signingKey('root 3')] });
    const verify = (versions: readonly JsonObject[], rootId = version1.digest): JsonObject => ({
      root_id: rootId,
      versions,
    });
    good('a chain of one', 'verify', verify([version1.item]), said(version1));
    good(
      'a chain of three, with other root keys in the last',
      'verify',
      verify([version1, version2, version3].map(({ item }) => item)),
      said(version1, version2, version3),
    );
    good(
      'in another order, and one of them twice',
      'verify',
      verify([version2, version1, version2].map(({ item }) => item)),
      said(version1, version2),
    );
    const one = trustVersion({ threshold: 1, signers: [rootKeys[0]!] });
    good('one of two, where one is enough', 'verify', verify([one.item], one.digest), said(one));
    bad('no version', 'verify', verify([]), 'trust_chain_broken');
    bad('another root id', 'verify', verify([version1.item], version2.digest), 'trust_chain_broken');
    bad('the first version is missing', 'verify', verify([version2.item]), 'trust_chain_broken');
    bad('a version in between is missing', 'verify', verify([version1.item, version3.item]), 'trust_chain_broken');
    const stray = trustVersion({ previous: version1, overrides: { previous: version2.digest } });
    bad(
      'a version after another one than it says',
      'verify',
      verify([version1.item, stray.item]),
      'trust_chain_broken',
    );
    const fork = trustVersion({ previous: version1, salt: seeded('another salt') });
    bad('two versions 2', 'verify', verify([version1.item, version2.item, fork.item]), 'trust_forked');
    const lone = trustVersion({ signers: [rootKeys[0]!] });
    bad('one of two, where two are needed', 'verify', verify([lone.item], lone.digest), 'threshold_not_met');
    const seized = trustVersion({ previous: version1, rootKeys: [stranger], signers: [stranger] });
    bad(
      'new root keys that the old ones did not hand over to',
      'verify',
      verify([version1.item, seized.item]),
      'threshold_not_met',
    );
    const unshown = trustVersion({ previous: version1, rootKeys: [stranger], signers: rootKeys });
    bad('new root keys that did not sign', 'verify', verify([version1.item, unshown.item]), 'threshold_not_met');
    const withStranger = trustVersion({ signers: [...rootKeys, stranger] });
    bad('signed by a stranger too', 'verify', verify([withStranger.item], withStranger.digest), 'wrong_signer');
    const early = trustVersion({ previous: version1, issuedAt: Date.parse(version1.trustRoot.issued_at) });
    bad('issued no later than the one before', 'verify', verify([version1.item, early.item]), 'trust_history_changed');
    const forged = {
      ...version1.item,
      envelope: signTrustRoot(version1.payload, [
        rootKeys[0]!,
        { ...rootKeys[1]!, sign: () => rootKeys[1]!.sign(Buffer.from('x')) },
      ]),
    };
    bad('a signature that does not verify', 'verify', verify([forged]), 'signature_invalid');
    bad(
      'members that are not those committed to',
      'verify',
      verify([{ ...version1.item, members: changed(version1.item.members as JsonObject, { policies: {} }) }]),
      'commitment_mismatch',
    );
    bad('another salt', 'verify', verify([{ ...version1.item, salt: version2.item.salt! }]), 'commitment_mismatch');
    bad('no salt', 'verify', verify([changed(version1.item, { salt: undefined })]), 'missing_member');
    bad(
      'a member more beside envelope, members and salt',
      'verify',
      verify([{ ...version1.item, comment: '' }]),
      'unknown_member',
    );

    const rewritten = (name: string, before: Partial<TrustMembers>, after: Partial<TrustMembers>, code?: string) => {
      const first = trustVersion({ members: { ...members, ...before } });
      const second = trustVersion({ previous: first, members: { ...members, ...after } });
      const input = verify([first.item, second.item], first.digest);
      if (code === undefined) good(name, 'verify', input, said(first, second));
      else bad(name, 'verify', input, code);
    };
    const keyid = version1.members.approvers.keys().next().value!;
    const approver = members.approvers.get(keyid)!;
    const withApprover = (more: Partial<typeof approver>) => ({
      approvers: new Map([...members.approvers, [keyid, { ...approver, ...more }]]),
    });
    const retired = (at: number) => withApprover({ revoked: { reason: 'retired', at: formatTime(at) } });
    const compromised = (at: number, since: number) =>
      withApprover({ revoked: { reason: 'compromised', at: formatTime(at), since: formatTime(since) } });
    const without = { approvers: new Map([...members.approvers].filter(([id]) => id !== keyid)) };
    rewritten('a key is added', without, {});
    rewritten('other roles', {}, withApprover({ roles: [] }));
    rewritten('a key is retired', {}, retired(ISSUED));
    rewritten('a retired key was stolen before', retired(ISSUED), compromised(ISSUED + 1000, ISSUED - 1000));
    rewritten(
      'a key was stolen earlier than was known',
      compromised(ISSUED, ISSUED - 1000),
      compromised(ISSUED, ISSUED - 2000),
    );
    rewritten('a key is dropped', {}, without, 'trust_history_changed');
    rewritten('another holder', {}, withApprover({ holder: 'mallory@example.com' }), 'trust_history_changed');
    rewritten(
      'another start of validity',
      {},
      withApprover({ valid_from: '2019-01-01T00:00:00.000Z' }),
      'trust_history_changed',
    );
    rewritten('a retirement is undone', retired(ISSUED), {}, 'trust_history_changed');
    rewritten('a retirement at another time', retired(ISSUED), retired(ISSUED + 1), 'trust_history_changed');
    rewritten(
      'a retired key was stolen after',
      retired(ISSUED),
      compromised(ISSUED + 2000, ISSUED + 1000),
      'trust_history_changed',
    );
    rewritten(
      'a stolen key becomes a retired one',
      compromised(ISSUED, ISSUED),
      retired(ISSUED),
      'trust_history_changed',
    );
    rewritten(
      'a key was stolen later than was said',
      compromised(ISSUED, ISSUED - 2000),
      compromised(ISSUED, ISSUED - 1000),
      'trust_history_changed',
    );
  });
}

function keyOf({ keyid, spki }: { readonly keyid: string; readonly spki: Uint8Array }): JsonObject {
  return { [keyid]: Buffer.from(spki).toString('base64') };
}

export function trustMembersCases(): VectorFile {
  const about =
    'Members of a trust root: whose keys these are. `result` has the keyids and policy digests, in their order.';
  return vectorFile('trust-members', about, ({ good, bad }) => {
    const document = formatTrustMembers(members);
    const { approvers, services, boundaries, policies } = document as { readonly [name: string]: JsonObject };
    const names = (map: JsonObject) => Object.keys(map);
    good(
      'approvers, a service, a boundary, a policy',
      'parse',
      { members: document },
      {
        approvers: names(approvers!),
        services: names(services!),
        boundaries: names(boundaries!),
        policies: names(policies!),
      },
    );
    const empty = { approvers: {}, services: {}, boundaries: {}, policies: {} };
    good('nobody', 'parse', { members: empty }, { approvers: [], services: [], boundaries: [], policies: [] });
    const [first] = names(approvers!) as [string];
    const passkeyEntry = approvers![first] as JsonObject;
    const withApprover = (changes: Members) => ({
      members: { ...empty, approvers: { [first]: changed(passkeyEntry, changes) } },
    });
    const only = { approvers: [first], services: [], boundaries: [], policies: [] };
    good('somebody without roles', 'parse', withApprover({ roles: [] }), only);
    good(
      'a retired key',
      'parse',
      withApprover({ revoked: { reason: 'retired', at: '2026-01-01T00:00:00.000Z' } }),
      only,
    );
    good(
      'a stolen key',
      'parse',
      withApprover({
        revoked: { reason: 'compromised', at: '2026-01-02T00:00:00.000Z', since: '2026-01-01T00:00:00.000Z' },
      }),
      only,
    );
    const bads: readonly [string, JsonObject, string][] = [
      ['a map is missing', { members: changed(empty, { policies: undefined }) }, 'missing_member'],
      ['a member more', { members: { ...empty, admins: {} } }, 'unknown_member'],
      [
        'a key under another keyid',
        { members: { ...empty, approvers: { [`sha256:${'0'.repeat(64)}`]: passkeyEntry } } },
        'keyid_mismatch',
      ],
      ['a keyid that is none', { members: { ...empty, approvers: { alice: passkeyEntry } } }, 'bad_value'],
      [
        'a key in two maps',
        {
          members: {
            ...document,
            boundaries: {
              ...boundaries,
              [names(services!)[0]!]: {
                publicKey: (services![names(services!)[0]!] as JsonObject).publicKey!,
                name: 'x',
                ...always,
              },
            },
          },
        },
        'bad_value',
      ],
      ['a kind that there is not', withApprover({ kind: 'person' }), 'bad_value'],
      ['a passkey without origins', withApprover({ origins: undefined }), 'missing_member'],
      ['a key with origins', withApprover({ kind: 'key' }), 'unknown_member'],
      ['a role twice', withApprover({ roles: ['finance', 'finance'] }), 'bad_value'],
      ['a role with a space', withApprover({ roles: ['a b'] }), 'bad_identifier'],
      ['a holder with a space', withApprover({ holder: 'Alice Example' }), 'bad_identifier'],
      ['no start of validity', withApprover({ valid_from: undefined }), 'missing_member'],
      ['validity ends when it starts', withApprover({ valid_until: always.valid_from }), 'bad_value'],
      [
        'a retired key with a since',
        withApprover({
          revoked: { reason: 'retired', at: '2026-01-02T00:00:00.000Z', since: '2026-01-01T00:00:00.000Z' },
        }),
        'unknown_member',
      ],
      [
        'a stolen key without a since',
        withApprover({ revoked: { reason: 'compromised', at: '2026-01-02T00:00:00.000Z' } }),
        'missing_member',
      ],
      [
        'stolen after it was known',
        withApprover({
          revoked: { reason: 'compromised', at: '2026-01-01T00:00:00.000Z', since: '2026-01-02T00:00:00.000Z' },
        }),
        'bad_value',
      ],
      ['a key that is not base64', withApprover({ publicKey: 'key' }), 'bad_base64'],
      ['a key that is none', withApprover({ publicKey: 'AAAA' }), 'key_unsupported'],
      [
        'an RSA key without a passkey',
        {
          members: {
            ...empty,
            approvers: {
              [rsaKey('rsa-2048').publicKey.keyid]: {
                kind: 'key',
                publicKey: Buffer.from(passkey('rsa-2048', 'RS256').spki).toString('base64'),
                holder: 'dave@example.com',
                roles: [],
                ...always,
              },
            },
          },
        },
        'key_unsupported',
      ],
    ];
    for (const [name, input, code] of bads) bad(name, 'parse', input, code);
  });
}

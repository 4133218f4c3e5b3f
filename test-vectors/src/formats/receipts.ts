/** Cases of whole receipts, judged under given pins: receipt, gate. */

import { unwrap } from '@assent/test-support/results';
import { createTestWitness, withCheckpoint } from '@assent/test-support/witnesses';
import {
  base64Encode,
  base64urlEncode,
  canonicalBytes,
  formatNote,
  formatTime,
  formatTlogProof,
  type Json,
  type JsonObject,
  parseNote,
  parseTlogProof,
  type TrustedApprover,
} from '@assent/verifier';
import { text, vectorFile } from '../cases.ts';
import { ALL_UNSUPPORTED, type Deviations, report, skips, UNREAD, unmade } from '../expected-report.ts';
import { passkey, seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';
import {
  AT,
  ATTEMPT,
  alice,
  always,
  approvalPolicy,
  approve,
  BARE_POLICY,
  bob,
  boundary,
  carol,
  consume,
  consumedReceipt,
  cosignedReceipt,
  dave,
  digestOf,
  filled,
  fullPins,
  ISSUED,
  LOGGED,
  logged,
  loggedBytes,
  loggedIn,
  members,
  newLog,
  pinnedTrustRoot,
  rootKeys,
  SEEN,
  service,
  stranger,
  trustRootWith,
  trustVersion,
  version1,
} from '../world.ts';

export function receiptCases(): VectorFile {
  const about =
    'Receipts under the pins of a verifier: the verdict, and each check’s status and code. README.md says what the pins mean.';
  return vectorFile('receipt', about, ({ good }) => {
    const verify = (
      name: string,
      receipt: Json | string,
      pins: JsonObject,
      verdict: string,
      deviations: Deviations = {},
    ) =>
      good(
        name,
        'verify',
        { receipt: text(typeof receipt === 'string' ? receipt : JSON.stringify(receipt)), pins },
        report(verdict, deviations),
      );
    const approval = approve();
    const sound = consumedReceipt(approval);
    const pins = fullPins(approval);
    const without = (...names: readonly string[]): JsonObject =>
      Object.fromEntries(Object.entries(pins).filter(([name]) => !names.includes(name)));
    /** Of another approval, with all of its own pins. */
    const all = (
      name: string,
      other: typeof approval,
      verdict: string,
      deviations: Deviations = {},
      more: JsonObject = {},
      receipt = consumedReceipt(other),
    ) => verify(name, receipt, fullPins(other, more), verdict, deviations);

    // Pins: what is not pinned is not checked.
    verify('authorized: every pin, every check', sound, pins, 'authorized');
    verify('without pins', sound, {}, 'incomplete', {
      ...skips('no_log_key', 'checkpoint', 'witnesses'),
      intent: 'skip no_caller_intent',
      ...skips('no_trust_root', 'trust', 'revocation'),
      policy: 'skip no_policy',
      window: 'skip premise_failed',
      use: 'skip no_boundary',
    });
    verify('with the log’s key alone', sound, { log_keys: [newLog().vkey] }, 'authentic', {
      witnesses: 'pass no_quorum',
      intent: 'skip no_caller_intent',
      ...skips('no_trust_root', 'trust', 'revocation'),
      policy: 'skip no_policy',
      window: 'skip no_time',
      use: 'skip no_boundary',
    });
    verify('with another log’s key', sound, { log_keys: [newLog('other.example.com').vkey] }, 'invalid', {
      checkpoint: 'fail origin_mismatch',
      witnesses: 'skip premise_failed',
      intent: 'skip no_caller_intent',
      ...skips('no_trust_root', 'trust', 'revocation'),
      policy: 'skip no_policy',
      window: 'skip premise_failed',
      use: 'skip no_boundary',
    });
    verify('without an intent', sound, without('intent'), 'authentic', {
      intent: 'skip no_caller_intent',
      policy: 'skip no_intent',
    });
    verify(
      'without a trust root',
      sound,
      without('trust_root'),
      'authentic',
      skips('no_trust_root', 'trust', 'revocation', 'policy', 'use'),
    );
    verify(
      'with the root id of a trust root alone',
      sound,
      { ...pins, trust_root: { root_id: version1.digest } },
      'authentic',
      skips('no_trust_root', 'trust', 'revocation', 'policy', 'use'),
    );
    verify(
      'with the root id alone, and the versions in the receipt',
      { ...sound, trust: [version1.item] },
      { ...pins, trust_root: { root_id: version1.digest } },
      'authorized',
    );
    verify(
      'a trust root in the receipt, and none pinned',
      { ...sound, trust: [version1.item] },
      without('trust_root'),
      'authentic',
      skips('no_trust_root', 'trust', 'revocation', 'policy', 'use'),
    );
    verify('without a policy', sound, without('approval_policy'), 'authentic', { policy: 'skip no_policy' });
    verify(
      'a policy in the receipt, and none pinned',
      { ...sound, policy: approvalPolicy },
      without('approval_policy'),
      'authentic',
      { policy: 'skip no_policy' },
    );
    verify(
      'a policy in the receipt, of the digest that was signed',
      { ...sound, policy: approvalPolicy },
      pins,
      'authorized',
    );
    verify('without a time', sound, without('at'), 'authentic', { window: 'skip no_time' });
    verify('without a boundary', sound, without('boundary'), 'authentic', { use: 'skip no_boundary' });
    verify('with a log policy that asks for no witness', sound, { ...pins, log_policy: BARE_POLICY }, 'authorized', {
      witnesses: 'pass no_quorum',
    });

    // The receipt and the entry.
    verify('no JSON', 'receipt', pins, 'invalid', {
      receipt: 'fail json_syntax',
      ...UNREAD,
    });
    verify(
      'a key that stands twice',
      `{"type":"assent/receipt/v1",${JSON.stringify(sound).slice(1)}`,
      pins,
      'invalid',
      { receipt: 'fail json_duplicate_key', ...UNREAD },
    );
    verify('a type of a time to come', { ...sound, type: 'assent/receipt/v2' }, pins, 'incomplete', ALL_UNSUPPORTED);
    verify('a member that is not known', { ...sound, comment: '' }, pins, 'invalid', {
      receipt: 'fail unknown_member',
      ...UNREAD,
    });
    verify('without a proof', JSON.stringify(sound).replace('"proof"', '"prof"'), pins, 'invalid', {
      receipt: 'fail missing_member',
      ...UNREAD,
    });
    verify('an entry that is text alone, and in the tree', loggedBytes(Buffer.from('entry')), pins, 'invalid', {
      entry: 'fail json_syntax',
      ...skips('premise_failed', 'content', 'signatures'),
      ...unmade('premise_failed'),
    });
    verify('an entry with white space', loggedBytes(Buffer.from(` ${String(sound.entry)}`)), pins, 'invalid', {
      entry: 'fail json_not_canonical',
      ...skips('premise_failed', 'content', 'signatures'),
      ...unmade('premise_failed'),
    });
    verify(
      'an entry of a type of a time to come',
      loggedBytes(Buffer.from(String(sound.entry).replace('assent/entry/v1', 'assent/entry/v2'))),
      pins,
      'incomplete',
      { ...skips('unsupported', 'entry', 'content', 'signatures'), ...unmade('unsupported') },
    );

    // The tree, its head, and who saw it.
    const tampered = (change: (proof: ReturnType<typeof proofOf>) => string): JsonObject => ({
      ...sound,
      proof: change(proofOf(sound)),
    });
    verify(
      'an entry that was changed after it was logged',
      { ...sound, entry: String(sound.entry).replace(`${LOGGED}`, `${LOGGED + 1}`) },
      pins,
      'invalid',
      { inclusion: 'fail inclusion_mismatch', ...NOT_LOGGED },
    );
    verify(
      'another index',
      tampered((proof) => formatTlogProof({ ...proof, index: 2 })),
      pins,
      'invalid',
      { inclusion: 'fail inclusion_mismatch', ...NOT_LOGGED },
    );
    verify(
      'an index beyond the tree',
      tampered((proof) => formatTlogProof({ ...proof, index: 9 })),
      pins,
      'invalid',
      { inclusion: 'fail index_out_of_range', ...NOT_LOGGED },
    );
    verify(
      'a hash of the proof is another',
      tampered((proof) => formatTlogProof({ ...proof, proof: proof.proof.with(0, seeded('another hash')) })),
      pins,
      'invalid',
      { inclusion: 'fail inclusion_mismatch', ...NOT_LOGGED },
    );
    verify(
      'a hash of the proof is missing',
      tampered((proof) => formatTlogProof({ ...proof, proof: proof.proof.slice(1) })),
      pins,
      'invalid',
      { inclusion: 'fail inclusion_length', ...NOT_LOGGED },
    );
    verify(
      'extra data in the proof, which nobody signed',
      tampered((proof) => formatTlogProof({ ...proof, extra: seeded('extra', 3) })),
      pins,
      'authorized',
    );
    verify('a proof that cannot be read', { ...sound, proof: 'proof' }, pins, 'invalid', {
      inclusion: 'fail proof_malformed',
      ...skips('premise_failed', 'checkpoint', 'witnesses', 'content'),
      ...unmade('premise_failed'),
    });
    verify(
      'a tree head that is no note',
      tampered((proof) => formatTlogProof({ ...proof, checkpoint: 'x' })),
      pins,
      'invalid',
      {
        inclusion: 'skip premise_failed',
        checkpoint: 'fail note_malformed',
        ...skips('premise_failed', 'witnesses', 'content'),
        ...unmade('premise_failed'),
      },
    );
    const rewrittenNote = (rewrite: (noteText: string) => string) =>
      tampered((proof) => {
        const note = unwrap(parseNote(proof.checkpoint));
        return formatTlogProof({
          ...proof,
          checkpoint: formatNote(
            rewrite(note.text),
            note.signatures.map(({ line }) => line),
          ),
        });
      });
    verify(
      'a tree head that is no checkpoint',
      rewrittenNote(() => 'hello\n'),
      pins,
      'invalid',
      {
        inclusion: 'skip premise_failed',
        checkpoint: 'fail checkpoint_malformed',
        ...skips('premise_failed', 'witnesses', 'content'),
        ...unmade('premise_failed'),
      },
    );
    verify(
      'a tree head that the log did not sign so',
      rewrittenNote((noteText) => `${noteText}extension\n`),
      pins,
      'invalid',
      { checkpoint: 'fail note_signature_invalid', witnesses: 'skip premise_failed', ...NOT_LOGGED },
    );
    verify(
      'the log’s signature is missing',
      { ...sound, proof: String(sound.proof).replace(/— log.*\n/, '') },
      pins,
      'invalid',
      { checkpoint: 'fail log_signature_missing', witnesses: 'skip premise_failed', ...NOT_LOGGED },
    );
    const seenBy = (...cosigned: readonly (readonly [number, number])[]) =>
      logged({ content: approval.envelope }, { cosigned });
    const unused = { use: 'skip not_consumed' };
    verify('one witness of two', seenBy([0, SEEN]), pins, 'incomplete', {
      ...skips('quorum_not_reached', 'witnesses', 'trust', 'revocation'),
      policy: 'skip premise_failed',
      ...unused,
    });
    verify('no witness', seenBy(), pins, 'incomplete', {
      ...skips('quorum_not_reached', 'witnesses', 'trust', 'revocation'),
      policy: 'skip premise_failed',
      ...unused,
    });
    verify('a witness at the time zero', seenBy([0, SEEN], [1, 0]), pins, 'incomplete', {
      ...skips('quorum_not_reached', 'witnesses', 'trust', 'revocation'),
      policy: 'skip premise_failed',
      ...unused,
    });
    const other = createTestWitness({ name: 'witness.example.net/w3', seed: 13 });
    verify(
      'an unknown witness beside both',
      withCheckpoint(JSON.stringify(sound), (checkpoint) => other.append(checkpoint, SEEN)),
      pins,
      'authorized',
    );

    // What was decided.
    const revealed = consumedReceipt(approval, { reveal: { intent: approval.intent } });
    verify('revealed', revealed, pins, 'authorized');
    verify('revealed, and the caller names no intent', revealed, without('intent'), 'authentic', {
      intent: 'skip no_caller_intent',
    });
    const otherIntent = { ...approval.intent, args: { ...approval.intent.args, amount: '43.00' } };
    const badContent = (code: string): Deviations => ({ content: `fail ${code}`, ...unmade('premise_failed') });
    verify(
      'another intent is revealed',
      logged({ content: approval.envelope, reveal: { intent: otherIntent } }),
      pins,
      'invalid',
      badContent('intent_mismatch'),
    );
    verify(
      'another intent is disclosed',
      { ...sound, disclosures: { intent: otherIntent } },
      pins,
      'invalid',
      badContent('intent_mismatch'),
    );
    verify(
      'the intent is disclosed',
      { ...sound, disclosures: { intent: approval.intent } },
      without('intent'),
      'authentic',
      { intent: 'skip no_caller_intent' },
    );
    const shown = approve({ display: 'Refund 42.00 USD' });
    const disclosed = { intent: shown.intent, display: 'Refund 42.00 USD' };
    all(
      'the text that was shown is disclosed',
      shown,
      'authorized',
      {},
      {},
      consumedReceipt(shown, { carried: { disclosures: disclosed } }),
    );
    all(
      'another text is disclosed',
      shown,
      'invalid',
      badContent('display_mismatch'),
      {},
      consumedReceipt(shown, { carried: { disclosures: { ...disclosed, display: 'Refund 42.00 EUR' } } }),
    );
    all(
      'a text is disclosed without the intent',
      shown,
      'invalid',
      badContent('missing_member'),
      {},
      consumedReceipt(shown, { carried: { disclosures: { display: 'Refund 42.00 USD' } } }),
    );
    verify(
      'a text is disclosed where none was shown',
      { ...sound, disclosures: disclosed },
      pins,
      'invalid',
      badContent('display_mismatch'),
    );
    verify(
      'another policy in the receipt',
      { ...sound, policy: { ...approvalPolicy, name: 'other' } },
      pins,
      'invalid',
      badContent('policy_mismatch'),
    );
    const elsewhere = approve({ origin: 'other.example.com' });
    all(
      'made for another log',
      elsewhere,
      'invalid',
      badContent('log_mismatch'),
      {},
      logged({ content: elsewhere.envelope }),
    );
    verify(
      'a kind that is not that of the payload',
      logged({ content: approval.envelope, kind: 'consumption' }),
      pins,
      'invalid',
      { content: 'fail kind_mismatch', signatures: 'skip premise_failed', ...unmade('premise_failed') },
    );
    const nonsense = approve({ payload: new Uint8Array(Buffer.from('{"type":"assent/approval/v1"}')) });
    verify(
      'a statement without its members',
      logged({ content: nonsense.envelope }),
      pins,
      'invalid',
      badContent('missing_member'),
    );
    const future = approve({
      payload: canonicalBytes({ ...approval.statement, type: 'assent/approval/v2' } as JsonObject),
    });
    verify('a statement of a time to come', logged({ content: future.envelope }), pins, 'incomplete', {
      content: 'skip unsupported',
      ...unmade('not_an_approval'),
    });
    const salt = seeded('salt of the seal');
    const opened = { content: approval.envelope, salt: base64Encode(salt) };
    verify(
      'sealed, and opened',
      consumedReceipt(approval, { salt, carried: { disclosures: opened } }),
      pins,
      'authorized',
    );
    verify('sealed, and not opened', consumedReceipt(approval, { salt }), pins, 'incomplete', {
      ...skips('sealed', 'content', 'signatures'),
      ...unmade('sealed'),
    });
    verify(
      'sealed, and opened with another salt',
      consumedReceipt(approval, { salt, carried: { disclosures: { ...opened, salt: base64Encode(seeded('x')) } } }),
      pins,
      'invalid',
      { content: 'fail commitment_mismatch', signatures: 'skip premise_failed', ...unmade('premise_failed') },
    );
    verify(
      'sealed, and opened with other content',
      consumedReceipt(approval, { salt, carried: { disclosures: { ...opened, content: shown.envelope } } }),
      pins,
      'invalid',
      { content: 'fail commitment_mismatch', signatures: 'skip premise_failed', ...unmade('premise_failed') },
    );
    verify('open, with a salt beside it', { ...sound, disclosures: opened }, pins, 'invalid', {
      receipt: 'fail bad_value',
    });

    // Signatures.
    const signatures = approval.envelope.signatures as readonly JsonObject[];
    const resigned = (changes: JsonObject) =>
      logged({ content: { ...approval.envelope, signatures: [{ ...signatures[0], ...changes }] } });
    const badSignatures = (code: string): Deviations => ({
      signatures: `fail ${code}`,
      ...skips('premise_failed', 'trust', 'revocation', 'policy'),
      ...unused,
    });
    verify(
      'a signature of something else',
      resigned({ sig: (shown.envelope.signatures as readonly JsonObject[])[0]!.sig! }),
      pins,
      'invalid',
      badSignatures('signature_invalid'),
    );
    verify(
      'another keyid',
      resigned({ keyid: carol.publicKey.keyid }),
      pins,
      'invalid',
      badSignatures('keyid_mismatch'),
    );
    verify(
      'no signature',
      logged({ content: { ...approval.envelope, signatures: [] } }),
      pins,
      'invalid',
      badSignatures('signatures_count'),
    );
    const absent = approve({ assertion: { userPresent: false } });
    all(
      'nobody was there',
      absent,
      'invalid',
      badSignatures('user_not_present'),
      {},
      logged({ content: absent.envelope }),
    );
    const created = approve({ assertion: { extraClientData: { type: 'webauthn.create' } } });
    all(
      'the ceremony of a registration',
      created,
      'invalid',
      badSignatures('client_data_type'),
      {},
      logged({ content: created.envelope }),
    );
    const expiredByPasskey = approve({ overrides: { decision: 'expired' } });
    verify(
      'that nobody decided, signed by a passkey',
      logged({ content: expiredByPasskey.envelope }),
      fullPins(expiredByPasskey),
      'invalid',
      {
        signatures: 'fail wrong_signer',
        ...skips('premise_failed', 'trust', 'revocation'),
        policy: 'skip not_approved',
        ...unused,
      },
    );

    // The decision and the intent.
    const rejected = approve({ overrides: { decision: 'rejected' } });
    verify('rejected', logged({ content: rejected.envelope }), fullPins(rejected), 'refused', {
      policy: 'skip not_approved',
      ...unused,
    });
    const nobody = approve({ serviceKey: service, overrides: { decision: 'expired' } });
    verify(
      'that nobody decided, signed by the service',
      logged({ content: nobody.envelope }),
      fullPins(nobody),
      'refused',
      { policy: 'skip not_approved', ...unused },
    );
    verify(
      'another action is about to run',
      sound,
      { ...pins, intent: { text: JSON.stringify(otherIntent) } },
      'refused',
      { intent: 'fail intent_mismatch', policy: 'skip no_intent' },
    );
    verify('the action is no JSON', sound, { ...pins, intent: { text: 'refund' } }, 'refused', {
      intent: 'fail json_syntax',
      policy: 'skip no_intent',
    });
    verify(
      'a number that no double has in the action',
      sound,
      { ...pins, intent: { text: JSON.stringify(approval.intent).replace('"42.00"', '9007199254740993') } },
      'refused',
      { intent: 'fail json_number', policy: 'skip no_intent' },
    );
    const schema = `sha256:${'5'.repeat(64)}`;
    const typed = approve({ intent: { schema } });
    all('the schema of the connector', typed, 'authorized', {}, { schema });
    all(
      'another schema of the connector',
      typed,
      'refused',
      { intent: 'fail schema_mismatch' },
      { schema: `sha256:${'6'.repeat(64)}` },
    );
    all('the connector has no schema any more', typed, 'refused', { intent: 'fail schema_mismatch' });
    verify('the connector has a schema now', sound, { ...pins, schema }, 'refused', { intent: 'fail schema_mismatch' });

    // Times.
    verify('it expires at this moment', sound, { ...pins, at: ISSUED + 900_000 }, 'refused', {
      window: 'fail expired',
    });
    verify('it expires in a millisecond', sound, { ...pins, at: ISSUED + 899_999 }, 'authorized');
    const late = consumedReceipt(approval, { loggedAt: ISSUED + 900_000, consumedAt: ISSUED + 900_000 });
    verify('logged when it had expired', late, pins, 'refused', { window: 'fail expired', use: 'fail expired' });
    const earlyPins = { ...pins, log_policy: BARE_POLICY };
    verify(
      'logged a minute before it was issued',
      consumedReceipt(approval, { loggedAt: ISSUED - 60_000 }),
      earlyPins,
      'authorized',
      { witnesses: 'pass no_quorum' },
    );
    verify(
      'logged more than a minute before it was issued',
      consumedReceipt(approval, { loggedAt: ISSUED - 60_001 }),
      earlyPins,
      'refused',
      { witnesses: 'pass no_quorum', window: 'fail not_yet_valid' },
    );
    verify('asked for a time a minute before it was seen', sound, { ...pins, at: SEEN - 60_000 }, 'authorized');
    verify('asked for a time before it was there', sound, { ...pins, at: SEEN - 60_001 }, 'refused', {
      window: 'fail not_yet_valid',
    });
    const attest = (at: number) =>
      approve({
        serviceKey: service,
        overrides: {
          attested: [{ approver: 'alice@example.com', role: 'finance', method: 'totp', at: formatTime(at) }],
        },
      });
    const totpPolicy = policyWith({ methods: ['attested:totp'] });
    const totp = attestedWorld(totpPolicy);
    const attestedPins = (of: typeof approval) =>
      fullPins(of, { trust_root: pinnedTrustRoot(totp), approval_policy: totpPolicy });
    const attested = (at: number, role = 'finance') =>
      approve({
        serviceKey: service,
        overrides: {
          organization: totp.digest,
          policy: { digest: digestOf(totpPolicy), rule: 'refund' },
          attested: [{ approver: 'alice@example.com', role, method: 'totp', at: formatTime(at) }],
        },
      });
    const onTime = attested(ISSUED);
    verify(
      'attested: authorized where the policy takes it',
      consumedReceipt(onTime),
      attestedPins(onTime),
      'authorized',
    );
    const tooEarly = attested(ISSUED - 60_001);
    verify('attested too early', consumedReceipt(tooEarly), attestedPins(tooEarly), 'refused', {
      window: 'fail attested_out_of_window',
    });
    const tooLate = attested(LOGGED + 60_001);
    verify('attested after it was logged', consumedReceipt(tooLate), attestedPins(tooLate), 'refused', {
      window: 'fail attested_out_of_window',
    });
    const wrongRole = attested(ISSUED, 'security');
    verify(
      'attested in a role that the service may not attest',
      consumedReceipt(wrongRole),
      attestedPins(wrongRole),
      'refused',
      { policy: 'fail approvals_missing' },
    );
    all('attested, where the policy asks for a passkey', attest(ISSUED), 'refused', {
      policy: 'fail method_not_allowed',
    });

    // Who signed.
    const otherAcme = trustRootWith({ boundaries: new Map() });
    verify(
      'the trust root of another organization',
      sound,
      { ...pins, trust_root: pinnedTrustRoot(otherAcme) },
      'refused',
      {
        trust: 'fail organization_mismatch',
        ...skips('premise_failed', 'revocation', 'policy'),
        use: 'fail signer_not_listed',
      },
    );
    const anybodys = approve({ overrides: { organization: undefined as never } });
    all('a statement without an organization', anybodys, 'authentic', {
      ...skips('no_organization', 'trust', 'revocation'),
      policy: 'skip premise_failed',
    });
    const mallory = approve({ authenticator: passkey('mallory') });
    all('signed by a stranger', mallory, 'refused', { trust: 'fail signer_not_listed', policy: 'skip premise_failed' });
    const withStranger = approve({ authenticator: [alice, passkey('mallory')] });
    all('signed by a stranger too, who does not count', withStranger, 'authorized');
    const byBoundary = approve({ authenticator: alice, serviceKey: boundary });
    all('signed by the boundary too', byBoundary, 'refused', {
      trust: 'fail wrong_signer',
      policy: 'skip premise_failed',
    });
    const phished = approve({ assertion: { extraClientData: { origin: 'https://approvals.examp1e.com' } } });
    all('on another origin', phished, 'refused', { trust: 'fail signer_origin', policy: 'skip premise_failed' });
    const otherRp = approve({ authenticator: passkey('alice', 'ES256', 'example.net') });
    all('of another relying party', otherRp, 'refused', { trust: 'fail signer_origin', policy: 'skip premise_failed' });
    const framed = approve({ assertion: { crossOrigin: true, topOrigin: 'https://shop.example' } });
    all('in a frame of another site', framed, 'refused', {
      trust: 'fail signer_origin',
      policy: 'skip premise_failed',
    });
    const unnamedFrame = approve({ assertion: { crossOrigin: true } });
    all('in a frame of a site that is not named', unnamedFrame, 'refused', {
      trust: 'fail signer_origin',
      policy: 'skip premise_failed',
    });
    const byKey = approve({ serviceKey: carol });
    all('by a key, where the policy asks for a passkey', byKey, 'refused', { policy: 'fail method_not_allowed' });
    const byRsa = approve({ authenticator: dave });
    all('by a passkey with RS256', byRsa, 'authorized');
    const noService = approve({ serviceKey: service, overrides: { service: 'other.example.com' } });
    all('a service that may not speak for another one', noService, 'refused', {
      trust: 'fail signer_not_listed',
      policy: 'skip premise_failed',
    });

    // Times of keys. What is pinned is the newest version.
    const keyid = members.approvers.keys().next().value!;
    const aliceEntry = members.approvers.get(keyid)!;
    const withAlice = (more: Partial<TrustedApprover>) =>
      trustRootWith({ approvers: new Map([...members.approvers, [keyid, { ...aliceEntry, ...more }]]) });
    const under = (
      name: string,
      version: typeof version1,
      verdict: string,
      deviations: Deviations,
      more: JsonObject = {},
    ) => {
      const given = approve({}, version);
      verify(
        name,
        consumedReceipt(given),
        fullPins(given, { trust_root: pinnedTrustRoot(version), ...more }),
        verdict,
        deviations,
      );
    };
    const badTrust = (code: string): Deviations => ({ trust: `fail ${code}`, policy: 'skip premise_failed' });
    const badRevocation = (code: string): Deviations => ({ revocation: `fail ${code}`, policy: 'skip premise_failed' });
    under('her key becomes valid when it is logged', withAlice({ valid_from: formatTime(LOGGED) }), 'authorized', {});
    under(
      'her key is not valid yet',
      withAlice({ valid_from: formatTime(LOGGED + 1) }),
      'refused',
      badTrust('key_not_valid'),
    );
    under(
      'her key is valid no more',
      withAlice({ valid_until: formatTime(LOGGED) }),
      'refused',
      badTrust('key_not_valid'),
    );
    under(
      'her key was valid when it was logged, and not when witnesses saw it',
      withAlice({ valid_until: formatTime(SEEN) }),
      'refused',
      badTrust('key_not_valid'),
    );
    under(
      'the same where no witness is asked for',
      withAlice({ valid_until: formatTime(SEEN) }),
      'authorized',
      { witnesses: 'pass no_quorum' },
      { log_policy: BARE_POLICY },
    );
    under(
      'her key was retired before',
      withAlice({ revoked: { reason: 'retired', at: formatTime(LOGGED) } }),
      'refused',
      badRevocation('key_retired'),
    );
    under(
      'her key was retired later',
      withAlice({ revoked: { reason: 'retired', at: formatTime(SEEN + 1) } }),
      'authorized',
      {},
    );
    under(
      'her key was stolen before',
      withAlice({ revoked: { reason: 'compromised', at: formatTime(AT), since: formatTime(SEEN) } }),
      'refused',
      badRevocation('key_compromised'),
    );
    under(
      'her key was stolen later',
      withAlice({ revoked: { reason: 'compromised', at: formatTime(AT), since: formatTime(SEEN + 1000) } }),
      'authorized',
      {},
    );
    under(
      'her key was stolen later, by the log’s word alone',
      withAlice({ revoked: { reason: 'compromised', at: formatTime(AT), since: formatTime(LOGGED + 1) } }),
      'authorized',
      { witnesses: 'pass no_quorum', revocation: 'pass no_quorum' },
      { log_policy: BARE_POLICY },
    );
    const young = trustVersion({ issuedAt: LOGGED + 1 });
    under('a trust root that was not issued yet', young, 'refused', {
      trust: 'fail trust_not_in_force',
      ...skips('premise_failed', 'revocation', 'policy'),
      use: 'pass',
    });
    const stale = trustVersion({ expiresAt: AT });
    under('a trust root that has expired', stale, 'refused', badTrust('trust_expired'));
    const version2 = trustVersion({
      previous: version1,
      members: {
        ...members,
        approvers: new Map([
          ...members.approvers,
          [keyid, { ...aliceEntry, revoked: { reason: 'retired', at: formatTime(LOGGED) } }],
        ]),
      },
      issuedAt: AT,
    });
    verify(
      'a revocation in a newer version that is pinned',
      sound,
      { ...pins, trust_root: pinnedTrustRoot(version1, version2) },
      'refused',
      badRevocation('key_retired'),
    );
    verify(
      'a revocation in a newer version that the receipt brings',
      { ...sound, trust: [version2.item] },
      pins,
      'refused',
      badRevocation('key_retired'),
    );
    const fork = trustVersion({ previous: version1, salt: seeded('another salt') });
    const badChain = (code: string): Deviations => ({
      trust: `fail ${code}`,
      ...skips('premise_failed', 'revocation', 'policy', 'use'),
    });
    verify(
      'two versions 2',
      { ...sound, trust: [fork.item] },
      { ...pins, trust_root: pinnedTrustRoot(version1, version2) },
      'refused',
      badChain('trust_forked'),
    );
    const seized = trustVersion({ previous: version1, rootKeys: [stranger], signers: [stranger] });
    verify(
      'a version that too few root keys signed',
      { ...sound, trust: [seized.item] },
      pins,
      'refused',
      badChain('threshold_not_met'),
    );
    verify(
      'a version whose predecessor is missing',
      { ...sound, trust: [trustVersion({ previous: version2 }).item] },
      pins,
      'refused',
      badChain('trust_chain_broken'),
    );
    const forgetful = trustVersion({ previous: version1, members: { ...members, approvers: new Map() } });
    verify(
      'a version that drops a key',
      { ...sound, trust: [forgetful.item] },
      pins,
      'refused',
      badChain('trust_history_changed'),
    );

    // The policy.
    const policyCase = (
      name: string,
      policy: JsonObject,
      options: Parameters<typeof approve>[0],
      verdict: string,
      deviations: Deviations,
      more: JsonObject = {},
    ) => {
      const version = trustRootWith({ policies: new Map([[digestOf(policy), always]]) });
      const overrides = {
        policy: { digest: digestOf(policy), rule: 'refund' },
        ...options?.overrides,
        organization: version.digest,
      };
      const given = approve({ ...options, overrides });
      verify(
        name,
        consumedReceipt(given),
        fullPins(given, { trust_root: pinnedTrustRoot(version), approval_policy: policy, ...more }),
        verdict,
        deviations,
      );
    };
    const large = { amount: '4200.00', charge: 'ch_9', currency: 'usd' };
    const largeRule = { overrides: { policy: { digest: digestOf(approvalPolicy), rule: 'large-refund' } } };
    all(
      'finance and security',
      approve({ intent: { args: large }, authenticator: [alice, bob], ...largeRule }),
      'authorized',
    );
    all(
      'finance alone, where finance and security are asked for',
      approve({ intent: { args: large }, ...largeRule }),
      'refused',
      { policy: 'fail approvals_missing' },
    );
    all(
      'two of finance, where finance and security are asked for',
      approve({ intent: { args: large }, authenticator: [alice, dave], ...largeRule }),
      'refused',
      { policy: 'fail roles_missing' },
    );
    all('security alone, where finance is asked for', approve({ authenticator: bob }), 'refused', {
      policy: 'fail approvals_missing',
    });
    all(
      'the rule for small refunds named for a large one',
      approve({ intent: { args: large }, authenticator: [alice, bob] }),
      'refused',
      { policy: 'fail rule_mismatch' },
    );
    all('the user was not verified', approve({ assertion: { userVerified: false } }), 'refused', {
      policy: 'fail user_not_verified',
    });
    policyCase(
      'the user need not be verified',
      policyWith({ user_verification: false }),
      { assertion: { userVerified: false } },
      'authorized',
      {},
    );
    policyCase(
      'by a key, where the policy takes it',
      policyWith({ methods: ['key'] }),
      { serviceKey: carol },
      'authorized',
      {},
    );
    all(
      'it lasts longer than the rule allows',
      approve({ overrides: { expires_at: formatTime(ISSUED + 900_001) } }),
      'refused',
      { policy: 'fail ttl_too_long' },
    );
    all('for more than one use, where the rule asks for one', approve({ overrides: { use: 'multiple' } }), 'refused', {
      policy: 'fail use_mismatch',
    });
    policyCase(
      'for more than one use, where the rule takes it',
      policyWith({ use: 'multiple' }),
      { overrides: { use: 'multiple' } },
      'authorized',
      {},
    );
    const noAmount = approve({ intent: { args: { charge: 'ch_9' } } });
    all('an argument that the rule needs is missing', noAmount, 'refused', { policy: 'fail condition_error' });
    const wire = { intent: { action: 'wire.send', connector: 'bank/1' } };
    all(
      'denied',
      approve({ ...wire, overrides: { policy: { digest: digestOf(approvalPolicy), rule: 'no-wires' } } }),
      'refused',
      { policy: 'fail denied' },
    );
    all('no rule matches', approve({ intent: { action: 'deploy.app' } }), 'refused', {
      policy: 'fail no_rule_matches',
    });
    all(
      'allowed without asking anyone',
      approve({
        intent: { action: 'read.balance' },
        overrides: { policy: { digest: digestOf(approvalPolicy), rule: 'reads' } },
      }),
      'authorized',
    );
    all('a statement that names no policy', approve({ overrides: { policy: undefined as never } }), 'authentic', {
      policy: 'skip policy_not_named',
    });
    const stricter = { ...approvalPolicy, name: 'acme-payments-2' };
    verify('another policy than the verifier’s', sound, { ...pins, approval_policy: stricter }, 'refused', {
      policy: 'fail policy_not_accepted',
    });
    const accepting = {
      ...stricter,
      rules: approvalPolicy.rules.map((rule) => ({ ...rule, accepts: [digestOf(approvalPolicy)] })),
    };
    verify(
      'a policy that accepts the one that was named, and is not listed',
      sound,
      { ...pins, approval_policy: accepting },
      'refused',
      { policy: 'fail own_policy_not_listed' },
    );
    const both = trustRootWith({
      policies: new Map([
        [digestOf(approvalPolicy), always],
        [digestOf(accepting), always],
      ]),
    });
    const olderPolicy = approve({}, both);
    verify(
      'a policy that accepts the one that was named',
      consumedReceipt(olderPolicy),
      fullPins(olderPolicy, { trust_root: pinnedTrustRoot(both), approval_policy: accepting }),
      'authorized',
    );
    under('a policy that is not listed', trustRootWith({ policies: new Map() }), 'refused', {
      policy: 'fail policy_not_listed',
    });
    under(
      'a policy that is listed no more',
      trustRootWith({
        policies: new Map([[digestOf(approvalPolicy), { ...always, valid_until: formatTime(LOGGED) }]]),
      }),
      'refused',
      { policy: 'fail policy_not_listed' },
    );

    // Its one use.
    verify('not consumed', logged({ content: approval.envelope }), pins, 'authentic', unused);
    verify(
      'by another boundary than the statement names',
      sound,
      { ...pins, boundary: { keyid: stranger.publicKey.keyid, attempt: ATTEMPT } },
      'refused',
      { use: 'fail boundary_mismatch' },
    );
    verify(
      'for another attempt',
      sound,
      {
        ...pins,
        boundary: { keyid: boundary.publicKey.keyid, attempt: base64urlEncode(seeded('another attempt', 16)) },
      },
      'refused',
      { use: 'fail consumed' },
    );
    const record = { approval: approval.digest, intent: approval.statement.intent.digest, dispatched: false };
    const recorded = (changes: JsonObject) => ({
      ...pins,
      boundary: { keyid: boundary.publicKey.keyid, record: { ...record, ...changes } },
    });
    verify('by the boundary’s own record', logged({ content: approval.envelope }), recorded({}), 'authorized');
    verify(
      'dispatched already, by the boundary’s own record',
      logged({ content: approval.envelope }),
      recorded({ dispatched: true }),
      'refused',
      { use: 'fail consumed' },
    );
    verify(
      'a record of another approval',
      logged({ content: approval.envelope }),
      recorded({ approval: shown.digest }),
      'refused',
      { use: 'fail consumption_mismatch' },
    );
    const second = signingKey('payments-gw-4');
    const twoBoundaries = approve({
      overrides: { boundaries: [boundary.publicKey.keyid, second.publicKey.keyid].sort() },
    });
    verify(
      'a record, where two boundaries may run it',
      logged({ content: twoBoundaries.envelope }),
      fullPins(twoBoundaries, { boundary: recorded({ approval: twoBoundaries.digest }).boundary }),
      'authentic',
      unused,
    );
    const consumed = (name: string, consumption: ReturnType<typeof consume>, deviation: string, of = approval) =>
      verify(
        name,
        consumedReceipt(of, { consumption }),
        fullPins(of),
        deviation.startsWith('fail') ? 'refused' : 'authentic',
        { use: deviation },
      );
    consumed('another approval was consumed', consume(shown), 'fail consumption_mismatch');
    consumed(
      'consumed for another action',
      consume(approval, { overrides: { intent: `sha256:${'0'.repeat(64)}` } }),
      'fail consumption_mismatch',
    );
    consumed('consumed by another boundary', consume(twoBoundaries, { key: second }), 'fail consumed', twoBoundaries);
    consumed(
      'under another name than the key’s',
      consume(approval, { overrides: { boundary: 'payments-gw-4' } }),
      'fail consumption_mismatch',
    );
    consumed('a consumption with two signers', consume(approval, { key: [boundary, second] }), 'fail wrong_signer');
    consumed(
      'a consumption of a time to come',
      consume(approval, { payload: canonicalBytes({ type: 'assent/consumption/v2' }) }),
      'skip unsupported',
    );
    verify(
      'consumed after it had expired',
      consumedReceipt(approval, { consumedAt: ISSUED + 900_000 }),
      pins,
      'refused',
      { use: 'fail expired' },
    );
    const log = filled(newLog());
    const first = loggedIn(log, { kind: 'consumption', content: consume(approval).envelope, loggedAt: LOGGED });
    const afterwards = loggedIn(log, { content: approval.envelope, loggedAt: LOGGED });
    verify('consumed before it was logged', { ...afterwards, consumption: first }, pins, 'refused', {
      use: 'fail consumption_order',
    });
    verify(
      'an approval in the place of the consumption',
      { ...sound, consumption: logged({ content: approval.envelope }) },
      pins,
      'refused',
      { use: 'fail kind_mismatch' },
    );
    verify(
      'a consumption within the consumption',
      { ...sound, consumption: { ...(sound.consumption as JsonObject), consumption: {} } },
      pins,
      'refused',
      { use: 'fail unknown_member' },
    );
    verify(
      'a consumption that was changed',
      {
        ...sound,
        consumption: {
          ...(sound.consumption as JsonObject),
          entry: String((sound.consumption as JsonObject).entry).replace('consumption', 'approval'),
        },
      },
      pins,
      'refused',
      { use: 'fail inclusion_mismatch' },
    );
    verify(
      'a consumption that too few witnesses saw',
      {
        ...sound,
        consumption: loggedIn(
          filled(newLog(), 5),
          { kind: 'consumption', content: consume(approval).envelope, loggedAt: LOGGED },
          { cosigned: [[0, SEEN]] },
        ),
      },
      pins,
      'authentic',
      { use: 'skip quorum_not_reached' },
    );
    verify(
      'consumed in another log',
      {
        ...sound,
        consumption: loggedIn(filled(newLog('other.example.com')), {
          kind: 'consumption',
          content: consume(approval).envelope,
          loggedAt: LOGGED,
        }),
      },
      pins,
      'refused',
      { use: 'fail origin_mismatch' },
    );
    const otherHistory = filled(newLog());
    otherHistory.append({ content: shown.envelope, loggedAt: LOGGED });
    const usedThere = loggedIn(otherHistory, {
      kind: 'consumption',
      content: consume(approval).envelope,
      loggedAt: LOGGED,
    });
    const history = filled(newLog());
    const { index } = history.append({ content: approval.envelope, loggedAt: LOGGED });
    history.append({ content: shown.envelope, loggedAt: LOGGED });
    verify(
      'consumed in another history of the log, of the same size',
      { ...cosignedReceipt(history.receipt(index)), consumption: usedThere },
      pins,
      'refused',
      { use: 'fail consistency_mismatch' },
    );
    verify(
      'the consumption’s receipt is of a time to come',
      { ...sound, consumption: { ...(sound.consumption as JsonObject), type: 'assent/receipt/v2' } },
      pins,
      'authentic',
      { use: 'skip unsupported' },
    );
    const unproved = { ...sound, proof: String(sound.proof).replace(/^index .*$/m, 'index 0') };
    verify('consumed, and the approval’s place in the tree is not shown', unproved, pins, 'invalid', {
      inclusion: 'fail inclusion_mismatch',
      ...NOT_LOGGED,
    });
    const boundaryEntry = members.boundaries.get(boundary.publicKey.keyid)!;
    const stolen = (since: number): Parameters<typeof under>[1] =>
      trustRootWith({
        boundaries: new Map([
          [
            boundary.publicKey.keyid,
            {
              ...boundaryEntry,
              revoked: { reason: 'compromised' as const, at: formatTime(AT), since: formatTime(since) },
            },
          ],
        ]),
      });
    under('the boundary’s key was stolen before', stolen(SEEN), 'refused', { use: 'fail key_compromised' });
    under('the boundary’s key was stolen later', stolen(SEEN + 1000), 'authorized', {});
    under(
      'the boundary’s key was stolen later, by the log’s word alone',
      stolen(SEEN + 1000),
      'authorized',
      { witnesses: 'pass no_quorum', use: 'pass no_quorum' },
      { log_policy: BARE_POLICY },
    );
    const noBoundary = approve({ overrides: { boundaries: undefined as never } });
    verify(
      'a statement that names no boundary',
      logged({ content: noBoundary.envelope }),
      fullPins(noBoundary),
      'refused',
      { use: 'fail boundary_mismatch' },
    );
    under('the boundary is not listed', trustRootWith({ boundaries: new Map() }), 'refused', {
      use: 'fail signer_not_listed',
    });

    // Other kinds of entries.
    verify('the receipt of a consumption', sound.consumption!, pins, 'authentic', unmade('not_an_approval'));
    verify(
      'the receipt of a trust root',
      logged({ kind: 'trust-root', content: version1.envelope }),
      pins,
      'authentic',
      unmade('not_an_approval'),
    );
    const lone = trustVersion({ signers: [rootKeys[0]!] });
    verify(
      'the receipt of a trust root that too few keys signed',
      logged({ kind: 'trust-root', content: lone.envelope }),
      pins,
      'invalid',
      { signatures: 'fail threshold_not_met', ...unmade('not_an_approval') },
    );
    verify(
      'an intent beside a consumption',
      { ...(sound.consumption as JsonObject), disclosures: { intent: approval.intent } },
      pins,
      'invalid',
      { content: 'fail unknown_member', ...unmade('premise_failed') },
    );
    verify(
      'an intent beside a trust root',
      logged({ kind: 'trust-root', content: version1.envelope }, { disclosures: { intent: approval.intent as never } }),
      pins,
      'invalid',
      { content: 'fail bad_value', ...unmade('premise_failed') },
    );
  });
}

function proofOf(receipt: JsonObject) {
  return unwrap(parseTlogProof(String(receipt.proof)));
}

/** What cannot be judged where the tree does not show that it was logged: the time in the entry is nobody's word. */
const NOT_LOGGED = skips('premise_failed', 'trust', 'revocation', 'policy', 'window', 'use');

/** The first rule asks for something else. */
function policyWith(require: JsonObject): JsonObject {
  const rules = approvalPolicy.rules.map((rule) =>
    rule.id === 'refund' ? { ...rule, require: { ...rule.require, ...require } } : rule,
  );
  return { ...approvalPolicy, rules } as unknown as JsonObject;
}

function attestedWorld(policy: JsonObject) {
  return trustRootWith({ policies: new Map([[digestOf(policy), always]]) });
}

export function gateCases(): VectorFile {
  const about = 'The gate: one call, everything pinned. `because` is the first check that did not pass.';
  return vectorFile('gate', about, ({ good }) => {
    const approval = approve();
    const sound = consumedReceipt(approval);
    const ask = (name: string, receipt: Json, pins: JsonObject, because?: string) => {
      const [id, status, code] = because?.split(' ') ?? [];
      const result =
        because === undefined ? { authorized: true } : { authorized: false, because: { id, status, code } };
      good(
        name,
        'authorize',
        { receipt: text(typeof receipt === 'string' ? receipt : JSON.stringify(receipt)), pins },
        result,
      );
    };
    const pins = fullPins(approval);
    ask('authorized', sound, pins);
    ask(
      'another action',
      sound,
      { ...pins, intent: { text: JSON.stringify({ ...approval.intent, args: {} }) } },
      'intent fail intent_mismatch',
    );
    ask(
      'another policy',
      sound,
      { ...pins, approval_policy: { ...approvalPolicy, name: 'other' } },
      'policy fail policy_not_accepted',
    );
    ask('expired', sound, { ...pins, at: ISSUED + 900_000 }, 'window fail expired');
    ask(
      'consumed for another attempt',
      sound,
      {
        ...pins,
        boundary: { keyid: boundary.publicKey.keyid, attempt: base64urlEncode(seeded('another attempt', 16)) },
      },
      'use fail consumed',
    );
    ask('not consumed', logged({ content: approval.envelope }), pins, 'use skip not_consumed');
    ask('another schema', sound, { ...pins, schema: `sha256:${'5'.repeat(64)}` }, 'intent fail schema_mismatch');
    ask(
      'too few witnesses',
      logged({ content: approval.envelope }, { cosigned: [[0, SEEN]] }),
      pins,
      'witnesses skip quorum_not_reached',
    );
    const rejected = approve({ overrides: { decision: 'rejected' } });
    ask('rejected', logged({ content: rejected.envelope }), fullPins(rejected), 'policy skip not_approved');
    const retired = trustVersion({
      previous: version1,
      members: {
        ...members,
        approvers: new Map(
          [...members.approvers].map(([keyid, item]) => [
            keyid,
            { ...item, revoked: { reason: 'retired' as const, at: formatTime(LOGGED) } },
          ]),
        ),
      },
    });
    ask(
      'a signer whose key was retired',
      sound,
      { ...pins, trust_root: pinnedTrustRoot(version1, retired) },
      'revocation fail key_retired',
    );
    ask('no receipt', 'receipt', pins, 'receipt fail json_syntax');
  });
}

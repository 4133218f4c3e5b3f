/** Cases of what is decided and how it is signed and stored: webauthn, envelope, intent, statement, entry, sealed, consumption, approval-policy. */
import { createHash } from 'node:crypto';
import { unwrap } from '@assent/test-support/results';
import {
  base64Encode,
  canonicalBytes,
  canonicalJson,
  concatBytes,
  formatEntry,
  formatEnvelope,
  formatSealedEntry,
  hexEncode,
  type Json,
  type JsonObject,
  parsePublicKey,
  preAuthEncoding,
} from '@assent/verifier';
import { bytes, hex, json, text, vectorFile } from '../cases.ts';
import { passkey, rsaKey, seeded, signingKey } from '../keys.ts';
import type { VectorFile } from '../vectors.ts';
import { alice, approvalPolicy, approve, bob, carol, consume, digestOf, LOGGED, service } from '../world.ts';

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

type Members = Readonly<Record<string, unknown>>;

/** A document with members replaced; undefined takes one out. */
function changed(document: JsonObject, changes: Members): JsonObject {
  return JSON.parse(JSON.stringify({ ...document, ...changes }));
}

export function webauthnCases(): VectorFile {
  const about =
    'Passkey assertions: WebAuthn Level 3 §6.1, §5.8.1 and §7.2, with the challenge `nonce ‖ hash`. `hash` is SHA-256 of what is approved.';
  return vectorFile('webauthn', about, ({ good, bad }) => {
    const nonce = seeded('webauthn nonce');
    const hash = sha256(Buffer.from('what is approved'));
    const challenge = concatBytes(nonce, hash);
    const inputOf = (
      authenticator: typeof alice,
      options: Omit<Parameters<typeof alice.assert>[0], 'challenge'> = {},
      more: JsonObject = {},
    ): JsonObject => {
      const { authenticatorData, clientDataJSON, signature } = authenticator.assert({ challenge, ...options });
      return {
        spki: bytes(authenticator.spki),
        authenticator_data: bytes(authenticatorData),
        client_data_json: bytes(clientDataJSON),
        signature: bytes(signature),
        nonce: bytes(nonce),
        hash: bytes(hash),
        ...more,
      };
    };
    const said = { origin: alice.origin, cross_origin: false, user_verified: true, backed_up: false };
    for (const authenticator of [alice, bob, passkey('rsa-2048', 'RS256')]) {
      good(authenticator.algorithm, 'verify', inputOf(authenticator), said);
      bad(
        `${authenticator.algorithm}, another key`,
        'verify',
        inputOf(authenticator, {}, { spki: bytes(anotherKey(authenticator.algorithm)) }),
        'signature_invalid',
      );
    }
    good('the user was not verified', 'verify', inputOf(alice, { userVerified: false }), {
      ...said,
      user_verified: false,
    });
    good('backed up', 'verify', inputOf(alice, { backupEligible: true, backedUp: true }), { ...said, backed_up: true });
    good('eligible for backup, and not backed up', 'verify', inputOf(alice, { backupEligible: true }), said);
    good(
      'in a frame of another origin',
      'verify',
      inputOf(alice, { crossOrigin: true, topOrigin: 'https://shop.example' }),
      { ...said, cross_origin: true, top_origin: 'https://shop.example' },
    );
    good('a counter', 'verify', inputOf(alice, { signCount: 4_294_967_295 }), said);
    good(
      'extensions',
      'verify',
      inputOf(alice, { extensions: new Uint8Array(Buffer.from('a1686372656450726f7401', 'hex')) }),
      said,
    );
    good(
      'members that nobody defined',
      'verify',
      inputOf(alice, { extraClientData: { other_keys_can_be_added_here: 'do not compare' } }),
      said,
    );
    good('a nonce of 16 bytes', 'verify', withNonce(seeded('short nonce', 16)), said);
    good('a nonce of 64 bytes', 'verify', withNonce(seeded('long nonce', 64)), said);
    bad('a nonce of 15 bytes', 'verify', withNonce(seeded('too short nonce', 15)), 'nonce_length');
    bad('a nonce of 65 bytes', 'verify', withNonce(seeded('too long nonce', 65)), 'nonce_length');
    bad('another nonce', 'verify', inputOf(alice, {}, { nonce: bytes(seeded('another nonce')) }), 'challenge_mismatch');
    bad(
      'another hash',
      'verify',
      inputOf(alice, {}, { hash: bytes(sha256(Buffer.from('something else'))) }),
      'challenge_mismatch',
    );
    bad('the challenge is the hash alone', 'verify', withChallenge(hash), 'challenge_mismatch');
    bad(
      'the challenge has a byte more',
      'verify',
      withChallenge(concatBytes(challenge, Uint8Array.of(0))),
      'challenge_mismatch',
    );
    bad(
      'the assertion of a registration',
      'verify',
      inputOf(alice, { extraClientData: { type: 'webauthn.create' } }),
      'client_data_type',
    );
    bad('a payment’s', 'verify', inputOf(alice, { extraClientData: { type: 'payment.get' } }), 'client_data_type');
    bad('nobody was there', 'verify', inputOf(alice, { userPresent: false }), 'user_not_present');
    bad('backed up without being eligible', 'verify', inputOf(alice, { backedUp: true }), 'backup_state_invalid');
    bad(
      'client data after signing',
      'verify',
      inputOf(alice, {}, { client_data_json: bytes(alice.assert({ challenge, crossOrigin: true }).clientDataJSON) }),
      'signature_invalid',
    );
    bad(
      'authenticator data after signing',
      'verify',
      inputOf(alice, {}, { authenticator_data: bytes(alice.assert({ challenge, signCount: 1 }).authenticatorData) }),
      'signature_invalid',
    );
    bad('a signature that is no DER', 'verify', inputOf(alice, {}, { signature: hex('00') }), 'signature_malformed');

    const data = alice.assert({ challenge }).authenticatorData;
    const rpIdHash = hexEncode(sha256(Buffer.from(alice.rpId)));
    const flags = { user_present: true, user_verified: true, backup_eligible: false, backed_up: false };
    good(
      'authenticator data',
      'parse_authenticator_data',
      { authenticator_data: bytes(data) },
      { rp_id_hash: rpIdHash, sign_count: 0, ...flags },
    );
    const withFlags = (value: number, rest = '') =>
      hex(`${rpIdHash}${value.toString(16).padStart(2, '0')}00000007${rest}`);
    good(
      'reserved flags, which are ignored',
      'parse_authenticator_data',
      { authenticator_data: withFlags(0x27) },
      { rp_id_hash: rpIdHash, sign_count: 7, ...flags },
    );
    good(
      'extensions, an empty map',
      'parse_authenticator_data',
      { authenticator_data: withFlags(0x85, 'a0') },
      { rp_id_hash: rpIdHash, sign_count: 7, ...flags },
    );
    const refused: readonly [string, JsonObject, string][] = [
      ['36 bytes', hex(hexEncode(data.slice(0, 36))), 'authenticator_data_malformed'],
      ['bytes after it', withFlags(0x05, '00'), 'authenticator_data_malformed'],
      ['extensions that are not announced', withFlags(0x05, 'a0'), 'authenticator_data_malformed'],
      ['extensions that are missing', withFlags(0x85), 'cbor_malformed'],
      ['extensions that are no map', withFlags(0x85, '80'), 'authenticator_data_malformed'],
      ['extensions by number', withFlags(0x85, 'a10102'), 'authenticator_data_malformed'],
      ['bytes after the extensions', withFlags(0x85, 'a000'), 'authenticator_data_malformed'],
      ['extensions in an indefinite length', withFlags(0x85, 'bfff'), 'cbor_malformed'],
      ['attested credential data', withFlags(0x45, '00'.repeat(18)), 'attested_data_present'],
      ['UP is not set', withFlags(0x04), 'user_not_present'],
      ['BS without BE', withFlags(0x15), 'backup_state_invalid'],
    ];
    for (const [name, value, code] of refused)
      bad(`authenticator data: ${name}`, 'parse_authenticator_data', { authenticator_data: value }, code);
    const client = { type: 'webauthn.get', challenge: 'AAEC', origin: 'https://example.com', crossOrigin: false };
    const parsed = { type: 'webauthn.get', challenge: '000102', origin: 'https://example.com', cross_origin: false };
    good('client data', 'parse_client_data', { client_data_json: json(client) }, parsed);
    good(
      'client data without crossOrigin, as older clients write it',
      'parse_client_data',
      { client_data_json: json(changed(client, { crossOrigin: undefined })) },
      parsed,
    );
    good(
      'client data in another order and with white space',
      'parse_client_data',
      { client_data_json: text(`{ "origin": "https://example.com",\n "challenge": "AAEC", "type": "webauthn.get" }`) },
      parsed,
    );
    const clientRefused: readonly [string, JsonObject][] = [
      ['without a type', json(changed(client, { type: undefined }))],
      ['without an origin', json(changed(client, { origin: undefined }))],
      ['without a challenge', json(changed(client, { challenge: undefined }))],
      ['a challenge with padding', json(changed(client, { challenge: 'AAE=' }))],
      ['a challenge in the alphabet of base64', json(changed(client, { challenge: '++++' }))],
      ['crossOrigin as text', json(changed(client, { crossOrigin: 'false' }))],
      ['topOrigin as a number', json(changed(client, { topOrigin: 1 }))],
      ['a list', json([])],
      ['a byte order mark', text(`\ufeff${JSON.stringify(client)}`)],
      ['a key that stands twice', text(`{"origin":"https://evil.example",${JSON.stringify(client).slice(1)}`)],
      ['no JSON', text('webauthn.get')],
      ['nothing', hex('')],
    ];
    for (const [name, value] of clientRefused)
      bad(`client data: ${name}`, 'parse_client_data', { client_data_json: value }, 'client_data_malformed');

    function withNonce(other: Uint8Array): JsonObject {
      const parts = alice.assert({ challenge: concatBytes(other, hash) });
      return inputOf(
        alice,
        {},
        {
          nonce: bytes(other),
          authenticator_data: bytes(parts.authenticatorData),
          client_data_json: bytes(parts.clientDataJSON),
          signature: bytes(parts.signature),
        },
      );
    }

    function withChallenge(other: Uint8Array): JsonObject {
      const parts = alice.assert({ challenge: other });
      return inputOf(alice, {}, { client_data_json: bytes(parts.clientDataJSON), signature: bytes(parts.signature) });
    }
  });
}

function anotherKey(algorithm: string): Uint8Array {
  if (algorithm === 'RS256') {
    const spki = rsaKey('rsa-2048').publicKey.spki.slice();
    spki[100]! ^= 1;
    return spki;
  }
  return passkey('another key', algorithm === 'EdDSA' ? 'EdDSA' : 'ES256').spki;
}

export function envelopeCases(): VectorFile {
  const about =
    'Envelopes: a restricted profile of DSSE v1. `verify` gives who signed, and how, in the order of the keyids.';
  return vectorFile('envelope', about, ({ good, bad }) => {
    const pae = (type: string, payload: string) =>
      good(
        `pre-authentication encoding of ${JSON.stringify(payload)}`,
        'pre_auth_encoding',
        { payload_type: type, payload: payload === '' ? hex('') : text(payload) },
        Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${Buffer.byteLength(payload)} ${payload}`).toString(
          'hex',
        ),
      );
    pae('http://example.com/HelloWorld', 'hello world');
    pae('application/vnd.assent.approval.v1+json', '€');
    pae('', '');
    const payloadType = 'application/vnd.example+json';
    const payload = new Uint8Array(Buffer.from('{"a":1}'));
    const signed = preAuthEncoding(payloadType, payload);
    const keySignature = (key: typeof carol) => ({ publicKey: key.publicKey, sig: key.sign(signed) });
    const passkeySignature = (authenticator: typeof alice) => {
      const nonce = seeded('envelope nonce');
      const { signature, ...parts } = authenticator.assert({ challenge: concatBytes(nonce, sha256(signed)) });
      return { publicKey: unwrap(parsePublicKey(authenticator.spki)), sig: signature, webauthn: { ...parts, nonce } };
    };
    const one = formatEnvelope({ payloadType, payload, signatures: [keySignature(carol)] });
    const kind = (keyid: string, of: string) => ({ kind: of, keyid });
    good('one key', 'verify', { envelope: one }, [kind(carol.publicKey.keyid, 'key')]);
    const pass = passkeySignature(alice);
    good('one passkey', 'verify', { envelope: formatEnvelope({ payloadType, payload, signatures: [pass] }) }, [
      kind(pass.publicKey.keyid, 'passkey'),
    ]);
    const several = [keySignature(carol), keySignature(service), pass, passkeySignature(bob)];
    const whole = formatEnvelope({ payloadType, payload, signatures: several });
    const sorted = several
      .map(({ publicKey, ...rest }) => kind(publicKey.keyid, 'webauthn' in rest ? 'passkey' : 'key'))
      .sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
    good('keys and passkeys', 'verify', { envelope: whole }, sorted);
    const sixteen = Array.from({ length: 17 }, (_, index) => keySignature(signingKey(`signer ${index}`)));
    const most = formatEnvelope({ payloadType, payload, signatures: sixteen.slice(0, 16) });
    good(
      '16 signatures',
      'verify',
      { envelope: most },
      (most.signatures as readonly { keyid: string }[]).map(({ keyid }) => kind(keyid, 'key')),
    );
    const items = whole.signatures as readonly JsonObject[];
    const first = (one.signatures as readonly JsonObject[])[0]!;
    const withFirst = (changes: Members) => ({ envelope: changed(one, { signatures: [changed(first, changes)] }) });
    bad('no signature', 'verify', { envelope: changed(one, { signatures: [] }) }, 'signatures_count');
    const extra = formatEnvelope({ payloadType, payload, signatures: sixteen.slice(16) })
      .signatures as readonly JsonObject[];
    const seventeen = [...(most.signatures as readonly JsonObject[]), ...extra].sort((a, b) =>
      String(a.keyid) < String(b.keyid) ? -1 : 1,
    );
    bad('17 signatures', 'verify', { envelope: changed(most, { signatures: seventeen }) }, 'signatures_count');
    bad(
      'in another order',
      'verify',
      { envelope: changed(whole, { signatures: [...items].reverse() }) },
      'signatures_unsorted',
    );
    bad('one twice', 'verify', { envelope: changed(one, { signatures: [first, first] }) }, 'signatures_unsorted');
    bad('the keyid of another key', 'verify', withFirst({ keyid: service.publicKey.keyid }), 'keyid_mismatch');
    bad('a keyid in capitals', 'verify', withFirst({ keyid: String(first.keyid).toUpperCase() }), 'bad_value');
    bad('a key that is none', 'verify', withFirst({ publicKey: 'AAAA' }), 'key_unsupported');
    bad(
      'a key with a byte more',
      'verify',
      withFirst({ publicKey: base64Encode(concatBytes(carol.publicKey.spki, Uint8Array.of(0))) }),
      'key_malformed',
    );
    bad(
      'another payload',
      'verify',
      { envelope: changed(one, { payload: base64Encode(Buffer.from('{"a":2}')) }) },
      'signature_invalid',
    );
    bad(
      'another payload type',
      'verify',
      { envelope: changed(one, { payloadType: `${payloadType}2` }) },
      'signature_invalid',
    );
    bad(
      'one bad signature among good ones',
      'verify',
      {
        envelope: changed(whole, {
          signatures: items.map((item) =>
            item.keyid === carol.publicKey.keyid ? changed(item, { sig: base64Encode(carol.sign(payload)) }) : item,
          ),
        }),
      },
      'signature_invalid',
    );
    bad('a signature that is cut short', 'verify', withFirst({ sig: 'AAAA' }), 'signature_malformed');
    bad(
      'a passkey that signed the encoding itself',
      'verify',
      {
        envelope: formatEnvelope({
          payloadType,
          payload,
          signatures: [{ ...pass, sig: alice.sign(signed, new Uint8Array()) }],
        }),
      },
      'signature_invalid',
    );
    bad(
      'a passkey’s parts beside a key’s signature',
      'verify',
      {
        envelope: formatEnvelope({
          payloadType,
          payload,
          signatures: [{ ...keySignature(carol), webauthn: pass.webauthn }],
        }),
      },
      'signature_invalid',
    );
    const rsa = rsaKey('rsa-2048');
    bad(
      'an RSA key without a passkey’s parts',
      'verify',
      { envelope: formatEnvelope({ payloadType, payload, signatures: [keySignature(rsa)] }) },
      'key_unsupported',
    );
    bad('base64url in the payload', 'verify', { envelope: changed(one, { payload: 'eyJhIjoxfQ' }) }, 'bad_base64');
    bad('white space in a signature', 'verify', withFirst({ sig: ` ${first.sig}` }), 'bad_base64');
    bad('a member more', 'verify', { envelope: changed(one, { comment: '' }) }, 'unknown_member');
    bad('a member more in a signature', 'verify', withFirst({ comment: '' }), 'unknown_member');
    bad('no payload', 'verify', { envelope: changed(one, { payload: undefined }) }, 'missing_member');
    bad('no keyid', 'verify', withFirst({ keyid: undefined }), 'missing_member');
    bad('signatures as an object', 'verify', { envelope: changed(one, { signatures: {} }) }, 'wrong_type');
    bad(
      'a payload type with a lone surrogate',
      'verify',
      { envelope: { ...one, payloadType: '\ud800' } },
      'json_lone_surrogate',
    );
  });
}

export function intentCases(): VectorFile {
  const about = 'Intents. `parse` gives the digest, `display_digest` that of a text that was shown.';
  return vectorFile('intent', about, ({ good, bad }) => {
    const { intent } = approve();
    const digest = (of: Json) => `sha256:${hexEncode(sha256(canonicalBytes(of)))}`;
    good('a refund', 'parse', { intent: json(intent) }, digest(intent));
    good(
      'with white space and in another order',
      'parse',
      { intent: text(JSON.stringify(Object.fromEntries(Object.entries(intent).reverse()), undefined, 2)) },
      digest(intent),
    );
    const schema = `sha256:${'5'.repeat(64)}`;
    good('with a schema', 'parse', { intent: json({ ...intent, schema }) }, digest({ ...intent, schema }));
    good(
      'args of any JSON',
      'parse',
      { intent: json({ ...intent, args: { a: [null, 1.5, { b: '€' }] } }) },
      digest({ ...intent, args: { a: [null, 1.5, { b: '€' }] } }),
    );
    const salt = Buffer.from(intent.salt, 'base64url');
    good(
      'a text that was shown',
      'display_digest',
      { intent: json(intent), display: 'Refund 42.00 €' },
      `sha256:${hexEncode(sha256(salt, Buffer.from('Refund 42.00 €')))}`,
    );
    const refused: readonly [string, JsonObject, string][] = [
      ['another type', json({ ...intent, type: 'assent/intent/v2' }), 'unsupported'],
      ['no type', json(changed(intent, { type: undefined })), 'missing_member'],
      ['no salt', json(changed(intent, { salt: undefined })), 'missing_member'],
      [
        'a salt of 15 bytes',
        json({ ...intent, salt: Buffer.from(seeded('x', 15)).toString('base64url') }),
        'bad_value',
      ],
      ['a salt with padding', json({ ...intent, salt: `${intent.salt}==` }), 'bad_base64'],
      ['args that are a list', json({ ...intent, args: [] }), 'wrong_type'],
      ['an action in capitals', json({ ...intent, action: 'Payment.refund' }), 'bad_value'],
      ['an action with an empty word', json({ ...intent, action: 'payment..refund' }), 'bad_value'],
      ['a connector with a space', json({ ...intent, connector: 'stripe acct' }), 'bad_identifier'],
      ['a connector of 129 characters', json({ ...intent, connector: 'x'.repeat(129) }), 'bad_identifier'],
      ['no connector', json({ ...intent, connector: '' }), 'bad_identifier'],
      ['a schema that is no digest', json({ ...intent, schema: 'sha256:00' }), 'bad_value'],
      ['a member more', json({ ...intent, comment: '' }), 'unknown_member'],
      ['a key twice', text(`{"action":"payment.refund",${JSON.stringify(intent).slice(1)}`), 'json_duplicate_key'],
      [
        'a number that no double has',
        text(JSON.stringify(intent).replace('"42.00"', '9007199254740993')),
        'json_number',
      ],
      ['minus zero', text(JSON.stringify(intent).replace('"42.00"', '-0')), 'json_number'],
      ['a lone surrogate', text(JSON.stringify(intent).replace('ch_9', '\\ud800')), 'json_lone_surrogate'],
      ['nested too deep', json({ ...intent, args: { a: deep(31) } }), 'json_too_deep'],
      ['not UTF-8', hex('ff'), 'not_utf8'],
      ['a list', json([]), 'wrong_type'],
    ];
    for (const [name, value, code] of refused) bad(name, 'parse', { intent: value }, code);
  });
}

function deep(levels: number): Json {
  return levels === 0 ? 0 : [deep(levels - 1)];
}

export function statementCases(): VectorFile {
  const about = 'Approval statements, the payloads that are signed. `result` is the statement digest.';
  return vectorFile('statement', about, ({ good, bad }) => {
    const { statement } = approve();
    const payload = (changes: Members = {}) => text(canonicalJson(changed(statement, changes)));
    const digest = (changes: Members = {}) =>
      `sha256:${hexEncode(sha256(canonicalBytes(changed(statement, changes))))}`;
    const attested = [{ approver: 'alice@example.com', role: 'finance', method: 'totp', at: statement.issued_at }];
    const goods: readonly [string, Members][] = [
      ['an approval', {}],
      ['a rejection', { decision: 'rejected' }],
      ['that nobody decided', { decision: 'expired' }],
      ['for more than one use', { use: 'multiple' }],
      ['without what may be left out', { organization: undefined, policy: undefined, boundaries: undefined }],
      ['attested', { attested }],
      ['with a text that was shown', { display: `sha256:${'0'.repeat(64)}` }],
      ['two boundaries', { boundaries: [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`] }],
    ];
    for (const [name, changes] of goods) good(name, 'parse', { payload: payload(changes) }, digest(changes));
    const bads: readonly [string, Members, string][] = [
      ['another type', { type: 'assent/approval/v2' }, 'unsupported'],
      ['no log', { log: undefined }, 'missing_member'],
      ['a decision that there is not', { decision: 'maybe' }, 'bad_value'],
      ['a service with a slash', { service: 'a/b' }, 'bad_identifier'],
      ['an id with a slash', { id: 'a/b' }, 'bad_identifier'],
      ['no id', { id: '' }, 'bad_identifier'],
      ['a requester with a space', { requester: 'a b' }, 'bad_identifier'],
      ['an organization that is no digest', { organization: 'acme' }, 'bad_value'],
      ['a digest in capitals', { organization: `sha256:${'A'.repeat(64)}` }, 'bad_value'],
      ['a time without milliseconds', { issued_at: '2026-04-03T17:00:00Z' }, 'bad_time'],
      ['it expires when it is issued', { expires_at: statement.issued_at }, 'bad_value'],
      ['a use that there is not', { use: 'twice' }, 'bad_value'],
      ['no boundary in the list', { boundaries: [] }, 'bad_value'],
      [
        'boundaries in another order',
        { boundaries: [`sha256:${'1'.repeat(64)}`, `sha256:${'0'.repeat(64)}`] },
        'bad_value',
      ],
      ['a boundary twice', { boundaries: [`sha256:${'1'.repeat(64)}`, `sha256:${'1'.repeat(64)}`] }, 'bad_value'],
      ['a policy without a rule', { policy: { digest: `sha256:${'0'.repeat(64)}` } }, 'missing_member'],
      ['nobody attested in the list', { attested: [] }, 'bad_value'],
      ['a method that there is not', { attested: [{ ...attested[0], method: 'telepathy' }] }, 'bad_value'],
      ['a member more', { comment: '' }, 'unknown_member'],
      ['a member more in the intent', { intent: { ...statement.intent, args: {} } }, 'unknown_member'],
      ['a number for text', { id: 7 }, 'wrong_type'],
    ];
    for (const [name, changes, code] of bads) bad(name, 'parse', { payload: payload(changes) }, code);
    bad('not canonical', 'parse', { payload: text(JSON.stringify(statement, undefined, 1)) }, 'json_not_canonical');
    bad(
      'a key twice',
      'parse',
      { payload: text(canonicalJson(statement).replace('"log":', '"log":"x","log":')) },
      'json_duplicate_key',
    );
    bad('no JSON', 'parse', { payload: text('approved') }, 'json_syntax');
    bad('not UTF-8', 'parse', { payload: hex('7bff7d') }, 'not_utf8');
  });
}

export function entryCases(): VectorFile {
  const about = 'Entries, as the log stores them.';
  return vectorFile('entry', about, ({ good, bad }) => {
    const { envelope, intent } = approve();
    const entry = formatEntry({ kind: 'approval', loggedAt: LOGGED, content: envelope });
    const document: JsonObject = JSON.parse(Buffer.from(entry).toString());
    const of = (changes: Members) => bytes(canonicalBytes(changed(document, changes)));
    const said = (kind: string, visibility: string) => ({ kind, logged_at: LOGGED, visibility });
    good('open', 'parse', { entry: bytes(entry) }, said('approval', 'open'));
    good(
      'revealed',
      'parse',
      { entry: bytes(formatEntry({ kind: 'approval', loggedAt: LOGGED, content: envelope, reveal: { intent } })) },
      said('approval', 'revealed'),
    );
    good(
      'sealed',
      'parse',
      { entry: bytes(formatSealedEntry({ loggedAt: LOGGED, sealed: `sha256:${'0'.repeat(64)}` })) },
      said('approval', 'sealed'),
    );
    good(
      'a consumption',
      'parse',
      { entry: bytes(formatEntry({ kind: 'consumption', loggedAt: LOGGED, content: consume(approve()).envelope })) },
      said('consumption', 'open'),
    );
    good('a trust root', 'parse', { entry: of({ kind: 'trust-root' }) }, said('trust-root', 'open'));
    const bads: readonly [string, Members, string][] = [
      ['another type', { type: 'assent/entry/v2' }, 'unsupported'],
      ['a kind that there is not', { kind: 'monitor' }, 'bad_value'],
      ['no time', { logged_at: undefined }, 'missing_member'],
      ['a time as text', { logged_at: '2026-04-03T17:00:00.000Z' }, 'wrong_type'],
      ['a time before the epoch', { logged_at: -1 }, 'bad_time'],
      ['half a millisecond', { logged_at: 0.5 }, 'bad_time'],
      ['neither content nor commitment', { content: undefined }, 'missing_member'],
      ['content and commitment', { sealed: `sha256:${'0'.repeat(64)}` }, 'unknown_member'],
      ['a commitment that is no digest', { content: undefined, sealed: 'x' }, 'bad_value'],
      ['content that is no object', { content: 'x' }, 'wrong_type'],
      [
        'a sealed consumption',
        { content: undefined, kind: 'consumption', sealed: `sha256:${'0'.repeat(64)}` },
        'bad_value',
      ],
      ['a member more', { comment: '' }, 'unknown_member'],
      ['a member more in what is revealed', { reveal: { intent, comment: '' } }, 'unknown_member'],
    ];
    for (const [name, changes, code] of bads) bad(name, 'parse', { entry: of(changes) }, code);
    bad('not canonical', 'parse', { entry: text(JSON.stringify(document, undefined, 1)) }, 'json_not_canonical');
    bad('over 65,535 bytes', 'parse', { entry: of({ content: { payload: 'A'.repeat(65_536) } }) }, 'too_large');
    bad('no JSON', 'parse', { entry: text('entry') }, 'json_syntax');
  });
}

export function sealedCases(): VectorFile {
  const about = 'Commitments of sealed entries: SHA-256 of 32 bytes of salt and the content’s canonical JSON.';
  return vectorFile('sealed', about, ({ good, bad }) => {
    const salt = seeded('salt of the seal');
    const content = { b: 1, a: 'x' };
    const sealed = `sha256:${hexEncode(sha256(salt, canonicalBytes(content)))}`;
    const input = { sealed, content, salt: base64Encode(salt) };
    good('content and salt', 'check', input, 'opened');
    good(
      'a real approval',
      'check',
      {
        sealed: `sha256:${hexEncode(sha256(salt, canonicalBytes(approve().envelope)))}`,
        content: approve().envelope,
        salt: base64Encode(salt),
      },
      'opened',
    );
    bad('other content', 'check', { ...input, content: { b: 2, a: 'x' } }, 'commitment_mismatch');
    bad('a member more', 'check', { ...input, content: { ...content, c: null } }, 'commitment_mismatch');
    bad('another salt', 'check', { ...input, salt: base64Encode(seeded('another salt')) }, 'commitment_mismatch');
    bad('another commitment', 'check', { ...input, sealed: `sha256:${'0'.repeat(64)}` }, 'commitment_mismatch');
    bad('a salt of 31 bytes', 'check', { ...input, salt: base64Encode(salt.slice(1)) }, 'bad_value');
    bad('a salt that is not base64', 'check', { ...input, salt: 'salt' }, 'bad_value');
    bad('a salt without padding', 'check', { ...input, salt: base64Encode(salt).replace('=', '') }, 'bad_base64');
  });
}

export function consumptionCases(): VectorFile {
  const about = 'Consumptions, the payloads that a boundary signs.';
  return vectorFile('consumption', about, ({ good, bad }) => {
    const { payload } = consume(approve());
    const document: JsonObject = JSON.parse(Buffer.from(payload).toString());
    const of = (changes: Members) => text(canonicalJson(changed(document, changes)));
    good('a consumption', 'parse', { payload: bytes(payload) }, { boundary: 'payments-gw-3' });
    const bads: readonly [string, Members, string][] = [
      ['another type', { type: 'assent/consumption/v2' }, 'unsupported'],
      ['no approval', { approval: undefined }, 'missing_member'],
      ['an approval that is no digest', { approval: 'x' }, 'bad_value'],
      ['an intent that is no digest', { intent: 'x' }, 'bad_value'],
      ['a boundary with a space', { boundary: 'a b' }, 'bad_identifier'],
      ['an attempt of 15 bytes', { attempt: Buffer.from(seeded('a', 15)).toString('base64url') }, 'bad_value'],
      ['an attempt of 17 bytes', { attempt: Buffer.from(seeded('a', 17)).toString('base64url') }, 'bad_value'],
      ['an attempt with padding', { attempt: `${document.attempt}==` }, 'bad_base64'],
      ['a time that is none', { at: 'now' }, 'bad_time'],
      ['a member more', { comment: '' }, 'unknown_member'],
      ['a number for text', { boundary: 7 }, 'wrong_type'],
    ];
    for (const [name, changes, code] of bads) bad(name, 'parse', { payload: of(changes) }, code);
    bad('not canonical', 'parse', { payload: text(JSON.stringify(document, undefined, 1)) }, 'json_not_canonical');
  });
}

export function approvalPolicyCases(): VectorFile {
  const about = 'Approval policies. `parse` gives the digest, `classify` what is asked for before anyone decides.';
  return vectorFile('approval-policy', about, ({ good, bad }) => {
    const of = (changes: Members) => json(changed(approvalPolicy, changes));
    const [refund] = approvalPolicy.rules;
    const withRule = (changes: Members) => of({ rules: [changed(refund as unknown as JsonObject, changes)] });
    const digest = (changes: Members = {}) => digestOf(changed(approvalPolicy, changes));
    good('a policy', 'parse', { policy: of({}) }, digest());
    good('without rules', 'parse', { policy: of({ rules: [] }) }, digest({ rules: [] }));
    const operators: readonly Json[] = [
      { path: '/args/a', eq: '' },
      { path: '', ne: 'x' },
      { path: '/args/a~1b~0c', in: ['x', 'y'] },
      { path: '/args/a', starts_with: 'x' },
      { path: '/args/a', ends_with: 'x' },
      { path: '/args/a', gt: '-0.5' },
      { path: '/args/a', gte: '0' },
      { path: '/args/a', lt: '1.50' },
      { not: { not: { path: '/args/a', lte: '1' } } },
    ];
    const rules = [{ ...refund, when: operators }];
    good('every operator', 'parse', { policy: of({ rules }) }, digest({ rules }));
    const bads: readonly [string, JsonObject, string][] = [
      ['another type', of({ type: 'assent/policy/v2' }), 'unsupported'],
      ['no rules', of({ rules: undefined }), 'missing_member'],
      ['a name with a space', of({ name: 'a b' }), 'bad_identifier'],
      ['two rules of one id', of({ rules: [refund, refund] }), 'bad_value'],
      ['an effect that there is not', withRule({ effect: 'ask' }), 'bad_value'],
      ['approve without what it requires', withRule({ require: undefined }), 'missing_member'],
      ['allow with what it would require', withRule({ effect: 'allow' }), 'bad_value'],
      ['a star in the middle of a pattern', withRule({ action: 'pay*.refund' }), 'bad_value'],
      ['two stars', withRule({ connector: '**' }), 'bad_value'],
      ['an empty pattern', withRule({ action: '' }), 'bad_value'],
      ['no approvals', withRule({ require: { approvals: 0, roles: ['finance'] } }), 'bad_value'],
      ['approvals in halves', withRule({ require: { approvals: 1.5, roles: ['finance'] } }), 'bad_value'],
      ['no roles', withRule({ require: { approvals: 1, roles: [] } }), 'bad_value'],
      ['a role twice', withRule({ require: { approvals: 1, roles: ['a', 'a'] } }), 'bad_value'],
      [
        'a method that there is not',
        withRule({ require: { approvals: 1, roles: ['a'], methods: ['totp'] } }),
        'bad_value',
      ],
      ['an unknown operator', withRule({ when: [{ path: '/args/a', matches: 'x' }] }), 'unknown_member'],
      ['a condition without an operator', withRule({ when: [{ path: '/args/a' }] }), 'missing_member'],
      ['two operators', withRule({ when: [{ path: '/args/a', eq: 'x', ne: 'y' }] }), 'bad_value'],
      ['a path without a slash', withRule({ when: [{ path: 'args', eq: 'x' }] }), 'bad_value'],
      ['a path with a bad escape', withRule({ when: [{ path: '/a~2', eq: 'x' }] }), 'bad_value'],
      ['a decimal with a leading zero', withRule({ when: [{ path: '/args/a', gt: '01' }] }), 'bad_value'],
      ['a decimal as a number', withRule({ when: [{ path: '/args/a', gt: 1 }] }), 'wrong_type'],
      ['a decimal with an exponent', withRule({ when: [{ path: '/args/a', gt: '1e3' }] }), 'bad_value'],
      ['a decimal with 19 decimals', withRule({ when: [{ path: '/args/a', gt: `0.${'1'.repeat(19)}` }] }), 'bad_value'],
      ['no condition in the list', withRule({ when: [] }), 'bad_value'],
      ['a member more', withRule({ comment: '' }), 'unknown_member'],
      ['over 1000 characters of reason', withRule({ reason: 'x'.repeat(1001) }), 'too_large'],
      ['what it accepts is no digest', withRule({ accepts: ['x'] }), 'bad_value'],
      [
        'a key twice',
        text(JSON.stringify(approvalPolicy).replace('"rules":', '"rules":[],"rules":')),
        'json_duplicate_key',
      ],
    ];
    for (const [name, policy, code] of bads) bad(name, 'parse', { policy }, code);

    const { intent } = approve();
    const ask = (changes: Members = {}, when?: readonly Json[]): JsonObject => ({
      intent: changed(intent, changes),
      policy:
        when === undefined
          ? (approvalPolicy as unknown as JsonObject)
          : changed(approvalPolicy, { rules: [{ ...refund, when }] }),
    });
    const amount = (value: unknown) => ({ args: { ...intent.args, amount: value } });
    const refundRule = { effect: 'approve', rule: 'refund' };
    const large = { effect: 'approve', rule: 'large-refund', reason: 'Refunds over 100 need finance and security' };
    good('the first rule', 'classify', ask(), refundRule);
    good('exactly at its bound', 'classify', ask(amount('100')), refundRule);
    good('exactly at its bound, with decimals', 'classify', ask(amount('100.000')), refundRule);
    good('a hair above its bound', 'classify', ask(amount('100.000000000000000001')), large);
    good('beyond what doubles hold', 'classify', ask(amount('9999999999999999999999999999999')), large);
    good('a negative amount', 'classify', ask(amount('-5')), refundRule);
    good('denied', 'classify', ask({ action: 'wire.send', connector: 'bank/1' }), {
      effect: 'deny',
      rule: 'no-wires',
      reason: 'No wires',
    });
    good('allowed', 'classify', ask({ action: 'read.balance' }), { effect: 'allow', rule: 'reads' });
    good('no rule: denied', 'classify', ask({ action: 'deploy.app' }), { effect: 'deny' });
    good('a pattern takes a character at least', 'classify', ask({ connector: 'stripe/' }), { effect: 'deny' });
    good(
      'a pattern takes dots and slashes',
      'classify',
      ask({ action: 'payment.refund.partial', connector: 'stripe/a/b' }),
      refundRule,
    );
    bad('an amount as a number', 'classify', ask(amount(42)), 'condition_error');
    bad('an amount with a leading zero', 'classify', ask(amount('042')), 'condition_error');
    bad('an amount with an exponent', 'classify', ask(amount('4e1')), 'condition_error');
    bad('an amount that is missing', 'classify', ask({ args: { charge: 'ch_9' } }), 'condition_error');
    bad('missing under not', 'classify', ask({}, [{ not: { path: '/args/country', eq: 'US' } }]), 'condition_error');
    bad(
      'missing after a condition that is false',
      'classify',
      ask({}, [
        { path: '/args/currency', eq: 'eur' },
        { path: '/args/country', eq: 'US' },
      ]),
      'condition_error',
    );
    const conditions: readonly [Json, boolean][] = [
      [{ path: '/args/currency', eq: 'usd' }, true],
      [{ path: '/args/currency', eq: 'USD' }, false],
      [{ path: '/args/currency', ne: 'eur' }, true],
      [{ path: '/args/currency', in: ['eur', 'usd'] }, true],
      [{ path: '/args/currency', in: ['eur'] }, false],
      [{ path: '/args/charge', starts_with: 'ch_' }, true],
      [{ path: '/args/charge', ends_with: 'ch_' }, false],
      [{ path: '/args/amount', gt: '41.99' }, true],
      [{ path: '/args/amount', gt: '42' }, false],
      [{ path: '/args/amount', gte: '42' }, true],
      [{ path: '/args/amount', lt: '42.000000000000000001' }, true],
      [{ not: { path: '/args/amount', lte: '42' } }, false],
      [{ path: '/connector', starts_with: 'stripe/' }, true],
    ];
    for (const [condition, holds] of conditions) {
      good(
        `the condition ${JSON.stringify(condition)}`,
        'classify',
        ask({}, [condition]),
        holds ? refundRule : { effect: 'deny' },
      );
    }
  });
}

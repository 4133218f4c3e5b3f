import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createApproval, createServiceKey } from '@assent/test-support/approvals';
import { createAuthenticator } from '@assent/test-support/authenticator';
import {
  agentmintToken,
  cosignetApproval,
  inTotoAttestation,
  signedApprovalDecision,
} from '@assent/test-support/foreign-evidence';
import { createTestLog } from '@assent/test-support/receipts';
import { createRegistration } from '@assent/test-support/registrations';
import { createTrustVersion } from '@assent/test-support/trust-roots';
import { createTestWitness } from '@assent/test-support/witnesses';
import {
  base64Decode,
  base64Encode,
  base64urlEncode,
  concatBytes,
  formatBundle,
  hexDecode,
  hexEncode,
  type Json,
  type JsonObject,
  utf8Encode,
} from '@assent/verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspect } from './inspect.ts';
import type { Inspection, Row } from './inspection.ts';
import { inspectionText } from './inspection-text.ts';

const ofText = (text: string) => inspect(utf8Encode(text));
const ofJson = (json: unknown) => ofText(JSON.stringify(json));

/** Kinds of the document and of all that was found inside it. */
function kindsOf({ kind, rows }: Inspection): readonly string[] {
  const inRows = (all: readonly Row[]): readonly string[] =>
    all.flatMap(({ inside, rows: members }) => [
      ...(inside ? kindsOf(inside) : []),
      ...(members ? inRows(members) : []),
    ]);
  return [kind, ...inRows(rows)];
}

function row({ rows }: Inspection, label: string): Row {
  return rows.find((one) => one.label === label)!;
}

type Vector = {
  readonly about: string;
  readonly operation: string;
  readonly input: JsonObject;
  readonly result?: Json;
};

function vectors(format: string, operation: string): readonly Vector[] {
  const file = new URL(`../../../test-vectors/${format}.json`, import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Vector[] };
  return cases.filter((vector) => vector.operation === operation);
}

function bytesOf(value: Json | undefined): Uint8Array {
  if (typeof value === 'string') return utf8Encode(value);
  const { text, hex, base64 } = value as JsonObject;
  const decoded =
    typeof hex === 'string' ? hexDecode(hex) : typeof base64 === 'string' ? base64Decode(base64) : undefined;
  if (decoded?.ok) return decoded.value;
  return typeof text === 'string' ? utf8Encode(text) : utf8Encode(JSON.stringify(value));
}

/** Format and operation of the vectors, the member that is inspected, its kind; and whether bad ones are bad in form. */
const VECTORS = [
  ['intent', 'parse', 'intent', 'intent', true],
  ['statement', 'parse', 'payload', 'statement', true],
  ['entry', 'parse', 'entry', 'entry', true],
  ['consumption', 'parse', 'payload', 'consumption', true],
  ['trust-root', 'parse', 'payload', 'trust-root', true],
  ['trust-members', 'parse', 'members', 'trust-members', true],
  ['approval-policy', 'parse', 'policy', 'policy', true],
  ['log-policy', 'parse', 'policy', 'log-policy', true],
  ['tlog-proof', 'parse', 'proof', 'tlog-proof', true],
  ['cose-key', 'to_spki', 'cose_key', 'cose-key', true],
  ['spki', 'parse', 'spki', 'public-key', true],
  ['webauthn', 'parse_client_data', 'client_data_json', 'client-data', true],
  ['webauthn', 'parse_authenticator_data', 'authenticator_data', 'authenticator-data', true],
  ['vkey', 'parse', 'vkey', 'vkey', false],
  ['vkey', 'parse_cosigner', 'vkey', 'vkey', false],
  ['tree-head', 'verify', 'json', 'sth', false],
  ['misbehaviour', 'verify', 'document', 'misbehaviour', false],
] as const;

describe('inspect', () => {
  it.each(VECTORS)('knows each good vector of %s (%s), and calls none that is bad well formed', (...vector) => {
    const [format, operation, member, kind, isBadInForm] = vector;
    for (const { about, input, result } of vectors(format, operation)) {
      const found = inspect(bytesOf(input[member]));
      if (result !== undefined) expect([about, found.kind, found.problem]).toEqual([about, kind, undefined]);
      else if (isBadInForm && found.kind === kind) expect([about, found.problem]).not.toEqual([about, undefined]);
    }
  });

  it('knows every receipt of the vectors, and takes its parts apart', () => {
    const readable = vectors('receipt', 'verify').filter(({ result }) => {
      const { checks } = result as { checks: { status: string }[] };
      return checks[0]!.status === 'pass';
    });
    expect(readable.length).toBeGreaterThan(50);
    for (const { about, input } of readable) {
      const found = inspect(bytesOf(input.receipt));
      expect([about, found.kind, found.problem]).toEqual([about, 'receipt', undefined]);
    }
    const whole = kindsOf(inspect(readFileSync(new URL('../../../examples/refund.receipt.json', import.meta.url))));
    expect(whole).toEqual([
      'receipt',
      'entry',
      'envelope',
      'statement',
      'authenticator-data',
      'client-data',
      'tlog-proof',
      'checkpoint',
      'intent',
    ]);
  });

  it('knows heads, and who seems to have signed them', () => {
    const log = createTestLog({ origin: 'log.example.com' });
    const cosigned = createTestWitness({ name: 'w.example' }).append(
      log.checkpoint(),
      Date.parse('2026-04-03T17:00:00Z'),
    );
    const found = ofText(cosigned);
    expect(found.kind).toBe('checkpoint');
    expect(row(found, 'size')).toMatchObject({ value: '0' });
    expect(row(found, 'signature').note).toContain('the log’s own');
    expect(row(found, 'cosignature').note).toContain('2026-04-03T17:00:00.000Z');
    expect(ofText(log.signNote('hello\n')).kind).toBe('note');
    expect(ofText(log.checkpoint().replace('\n0\n', '\n00\n')).problem?.code).toBe('checkpoint_malformed');
    expect(kindsOf(ofText(`old 5\n${base64Encode(new Uint8Array(32))}\n\n${log.checkpoint()}`))).toEqual([
      'add-checkpoint',
      'checkpoint',
    ]);
  });

  it('knows trust roots with their members, alone and as a list', () => {
    const { item: version } = createTrustVersion({ rootKeys: [createServiceKey()] });
    expect(kindsOf(ofJson(version))).toEqual(['trust-version', 'envelope', 'trust-root', 'trust-members']);
    expect(kindsOf(ofJson([version, version]))[0]).toBe('trust-versions');
    expect(JSON.stringify(ofJson(version))).not.toContain(version.salt);
  });

  it.each([
    ['Cosignet', cosignetApproval(), ['foreign-envelope', 'json', 'authenticator-data', 'client-data']],
    ['SignedApproval', signedApprovalDecision(), ['foreign-envelope', 'signed-approval']],
    ['AgentMint', agentmintToken(), ['foreign-envelope', 'agentmint']],
    ['in-toto', inTotoAttestation(), ['foreign-envelope', 'in-toto']],
  ])('knows evidence of %s', (name, content, kinds) => {
    const found = ofJson(content);
    expect([found.problem, kindsOf(found)]).toEqual([undefined, kinds]);
    expect(found.title).toContain(name);
  });

  it('says of an envelope without keys why no log takes it', () => {
    const bare = { payloadType: 'text/plain', payload: 'aGk=', signatures: [{ sig: 'AA==' }] };
    expect(ofJson(bare).problem?.code).toBe('missing_member');
  });

  it('knows what logs answer', () => {
    const answers = {
      problem: { type: 'about:blank', title: 'There is no such thing here', status: 404, code: 'not_found' },
      'consistency-proof': { consistency: [] },
      'inclusion-proof': { leaf_index: 7, audit_path: [] },
      'log-description': { origin: 'log.example.com', vkeys: [], size: 7 },
      promise: { index: 7, state: 'stored', location: '/api/v1/receipts/7' },
      batch: { results: [] },
    };
    for (const [kind, answer] of Object.entries(answers)) expect(ofJson(answer).kind).toBe(kind);
    const { entry } = createTestLog().append({ content: { a: 1 } });
    expect(kindsOf(ofJson({ entries: [{ leaf_input: base64Encode(entry), extra_data: '' }] }))).toEqual([
      'ct-entries',
      'entry',
      'json',
    ]);
  });

  it('knows what passkeys make', () => {
    const authenticator = createAuthenticator();
    const { authenticatorData, clientDataJSON, signature } = authenticator.assert({ challenge: new Uint8Array(48) });
    const response = {
      authenticatorData: base64urlEncode(authenticatorData),
      clientDataJSON: base64urlEncode(clientDataJSON),
      signature: base64urlEncode(signature),
    };
    const found = ofJson({ id: 'AA', rawId: 'AA', type: 'public-key', response });
    expect(kindsOf(found)).toEqual(['webauthn-assertion', 'authenticator-data', 'client-data']);
    const registration = createRegistration(authenticator, { challenge: new Uint8Array(32) });
    expect(kindsOf(ofJson(registration))).toEqual([
      'webauthn-registration',
      'client-data',
      'attestation-object',
      'authenticator-data',
      'authenticator-data',
    ]);
    const flags = row(inspect(authenticatorData), 'flags').rows!;
    expect(flags.map(({ label, value }) => `${label} ${value}`)).toContain('UP yes');
    expect(row(inspect(clientDataJSON), 'challenge').note).toContain('a nonce of 16 bytes');
  });

  it('takes no tile for authenticator data whose flags would fit', () => {
    for (const [flags, next] of [
      [0x81, 0x00], // UP and ED, and behind the counter a number in CBOR
      [0x81, 0xa0], // or an empty map, with more behind it
      [0x41, 0x00], // UP and AT
    ] as const) {
      const tile = new Uint8Array(128);
      tile[32] = flags;
      tile[37] = next;
      tile[55] = 0xa0; // where the key of a credential without an id would be
      expect(inspect(tile).kind).toBe('tile');
    }
  });

  it('knows bundles and tiles, and bytes in base64 or hexadecimal', () => {
    const log = createTestLog();
    const entries = [1, 2, 3, 4].map((a) => log.append({ content: { a } }).entry);
    expect(kindsOf(inspect(formatBundle(entries)))).toEqual([
      'bundle',
      'entry',
      'json',
      'entry',
      'json',
      'entry',
      'json',
    ]);
    expect(inspect(concatBytes(...log.tree.hashes([0, 1, 2, 3].map((index) => ({ level: 0, index }))))).title).toBe(
      'As long as a tile of 4 hashes',
    );
    const { spki } = createServiceKey().publicKey;
    for (const text of [base64Encode(spki), `${base64urlEncode(spki)}\n`, hexEncode(spki)]) {
      expect(kindsOf(ofText(text))).toEqual(['encoded', 'public-key']);
    }
    expect(ofText(`sha256:${'ab'.repeat(32)}`).kind).toBe('digest');
  });

  it.each([
    ['nothing', '', 'it is empty'],
    ['a page', '<!doctype html><p>', 'a web page'],
    ['prose', 'Dear log,\nplease approve.\n', '3 lines of text'],
    ['broken JSON', '{"a":1,"a":2}', 'JSON that cannot be read in one way only'],
    ['one value', '"x"', '1 line of text'],
  ])('says what %s looks like', (_, text, words) => {
    const found = ofText(text);
    expect([found.kind, found.title]).toEqual(['unknown', expect.stringContaining(words)]);
  });

  it('tells a document of a later version from one that it does not know', () => {
    expect(ofJson({ type: 'assent/receipt/v2' }).title).toContain('another version');
    expect(ofJson({ type: 'assent/horoscope/v1', sign: 'lion' }).title).toContain('assent/horoscope/v1');
  });

  it('says of each member that its format does not define it', () => {
    const { statement } = createApproval({ origin: 'log.example.com', serviceKey: createServiceKey() });
    const found = ofJson({ ...JSON.parse(JSON.stringify(statement)), extra: 1 });
    expect(row(found, 'extra').note).toBe('not a member that this format defines');
    expect(found.problem?.code).toBe('json_not_canonical');
  });
});

describe('secrets', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  // Of a key that was read: of one that was generated, Node 20 may never finish making a JWK.
  const jwk = createPrivateKey(pem).export({ format: 'jwk' });
  const seed = Buffer.from(jwk.d!, 'base64url');
  const encrypted = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' });
  const apiKey = `assent_0a1b2c3d_${'K'.repeat(43)}`;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  it.each([
    ['PEM', String(pem), 'private-key'],
    ['PEM under a passphrase', String(encrypted), 'private-key'],
    ['PEM that is damaged', String(pem).replace(/\n.{20}/, '\n'), 'private-key'],
    ['PEM of RSA', String(rsa.export({ format: 'pem', type: 'pkcs1' })), 'private-key'],
    ['DER', new Uint8Array(der), 'private-key'],
    ['DER in base64', der.toString('base64'), 'encoded'],
    ['a JWK', JSON.stringify(jwk), 'private-key'],
    ['a key that signs notes', `PRIVATE+KEY+w.example+0a1b2c3d+${seed.toString('base64')}`, 'private-key'],
    ['an API key', `${apiKey}\n`, 'api-key'],
  ])('are recognised as %s, and never shown', (_, content, kind) => {
    const found = inspect(typeof content === 'string' ? utf8Encode(content) : content);
    expect(found.kind).toBe(kind);
    const shown = JSON.stringify(found) + inspectionText(found, 'x', process.stdout);
    const body = typeof content === 'string' ? content.split('\n')[1] : undefined;
    for (const secret of [
      seed.toString('hex'),
      seed.toString('base64').slice(0, 20),
      jwk.d!.slice(0, 20),
      'K'.repeat(20),
    ]) {
      expect(shown).not.toContain(secret);
    }
    if (body !== undefined && body !== '') expect(shown).not.toContain(body.slice(0, 32));
  });

  it('say whose key it is by its public half', () => {
    const { publicKey } = createServiceKey();
    const found = ofText(`-----BEGIN PUBLIC KEY-----\n${base64Encode(publicKey.spki)}\n-----END PUBLIC KEY-----\n`);
    expect(row(found, 'keyid').value).toBe(publicKey.keyid);
    expect(row(ofText(String(pem)), 'keyid').value).toMatch(/^sha256:/);
  });

  it('are not shown in documents that nobody knows either', () => {
    const found = ofJson({ name: 'x', private_key: 'hunter2', nested: { passphrase: 'hunter2', apiKey: 'hunter2' } });
    expect([found.kind, JSON.stringify(found)]).toEqual(['json', expect.not.stringContaining('hunter2')]);
  });
});

describe('hostile files', () => {
  const HOSTILE = 'x\u001b[2J\u009b0m\u202e✓ authentic\u2066\r\n\u0007';

  it('cannot control the terminal, by values or by names', () => {
    for (const json of [
      { type: 'assent/intent/v1', [HOSTILE]: HOSTILE, args: { [HOSTILE]: [HOSTILE, { [HOSTILE]: 1 }] } },
      { type: HOSTILE },
      { payloadType: HOSTILE, payload: base64Encode(utf8Encode(HOSTILE)), signatures: [{ keyid: HOSTILE }] },
      [HOSTILE],
    ]) {
      const text = inspectionText(ofJson(json), HOSTILE, process.stdout);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    const note = `${'\u009b0m\u202e'}\n7\nx\n\n\u2014 name AAAAAAA=\n`;
    expect(inspectionText(ofText(note), 'x', process.stdout).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('end, however much they hold', () => {
    const wide = ofJson(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`m${i}`, { a: { b: i } }])));
    expect(inspectionText(wide, 'x', process.stdout).split('\n').length).toBeLessThan(10_000);
    let nested = '"x"';
    for (let i = 0; i < 60; i++) nested = `{"a":${nested}}`;
    expect(ofText(nested).kind).toBe('json');
    let boxed = JSON.stringify({ a: 1 });
    for (let i = 0; i < 20; i++) {
      boxed = JSON.stringify({ payloadType: 'x', payload: base64Encode(utf8Encode(boxed)), signatures: [] });
    }
    expect(inspectionText(ofText(boxed), 'x', process.stdout)).toContain('too deep');
  });

  it('never make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const text = inspectionText(inspect(bytes), 'x', process.stdout);
        return !/[\p{Cc}\p{Cf}]/u.test(text.replaceAll('\n', ''));
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        inspect(utf8Encode(json.replace(/[\ud800-\udfff]/gu, '')));
      }),
    );
  });

  it('never make it throw by being cut short or changed in a byte', () => {
    const receipt = readFileSync(new URL('../../../examples/refund.receipt.json', import.meta.url));
    const log = createTestLog();
    const samples = [
      receipt,
      utf8Encode(log.checkpoint()),
      createAuthenticator().coseKey,
      createServiceKey().publicKey.spki,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat(255), fc.boolean(), (sample, at, byte, cut) => {
        const bytes = new Uint8Array(sample);
        bytes[at % bytes.length] = byte;
        inspectionText(inspect(cut ? bytes.subarray(0, at % bytes.length) : bytes), 'x', process.stdout);
      }),
    );
  });
});

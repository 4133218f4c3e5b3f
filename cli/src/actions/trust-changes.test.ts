import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPublicKey } from '../public-key.ts';
import { writeDraft } from '../trust/change.ts';
import { draftVersion } from '../trust/draft.ts';
import { NO_MEMBERS } from '../trust/members.ts';
import { rootKeys } from '../trust/root-keys.ts';
import { trustAdd, trustRotateRoot } from './trust-changes.ts';
import { trustPublish } from './trust-publish.ts';
import { trustShow } from './trust-show.ts';
import { trustSign } from './trust-sign.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-trust-'));
const at = (name: string): string => path.join(folder, name);
const draft = at('v1.json');
const zero = `sha256:${'0'.repeat(64)}`;
const key = at('x.pub');
const person = { approver: 'alice', role: ['finance'], userVerification: true };

beforeAll(async () => {
  for (const name of ['a', 'b', 'x']) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(at(`${name}.pub`), String(publicKey.export({ type: 'spki', format: 'pem' })));
    writeFileSync(at(`${name}.pem`), String(privateKey.export({ type: 'pkcs8', format: 'pem' })), { mode: 0o600 });
  }
  const root = rootKeys(
    [await readPublicKey(at('a.pub'), '--root-key'), await readPublicKey(at('b.pub'), '--root-key')],
    2,
  );
  const times = { issued_at: '2026-04-03T17:00:00.000Z', expires_at: '2026-07-03T17:00:00.000Z' };
  await writeDraft(draft, draftVersion(undefined, { name: 'acme', root, members: NO_MEMBERS, ...times }));
});

describe('assent trust ends, and changes nothing,', () => {
  const flags = { userVerification: true };
  it.each<[string, () => Promise<unknown>, string]>([
    ['with nothing to add', () => trustAdd(draft, flags), 'exactly one of'],
    [
      'with two things to add',
      () => trustAdd(draft, { ...flags, approver: 'a', boundary: 'b', key }),
      'exactly one of',
    ],
    ['with a person without a role', () => trustAdd(draft, { ...flags, approver: 'a', key }), '--role'],
    ['with a person without a key', () => trustAdd(draft, person), '--registration for a passkey'],
    ['with a passkey without its challenge', () => trustAdd(draft, { ...person, registration: key }), '--challenge'],
    [
      'with a challenge of a few bytes',
      () => trustAdd(draft, { ...person, registration: key, challenge: 'AAAA', origin: ['https://a.example'] }),
      '16 bytes',
    ],
    [
      'with an origin that is none',
      () => trustAdd(draft, { ...person, registration: key, challenge: 'A'.repeat(43), origin: ['a.example'] }),
      '--origin takes an origin',
    ],
    [
      'with a challenge without a passkey',
      () => trustAdd(draft, { ...person, challenge: 'AA', key }),
      '--registration',
    ],
    [
      'with a passkey and a key',
      () => trustAdd(draft, { ...person, registration: key, key }),
      'a passkey brings its key',
    ],
    [
      'with a flag of another kind',
      () => trustAdd(draft, { ...flags, boundary: 'b', key, method: ['totp'] }),
      '--method does not go with --boundary',
    ],
    [
      'with a method that there is not',
      () => trustAdd(draft, { ...flags, service: 's', key, method: ['nod'] }),
      'is one of totp',
    ],
    [
      'with people in no form',
      () => trustAdd(draft, { ...flags, service: 's', key, attests: ['alice'] }),
      'APPROVER=ROLE',
    ],
    [
      'with another key for an update',
      () => trustAdd(draft, { ...person, key, update: true }),
      '--update changes neither',
    ],
    ['with an update of nobody', () => trustAdd(draft, { ...person, update: true }), 'no key of alice'],
    ['with a policy that is none', () => trustAdd(draft, { ...flags, policy: key }), 'is no approval policy'],
    ['with another trust root', () => trustShow(draft, { trustRoot: zero }), 'another trust root'],
    ['with a version that is not there', () => trustShow(draft, { version: 2 }), 'versions 1 to 1'],
    ['with a key that has no say', () => trustSign(draft, { key: at('x.pem') }), 'none of the root keys'],
    ['with another digest', () => trustSign(draft, { key: at('a.pem'), digest: zero }), 'another draft'],
    ['with no key', () => trustSign(draft, {}), 'pass --key'],
    ['with a signature of nobody', () => trustSign(draft, { signature: key }), 'go together'],
    [
      'with own versions that are a draft',
      () => trustSign(draft, { key: at('a.pem'), trustVersions: draft }),
      'is a draft',
    ],
    [
      'with too few signatures',
      () => trustPublish(draft, { versions: at('never.json'), offline: true, timeout: 30 }),
      'lacks 2 signatures',
    ],
    ['with a log and without', () => trustPublish(draft, { versions: at('never.json'), timeout: 30 }), '--offline'],
    ['with no change of the root', () => trustRotateRoot(draft, {}), 'say what to change'],
    ['with a rotation that leaves too few', () => trustRotateRoot(draft, { remove: [at('b.pub')] }), 'at most 1'],
  ])('%s', async (_, action, words) => {
    const before = readFileSync(draft, 'utf8');
    await expect(action()).rejects.toThrow(words);
    expect(readFileSync(draft, 'utf8')).toBe(before);
    expect(existsSync(at('never.json'))).toBe(false);
  });
});

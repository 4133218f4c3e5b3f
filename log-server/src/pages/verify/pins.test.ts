import { createServiceKey, createTestLog, createTestWitness, createTrustVersion } from '@assent/test-support';
import { canonicalJson } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { optionsOf, policyOf, quorumText, readPin, readTrustRoot, retiredOptions, sourceOfLog } from './pins.ts';

const log = createTestLog({ origin: 'log.example.com' });
const other = createTestLog({ origin: 'log.elsewhere.example' });
const witness = createTestWitness({ name: 'witness.example/w' });
const policyFor = (vkey: string) => `log ${vkey}\nwitness w ${witness.vkey}\nquorum w\n`;
const withoutLog = `witness w ${witness.vkey}\nquorum w\n`;
const served = { origin: log.origin, vkeys: [log.vkey], retired: [], size: 1 };
const codeOf = async (...pin: Parameters<typeof readPin>) => {
  const read = await readPin(...pin);
  return read.ok ? 'ok' : read.code;
};

describe('readPin', () => {
  it('takes what each kind is, and names what is wrong with the rest', async () => {
    expect(await readPin('logKey', ` ${log.vkey}\n`, {})).toEqual({ ok: true, value: log.vkey });
    expect(await codeOf('logKey', 'nonsense', {})).toBe('vkey_malformed');
    // The newline at the end gets lost when a policy is pasted.
    expect(await codeOf('logPolicy', policyFor(log.vkey).trimEnd(), {})).toBe('ok');
    expect(await codeOf('logPolicy', 'quorum\n', {})).toBe('log_policy_malformed');
    expect(await codeOf('approvalPolicy', '{', {})).toBe('json_syntax');
    expect(await codeOf('approvalPolicy', '{"type":"assent/policy/v2"}', {})).toBe('unsupported');
    expect(await codeOf('trustRoot', '[]', {})).toBe('trust_chain_broken');
  });

  it('keeps no key and policy that contradict each other', async () => {
    const logPolicy = policyFor(log.vkey);
    expect(await codeOf('logKey', other.vkey, { logPolicy })).toBe('vkey_malformed');
    expect(await codeOf('logKey', log.vkey, { logPolicy })).toBe('ok');
    expect(await codeOf('logPolicy', logPolicy, { logKey: other.vkey })).toBe('log_policy_malformed');
    expect(await codeOf('logPolicy', withoutLog, { logKey: other.vkey })).toBe('ok');
  });
});

describe('readTrustRoot', () => {
  it('takes the root id alone, or the versions, which then say it', async () => {
    const first = createTrustVersion({ rootKeys: [createServiceKey()] });
    const second = createTrustVersion({ previous: first });
    const id = await readTrustRoot(first.digest);
    expect(id).toMatchObject({ ok: true, value: { rootId: first.digest } });
    const versions = await readTrustRoot(canonicalJson([second.item, first.item]));
    expect(versions).toMatchObject({ ok: true, value: { rootId: first.digest, newest: { version: 2, people: 0 } } });
    expect(await readTrustRoot(canonicalJson([second.item]))).toMatchObject({ ok: false, code: 'trust_chain_broken' });
    const resalted = { ...first.item, salt: second.item.salt ?? '' };
    expect(await readTrustRoot(canonicalJson([resalted]))).toMatchObject({ ok: false, code: 'commitment_mismatch' });
  });
});

describe('optionsOf', () => {
  it('believes the log about itself only where nothing is pinned', async () => {
    const ownPolicy = policyFor(log.vkey);
    expect(await optionsOf({}, undefined)).toEqual({});
    expect(await optionsOf({}, served)).toEqual({ logKeys: [log.vkey] });
    expect(await optionsOf({}, { ...served, policy: ownPolicy })).toEqual({
      logKeys: [log.vkey],
      logPolicy: ownPolicy,
    });
    expect(await optionsOf({ logKey: other.vkey }, { ...served, policy: ownPolicy })).toEqual({
      logKeys: [other.vkey],
    });
    const pinned = { logPolicy: policyFor(other.vkey) };
    expect(await optionsOf(pinned, served)).toEqual({ logKeys: [], ...pinned });
    expect(await optionsOf({ logPolicy: withoutLog }, served)).toEqual({ logKeys: [log.vkey], logPolicy: withoutLog });
  });

  it('takes several keys, as of a log that has replaced its own', async () => {
    const both = `${log.vkey}\n${other.vkey}`;
    expect(await readPin('logKey', ` ${log.vkey}\r\n\n${other.vkey} `, {})).toEqual({ ok: true, value: both });
    expect(await codeOf('logKey', `${log.vkey}\nnonsense`, {})).toBe('vkey_malformed');
    expect(await codeOf('logKey', both, { logPolicy: policyFor(log.vkey) })).toBe('vkey_malformed');
    expect(await codeOf('logPolicy', policyFor(log.vkey), { logKey: both })).toBe('log_policy_malformed');
    expect(await optionsOf({ logKey: both }, served)).toEqual({ logKeys: [log.vkey, other.vkey] });
  });

  it('asks for the same witnesses where a key counts that the log has replaced, which its policy does not name', async () => {
    const options = await optionsOf({}, { ...served, policy: policyFor(log.vkey) });
    expect(retiredOptions(options, other.vkey)).toMatchObject({
      logKeys: [other.vkey],
      logPolicy: { logs: [], quorum: 'w' },
    });
    expect(retiredOptions(await optionsOf({}, served), other.vkey)).toEqual({ logKeys: [other.vkey] });
  });

  it('is told apart by whose word it is', async () => {
    expect(sourceOfLog({}, undefined)).toBe('none');
    expect(sourceOfLog({}, served)).toBe('served');
    expect(sourceOfLog({ logKey: log.vkey }, served)).toBe('pinned');
    expect(sourceOfLog({ logPolicy: policyFor(log.vkey) }, served)).toBe('pinned');
    expect(sourceOfLog({ logPolicy: withoutLog }, served)).toBe('served');
  });
});

describe('quorumText', () => {
  it('says how many of how many witnesses are asked for, and not where groups stand in groups', () => {
    const witnesses = ['a', 'b', 'c'].map((name) => createTestWitness({ name: `witness.example/${name}` }));
    const known = witnesses.map(({ vkey }, index) => `witness ${'abc'.charAt(index)} ${vkey}\n`).join('');
    const of = (rest: string) => quorumText(policyOf(`${known}${rest}\n`)!);
    expect(of('group two 2 a b c\nquorum two')).toBe('2 of 3 witnesses must have seen it.');
    expect(of('group both all a b\nquorum both')).toBe('2 of 2 witnesses must have seen it.');
    expect(of('quorum b')).toBe('1 of 1 witness must have seen it.');
    expect(of('quorum none')).toMatch(/^None asked for/);
    expect(of('group any-of any a b\ngroup outer 2 any-of c\nquorum outer')).toMatch(/^Enough of the witnesses/);
  });
});

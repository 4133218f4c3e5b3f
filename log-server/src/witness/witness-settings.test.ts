import { createTestWitness } from '@assent/test-support';
import {
  COSIGNATURE_ML_DSA_44,
  formatCosignerVkey,
  formatVkey,
  type NoteVerifier,
  parseLogPolicy,
  parseVkey,
} from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { policyText, readWitnessSettings } from './witness-settings.ts';

const ORIGIN = 'log.test';
const rawKey = createTestWitness({ name: 'own', seed: 1 }).cosigner.raw;
const ownVkey = formatVkey(ORIGIN, rawKey);
const own = parsed(ownVkey);
const [A, B, C] = ['A', 'B', 'C'].map((name, i) => createTestWitness({ name: `w.test/${name}`, seed: i + 2 }).vkey);
const OTHER_LOG = formatVkey('other.test', createTestWitness({ name: 'x', seed: 9 }).cosigner.raw);

function parsed(vkey: string): NoteVerifier {
  const key = parseVkey(vkey);
  if (!key.ok) throw new TypeError(key.detail);
  return key.value;
}

const read = (policy?: string, others?: string) =>
  readWitnessSettings(
    {
      policy: policy === undefined ? undefined : { name: 'P', text: policy },
      others: others === undefined ? undefined : { name: 'O', text: others },
    },
    [own],
  );

describe('readWitnessSettings', () => {
  it('asks nobody without files', () => {
    expect(read()).toMatchObject({ witnesses: [], policy: { quorum: 'none' }, warnings: [] });
  });

  it('takes the witnesses of both files, with their prefixes', () => {
    const policy = `log ${ownVkey}\nwitness a ${A} https://a.test/w/\nwitness b ${B} http://127.0.0.1:8080\ngroup g 1 a b\nquorum g\n`;
    const { witnesses, warnings } = read(policy, `# more\nwitness c ${C} https://c.test/w`);
    expect(witnesses.map(({ name, url, inPolicy }) => [name, url, inPolicy])).toEqual([
      ['a', 'https://a.test/w', true],
      ['b', 'http://127.0.0.1:8080', true],
      ['c', 'https://c.test/w', false],
    ]);
    expect(warnings).toEqual([]);
  });

  it('warns of plain http beyond this machine, and of witnesses that are not asked', () => {
    const policy = `witness a ${A} http://a.test\nwitness b ${B}\ngroup g any a b\nquorum g\n`;
    const { witnesses, warnings } = read(policy);
    expect(witnesses.map(({ name }) => name)).toEqual(['a']);
    expect(warnings).toEqual([
      expect.stringContaining('a is asked over http'),
      expect.stringContaining('P: line 2: the witness b has no URL'),
    ]);
  });

  it('asks witnesses with ML-DSA keys too', () => {
    const mlDsa = formatCosignerVkey('w.test/pq', new Uint8Array(1312).fill(1), COSIGNATURE_ML_DSA_44);
    const { witnesses, warnings } = read(`witness q ${mlDsa} https://q.test\nquorum q\n`);
    expect(witnesses.map(({ name, cosigner }) => [name, cosigner.algorithm])).toEqual([['q', COSIGNATURE_ML_DSA_44]]);
    expect(warnings).toEqual([]);
  });

  it.each<[string, string | undefined, string | undefined, string]>([
    ['a policy that can’t be read', 'witness a\nquorum none\n', undefined, 'P: line 1: not "witness'],
    ['a policy without a quorum', `witness a ${A} https://a.test\n`, undefined, 'P: no quorum line'],
    ['a policy of other logs alone', `log ${OTHER_LOG}\nquorum none\n`, undefined, 'lists logs, and not this one'],
    ['a quorum out of reach', `witness a ${A}\nquorum a\n`, undefined, "the quorum a can't be reached"],
    [
      'a group out of reach',
      `witness a ${A} https://a.test\nwitness b ${B}\ngroup g all a b\nquorum g\n`,
      undefined,
      'give a URL to b',
    ],
    ['a URL of another kind', `\nwitness a ${A} ftp://a.test\nquorum a\n`, undefined, 'P: line 2: the URL of a'],
    ['a URL with a password', `witness a ${A} https://u:p@a.test\nquorum a\n`, undefined, 'P: line 1: the URL of a'],
    ['a URL with a query', `witness a ${A} https://a.test/?x=1\nquorum a\n`, undefined, 'P: line 1: the URL of a'],
    ['another line among the others', undefined, `\nquorum none\n`, 'O: line 2: only lines'],
    ['one of the others without a URL', undefined, `witness a ${A}\n`, 'O: line 1: the witness a has no URL'],
    [
      'a key in both files',
      `witness a ${A} https://a.test\nquorum a\n`,
      `witness b ${A} https://b.test`,
      'O: line 1: the name or key',
    ],
    [
      'a name in both files',
      `witness a ${A} https://a.test\nquorum a\n`,
      `witness a ${B} https://b.test`,
      'O: line 1: the name or key',
    ],
    [
      'this log as its own witness',
      `witness a ${formatCosignerVkey('w.test/own', rawKey)} https://a.test\nquorum a\n`,
      undefined,
      "this log's own name or key",
    ],
    [
      'a witness with the origin as its name',
      `witness a ${createTestWitness({ name: ORIGIN, seed: 5 }).vkey} https://a.test\nquorum a\n`,
      undefined,
      "this log's own name or key",
    ],
  ])('refuses %s', (_, policy, others, message) => {
    expect(() => read(policy, others)).toThrow(ConfigError);
    expect(() => read(policy, others)).toThrow(message);
  });

  it('gives the policy as others can use it', () => {
    const { policy } = read(`witness a ${A} https://a.test\nwitness b ${B} https://b.test\ngroup g 2 a b\nquorum g\n`);
    const text = policyText(policy, ORIGIN, [rawKey]);
    const again = parseLogPolicy(text);
    expect(again).toMatchObject({ ok: true, value: { quorum: 'g', logs: [{ key: { name: ORIGIN } }] } });
    expect(text).toContain(`log ${ownVkey}\n`);
  });
});

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import { describeRights, type KeyTermFlags, parseKeyTerms, parseRate, type RateFlags } from './key-terms.ts';

const keyid = `sha256:${'a'.repeat(64)}`;

describe('parseKeyTerms', () => {
  const none = {
    services: [],
    blind: false,
    foreign: false,
    defaultVisibility: null,
    rate: null,
    boundaries: [],
    trustRoots: [],
  };

  it('gives a plain key nothing beside its services, each once', () => {
    const services = ['a.example', 'b.example'];
    expect(parseKeyTerms({ service: [...services, 'a.example'] })).toEqual({ ...none, services });
  });

  it.each<[KeyTermFlags, readonly string[]]>([
    [{ service: ['a', 'b'] }, ['statements of a, b']],
    [{ service: ['*'] }, ['statements of every service']],
    [{ boundary: [keyid] }, [`consumptions of boundary ${keyid}`]],
    [{ boundary: ['*'] }, ['consumptions of every boundary']],
    [{ trustRoot: [keyid] }, [`versions of trust root ${keyid}`]],
    [{ foreign: true, blind: true }, ['evidence of other systems', 'blind commitments']],
  ])('asks for no other right where there is %j', (flags, words) => {
    const terms = parseKeyTerms(flags);
    expect(terms.services).toEqual(flags.service ?? []);
    expect(describeRights(terms)).toEqual(words);
  });

  it.each<KeyTermFlags>([{}, { service: [] }, { rate: '5', defaultVisibility: 'sealed' }])(
    'refuses %j, with which a key may append nothing',
    (flags) => {
      expect(() => parseKeyTerms(flags)).toThrow(ConfigError);
      expect(() => parseKeyTerms(flags)).toThrow('--service, --boundary, --trust-root, --foreign or --blind');
    },
  );

  it('takes all of them, and each digest once', () => {
    const flags = {
      service: ['a.example'],
      blind: true,
      foreign: true,
      defaultVisibility: 'sealed',
      rate: '2',
      boundary: [keyid, keyid],
      trustRoot: [keyid],
    };
    expect(parseKeyTerms(flags)).toEqual({
      services: ['a.example'],
      blind: true,
      foreign: true,
      defaultVisibility: 'sealed',
      rate: { perSecond: 2, burst: 20 },
      boundaries: [keyid],
      trustRoots: [keyid],
    });
  });

  it('takes a star for every boundary and every trust root, alone', () => {
    expect(parseKeyTerms({ boundary: ['*'] }).boundaries).toEqual(['*']);
    expect(parseKeyTerms({ trustRoot: ['*'] }).trustRoots).toEqual(['*']);
  });

  it.each<[KeyTermFlags, string]>([
    [{ service: ['a/b'] }, '--service'],
    [{ boundary: ['*', keyid] }, '--boundary'],
    [{ trustRoot: [keyid, '*'] }, '--trust-root'],
    [{ defaultVisibility: 'public' }, '--default-visibility'],
    [{ boundary: [keyid.toUpperCase()] }, '--boundary'],
    [{ boundary: [keyid, keyid.slice(7)] }, '--boundary'],
    [{ trustRoot: [`${keyid}0`] }, '--trust-root'],
  ])('refuses %j, naming the flag', (flags, words) => {
    expect(() => parseKeyTerms(flags)).toThrow(ConfigError);
    expect(() => parseKeyTerms(flags)).toThrow(words);
  });
});

describe('parseRate', () => {
  it.each<[RateFlags, object | null]>([
    [{}, null],
    [{ rate: 'off' }, null],
    [{ rate: '20' }, { perSecond: 20, burst: 200 }],
    [{ rate: '0.001' }, { perSecond: 0.001, burst: 1 }],
    [{ rate: '0.25' }, { perSecond: 0.25, burst: 3 }],
    [
      { rate: '5', burst: '1000' },
      { perSecond: 5, burst: 1000 },
    ],
  ])('%j is %j', (flags, rate) => {
    expect(parseRate(flags)).toEqual(rate);
  });

  it.each<[RateFlags, string]>([
    [{ rate: '0' }, '--rate'],
    [{ rate: '0.000' }, '--rate'],
    [{ rate: '-1' }, '--rate'],
    [{ rate: '1e3' }, '--rate'],
    [{ rate: 'NaN' }, '--rate'],
    [{ rate: '0.0001' }, '--rate'],
    [{ rate: '5', burst: '0' }, '--burst'],
    [{ rate: '5', burst: '1.5' }, '--burst'],
    [{ rate: 'off', burst: '5' }, '--burst'],
    [{ burst: '5' }, '--burst'],
  ])('refuses %j', (flags, words) => {
    expect(() => parseRate(flags)).toThrow(ConfigError);
    expect(() => parseRate(flags)).toThrow(words);
  });
});

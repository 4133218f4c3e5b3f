import { describe, expect, it } from 'vitest';
import { addressGroup, clientAddress, isProxyEntry, TrustedProxies } from './client-address.ts';

describe('clientAddress', () => {
  const trusted = new TrustedProxies(['loopback', '10.0.0.0/8', 'fd00::/8', '192.0.2.7']);
  const none = new TrustedProxies([]);

  it.each<[string, string, string | undefined, string]>([
    ['a caller without a proxy', '198.51.100.1', undefined, '198.51.100.1'],
    ['a stranger who claims to be another', '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['a stranger who claims to be a trusted proxy', '198.51.100.1', '203.0.113.9, 127.0.0.1', '198.51.100.1'],
    ['the caller of a trusted proxy', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a caller who wrote an address of his own', '127.0.0.1', '203.0.113.9, 198.51.100.1', '198.51.100.1'],
    ['a caller who wrote a trusted address', '127.0.0.1', '203.0.113.9, 10.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['two trusted proxies', '::1', '203.0.113.9, 198.51.100.1, 10.2.3.4', '198.51.100.1'],
    ['proxies alone', '127.0.0.1', '10.2.3.4, 10.2.3.5', '10.2.3.4'],
    ['a trusted proxy that says nothing', '127.0.0.1', undefined, '127.0.0.1'],
    ['an empty header', '127.0.0.1', '', '127.0.0.1'],
    ['what is no address', '127.0.0.1', '198.51.100.1, unknown', '127.0.0.1'],
    ['what is no address behind a proxy', '127.0.0.1', 'x, 10.2.3.4', '10.2.3.4'],
    ['IPv4 in IPv6 form', '::ffff:127.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['a port', '127.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['brackets and a port', 'fd00::2', '[2001:db8::1]:443', '2001:db8::1'],
    ['a zone', 'fe80::1%eth0', '198.51.100.1', 'fe80::1'],
    ['a single trusted address', '192.0.2.7', '198.51.100.1', '198.51.100.1'],
    ['its neighbour', '192.0.2.8', '198.51.100.1', '192.0.2.8'],
    ['a socket without an address', '', '198.51.100.1', ''],
  ])('%s', (_, peer, forwardedFor, expected) => {
    expect(clientAddress(peer, forwardedFor, trusted)).toBe(expected);
  });

  it('believes nobody unless it was told to', () => {
    expect(clientAddress('127.0.0.1', '198.51.100.1', none)).toBe('127.0.0.1');
    expect(clientAddress('::1', '198.51.100.1', none)).toBe('::1');
  });

  it('reads no more hops than any network has', () => {
    const header = ['203.0.113.9', ...Array.from({ length: 40 }, () => '10.0.0.1')].join(', ');
    expect(clientAddress('127.0.0.1', header, trusted)).toBe('10.0.0.1');
  });
});

describe('addressGroup', () => {
  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3::192.0.2.1', '1:2:3:0::/64'],
    ['', ''],
  ])('counts %s as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

describe('isProxyEntry', () => {
  it.each(['loopback', '10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1', '0.0.0.0/0'])('takes %s', (entry) => {
    expect(isProxyEntry(entry)).toBe(true);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/08', '10.0.0.0/', '10.0.0.0/8/8'])(
    'refuses %j',
    (entry) => {
      expect(isProxyEntry(entry)).toBe(false);
    },
  );
});

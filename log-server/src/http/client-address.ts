import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Proxies whose word about the caller's address is believed: `loopback`, addresses and CIDR blocks. */
export class TrustedProxies {
  private readonly list = new BlockList();

  /** @param entries as {@link isProxyEntry} allows them */
  constructor(entries: readonly string[]) {
    for (const entry of entries.flatMap((one) => (one === 'loopback' ? ['127.0.0.0/8', '::1'] : [one]))) {
      const [address = '', prefix] = entry.split('/');
      const family = isIPv4(address) ? 'ipv4' : 'ipv6';
      if (prefix === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, Number(prefix), family);
    }
  }

  has(address: string): boolean {
    return this.list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
}

export function isProxyEntry(entry: string): boolean {
  if (entry === 'loopback' || isIP(entry) !== 0) return true;
  const [address = '', prefix = '', ...rest] = entry.split('/');
  if (rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(prefix)) return false;
  return (isIPv4(address) && Number(prefix) <= 32) || (isIPv6(address) && Number(prefix) <= 128);
}

/** More proxies than this one behind another is nobody's network, but somebody's attempt to keep us busy. */
const MOST_HOPS = 16;

/**
 * Whom a request comes from. Each proxy appends the address that it saw to `X-Forwarded-For`, so only the right end is
 * anybody's word but the caller's own: it is read from there, over the proxies that are trusted, up to the first address
 * that is not one. What stands further left anyone may have written, and is never looked at.
 *
 * @param peer the socket's other end
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusted: TrustedProxies): string {
  let address = plain(peer) ?? peer;
  let rest = forwardedFor;
  for (let hop = 0; hop < MOST_HOPS && rest !== undefined && isIP(address) !== 0 && trusted.has(address); hop++) {
    const comma = rest.lastIndexOf(',');
    const next = plain(rest.slice(comma + 1).trim());
    // What a trusted proxy did not write as an address says nothing: the proxy itself is held to account.
    if (next === undefined) break;
    address = next;
    rest = comma === -1 ? undefined : rest.slice(0, comma);
  }
  return address;
}

/**
 * What is counted together: an IPv4 address, or the /64 of an IPv6 address, which is the least that one customer has; with
 * single addresses one caller would have 2^64 of them.
 */
export function addressGroup(address: string): string {
  return isIPv6(address) ? `${firstFourGroups(address)}::/64` : address;
}

/** Without what surrounds an address: IPv4 in IPv6 form, a zone, a port, brackets. Undefined if there is none inside. */
function plain(text: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  const bare =
    mapped ?? /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '');
  return isIP(address) === 0 ? undefined : address;
}

function firstFourGroups(address: string): string {
  const [left = '', right] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right !== undefined) {
    const after = right === '' ? [] : right.split(':');
    // The last group may be an IPv4 address, which stands for two.
    const taken = groups.length + after.length + (right.includes('.') ? 1 : 0);
    groups.push(...Array.from({ length: 8 - taken }, () => '0'), ...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

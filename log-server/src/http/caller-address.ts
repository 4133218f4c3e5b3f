import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import { addressGroup, clientAddress, TrustedProxies } from './client-address.ts';

/** Whom a request counts for; undefined for a caller without an address (a test without a socket). */
export type CallerAddress = (c: Context) => string | undefined;

/** @param trustedProxies as {@link TrustedProxies} takes them */
export function callerAddresses(trustedProxies: readonly string[], logger: Logger): CallerAddress {
  const proxies = new TrustedProxies(trustedProxies);
  let warned = false;
  return (c) => {
    const peer = ((c.env ?? {}) as Partial<HttpBindings>).incoming?.socket.remoteAddress;
    if (peer === undefined) return undefined;
    const forwardedFor = c.req.header('x-forwarded-for');
    if (forwardedFor !== undefined && trustedProxies.length === 0 && !warned) {
      warned = true;
      logger.warn(
        'requests come with X-Forwarded-For, but ASSENT_TRUSTED_PROXIES names no proxy: if there is one, all of its callers share one limit',
      );
    }
    return addressGroup(clientAddress(peer, forwardedFor, proxies));
  };
}

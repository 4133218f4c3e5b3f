import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import { addressGroup, clientAddress, TrustedProxies } from './client-address.ts';

/** Whom a request counts for; undefined for a caller without an address (a test without a socket). */
export type CallerAddress = (c: Context) => string | undefined;

/** The same from what a request has: its socket's other end, and its `X-Forwarded-For`. */
export type AddressOf = (peer: string | undefined, forwardedFor: string | undefined) => string | undefined;

/** @param trustedProxies as {@link TrustedProxies} takes them */
export function addressesBehind(trustedProxies: readonly string[], logger: Logger): AddressOf {
  const proxies = new TrustedProxies(trustedProxies);
  let warned = false;
  return (peer, forwardedFor) => {
    if (peer === undefined) return undefined;
    if (forwardedFor !== undefined && trustedProxies.length === 0 && !warned) {
      warned = true;
      logger.warn(
        'requests come with X-Forwarded-For, but ASSENT_TRUSTED_PROXIES names no proxy: if there is one, all of its callers share one limit',
      );
    }
    return addressGroup(clientAddress(peer, forwardedFor, proxies));
  };
}

/** @param trustedProxies as {@link TrustedProxies} takes them */
export function callerAddresses(trustedProxies: readonly string[], logger: Logger): CallerAddress {
  const addressOf = addressesBehind(trustedProxies, logger);
  return (c) => {
    const peer = ((c.env ?? {}) as Partial<HttpBindings>).incoming?.socket.remoteAddress;
    return addressOf(peer, c.req.header('x-forwarded-for'));
  };
}

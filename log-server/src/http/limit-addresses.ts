import type { MiddlewareHandler } from 'hono';
import { Problem, type ProblemCode } from '../problems.ts';
import { type Rate, RateLimits } from '../rate-limits.ts';
import type { CallerAddress } from './caller-address.ts';

export type AddressLimits = {
  /** GET and HEAD; undefined: as many as anyone likes. */
  readonly reads: Rate | undefined;
  /** Requests that came with a wrong API key. */
  readonly failedAuthentications: Rate | undefined;
};

/** Supervisors and load balancers ask often, and must not be refused. */
const UNLIMITED = new Set(['/livez', '/healthz', '/readyz', '/metrics']);
const MOST_ADDRESSES = 50_000;

/** Counts wrong API keys by address. One for all who look at keys, or an address could go on guessing at another door. */
export function countGuesses(): RateLimits {
  return new RateLimits(undefined, MOST_ADDRESSES);
}

/**
 * Limits what one address may ask for. A caller who has no address (a test without a socket) is not limited. Undefined when
 * there is nothing to limit, so that nobody pays for it.
 */
export function limitAddresses(
  { reads, failedAuthentications }: AddressLimits,
  caller: CallerAddress,
  guessers = countGuesses(),
): MiddlewareHandler<{ Variables: { problem?: ProblemCode } }> | undefined {
  if (reads === undefined && failedAuthentications === undefined) return undefined;
  const readers = new RateLimits(undefined, MOST_ADDRESSES);

  return async (c, next) => {
    const { method } = c.req;
    if (method === 'GET' || method === 'HEAD') {
      const address = reads && !UNLIMITED.has(c.req.path) ? caller(c) : undefined;
      if (reads !== undefined && address !== undefined) {
        const seconds = readers.take(address, 1, reads);
        if (seconds > 0) throw limited(`This address may ask ${reads.perSecond} times a second.`, seconds);
      }
      // With a key a GET has to have it looked up, as a POST does.
      if (c.req.header('authorization') === undefined) return next();
    }
    const address = failedAuthentications && caller(c);
    if (failedAuthentications === undefined || address === undefined) return next();
    // Before the key is looked at: looking up keys that don't exist is what this address is to be kept from.
    const seconds = guessers.wait(address, 1, failedAuthentications);
    if (seconds > 0) throw limited('Too many requests from this address came with a wrong API key.', seconds);
    await next();
    if (c.get('problem') === 'unauthenticated') guessers.take(address, 1, failedAuthentications);
  };
}

function limited(message: string, seconds: number): Problem {
  return new Problem('rate_limited', `${message} Go on after ${seconds} s.`, { retryAfter: seconds });
}

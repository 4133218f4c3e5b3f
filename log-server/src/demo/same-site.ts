/**
 * Who may talk to the demo's service. It appends for whoever asks, so nobody but its own page may ask: another site in
 * the same browser (cross-site requests, DNS rebinding) and another machine are turned away.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { Problem } from '../problems.ts';
import { SERVICE } from '../words/demo.ts';
import type { RelyingParty } from './approval-service.ts';

const LOOPBACK = /^(::1|(::ffff:)?127(\.[0-9]{1,3}){3})$/;

/** Passkeys refuse bare IP addresses, so the one name under which the demo works is `localhost`. */
export function relyingPartyOf(port: number): RelyingParty {
  return { rpId: 'localhost', origin: `http://localhost:${port}` };
}

/**
 * The port on which the connection arrived, which must be a loopback one. It is asked of the socket and not of a setting,
 * as a proxy or a container could make the setting untrue. Throws a Problem.
 */
export function loopbackPort(c: Context): number {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const { localPort, localAddress = '', remoteAddress = '' } = incoming?.socket ?? {};
  if (localPort === undefined || !LOOPBACK.test(localAddress) || !LOOPBACK.test(remoteAddress)) {
    throw new Problem('forbidden', SERVICE.thisMachine);
  }
  return localPort;
}

/** For a page to look at: `localhost`, or the address that is then redirected to it. Throws a Problem. */
export function checkReadableHost(c: Context, port: number): 'localhost' | 'address' {
  const host = c.req.header('host');
  if (host === `localhost:${port}`) return 'localhost';
  if (host === `127.0.0.1:${port}`) return 'address';
  throw new Problem('forbidden', SERVICE.openAt(`http://localhost:${port}/demo`));
}

/** For everything that acts: from the demo's own page only. Throws a Problem. */
export function checkSameSite(c: Context, port: number): void {
  const { origin } = relyingPartyOf(port);
  const site = c.req.header('sec-fetch-site');
  const sent = { host: c.req.header('host'), origin: c.req.header('origin') };
  if (sent.host !== `localhost:${port}` || sent.origin !== origin || (site !== undefined && site !== 'same-origin')) {
    throw new Problem('forbidden', SERVICE.onlyPage(`${origin}/demo`));
  }
}

import { CommandFailure } from './failure.ts';

/** `--log`: the address of a log, as the base of relative ones. */
export function parseLogUrl(text: string): URL {
  return parseBaseUrl(text, '--log');
}

/** @param what it is of, for messages */
export function parseBaseUrl(text: string, what: string): URL {
  const url = parseHttpUrl(text, what);
  if (url.search !== '' || url.hash !== '') {
    throw new CommandFailure('usage', `${what}: the address of a log is without "?" and "#"`);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

export function parseHttpUrl(text: string, what: string): URL {
  if (!isHttpUrl(text) || !URL.canParse(text)) {
    throw new CommandFailure(
      'usage',
      `${what}: ${text.slice(0, 200)} is no address that begins with http:// or https://`,
    );
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new CommandFailure('usage', `${what}: an address with a user name or a password in it is not taken`);
  }
  return url;
}

/** Whether what is sent there leaves this machine unencrypted. */
export function isInTheClear({ protocol, hostname }: URL): boolean {
  const isLoopback =
    hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname);
  return protocol === 'http:' && !isLoopback;
}

import type { IncomingMessage } from 'node:http';

/** What surely is a host; others are for the rest to judge. */
const HOST = /^[a-z0-9.-]+(:[0-9]+)?$/i;
/** They change what is answered, or how. */
const TELLING = ['authorization', 'if-none-match', 'x-request-id'] as const;

/** A GET whose headers change nothing about the answer, but for which form of it is preferred. */
export function isPlainGet({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || !HOST.test(headers.host ?? '')) return false;
  return TELLING.every((name) => headers[name] === undefined);
}

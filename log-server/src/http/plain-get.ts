import type { IncomingMessage } from 'node:http';

/** What surely is a host; others are for the rest to judge. */
const HOST = /^[a-z0-9.-]+(:[0-9]+)?$/i;
/** They change what is answered, or how. */
const TELLING = ['authorization', 'if-none-match', 'x-request-id'] as const;

/** A GET whose headers change nothing about the answer, but for which form of it is preferred. */
export function isPlainGet(request: IncomingMessage): boolean {
  const { method, headers } = request;
  if (method !== 'GET' || !HOST.test(headers.host ?? '') || hostCount(request) !== 1) return false;
  return TELLING.every((name) => headers[name] === undefined);
}

/** How many `Host` fields a request has. Of several Node shows the first one, and what stands before this server perhaps another. */
export function hostCount({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

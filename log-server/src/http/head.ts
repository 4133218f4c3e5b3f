import type { Context } from 'hono';

/**
 * RFC 9110 §9.3.2: HEAD has the header fields of GET, and the length of the body that is not sent. Hono runs the GET handler
 * and drops the body; its length is told here, unless the handler left the body out itself.
 */
export async function tellLength(c: Context): Promise<void> {
  const { res } = c;
  if (res.body === null || res.headers.has('Content-Length')) return;
  const { byteLength } = await res.arrayBuffer();
  // Hono takes status and headers from this response, and never its body, which has been read.
  res.headers.set('Content-Length', String(byteLength));
}

/** The method, for the words of a problem, which are as long for HEAD as for GET. */
export function methodInWords({ req }: Context): string {
  return req.method === 'HEAD' ? 'GET' : req.method;
}

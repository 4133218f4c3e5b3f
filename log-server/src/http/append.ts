import { Hono } from 'hono';
import { MAX_BODY_BYTES } from '../admission/examine.ts';
import type { ApiKeys } from '../api-keys.ts';
import type { Log } from '../log.ts';
import { Problem } from '../problems.ts';
import { readBody } from './read-body.ts';

export const RECEIPT_MEDIA_TYPE = 'application/vnd.assent.receipt+json';

/** `POST /api/v1/entries`. */
export function appendRoutes(log: Log, apiKeys: ApiKeys): Hono {
  return new Hono().post('/api/v1/entries', async (c) => {
    const rights = await apiKeys.authenticate(c.req.header('authorization'));
    const wait = c.req.query('wait');
    if (wait !== undefined && wait !== 'signed') {
      throw new Problem('invalid_parameter', 'This log knows "wait=signed" alone, which is the default.');
    }
    const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
    if (mediaType !== 'application/json') {
      throw new Problem('unsupported_media_type', 'Send the body with "Content-Type: application/json".');
    }
    const { created, index, receipt } = await log.appendBody(await readBody(c, MAX_BODY_BYTES), rights);
    return c.body(receipt, created ? 201 : 200, {
      'Content-Type': RECEIPT_MEDIA_TYPE,
      'Cache-Control': 'no-store',
      Location: `/api/v1/entries/${index}`,
    });
  });
}

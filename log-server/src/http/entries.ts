import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Log } from '../log.ts';
import { etagOf, NOT_MODIFIED, tagged } from './conditional.ts';
import { createApi, decimal, endpoint } from './endpoint.ts';
import { IMMUTABLE } from './immutable.ts';
import { negotiate } from './negotiate.ts';

/** `GET /api/v1/entries/{index}`. */
export function entryRoutes(log: Log): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/entries/{index}',
      operationId: 'getEntry',
      tag: 'read',
      summary: 'An entry, as the log stores it',
      params: z.object({ index: decimal }),
      responses: {
        200: {
          description: 'Its bytes: canonical JSON, under either media type',
          content: {
            'application/json': { schema: z.record(z.string(), z.unknown()) },
            'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) },
          },
        },
        304: NOT_MODIFIED,
      },
      problems: ['not_found', 'read_only', 'stored_data_damaged', 'withheld'],
    },
    async (c, { params }) => {
      const entry = await log.entry(params.index);
      const mediaType = negotiate(c.req.header('accept'), ['application/json', 'application/octet-stream']);
      return tagged(c, entry, {
        // The same bytes under another media type are another representation.
        ETag: etagOf(entry, mediaType === 'application/json' ? '' : '-bytes'),
        'Cache-Control': IMMUTABLE,
        'Content-Type': mediaType,
        Vary: 'Accept',
      });
    },
  );
  return api;
}

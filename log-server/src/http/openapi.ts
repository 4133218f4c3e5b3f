import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { etagOf, NOT_MODIFIED, tagged } from './conditional.ts';
import { createApi, endpoint } from './endpoint.ts';

const DESCRIPTION = `The public transparency log for human approvals. Reading what is open needs no key, appending does. Receipts, tree
heads and proofs need no trust in this log: verify them with the \`@assent/verifier\` library or the \`assent\` command line, and with a log
key that you have from elsewhere.

Every refusal is \`application/problem+json\` (RFC 9457) with a \`code\` out of a closed list.`;

const TAGS = {
  append: 'Appending entries. Needs an API key.',
  read: 'Entries, receipts and proofs, for people and programs.',
  'tlog-tiles': 'The log as C2SP tlog-tiles, for monitors, mirrors and witnesses.',
  rfc6962: 'The log as RFC 6962 clients read it. `leaf_input` is the entry itself, `extra_data` is empty.',
  operations: 'For whoever runs the log.',
} as const;

/**
 * `GET /openapi.json`: OpenAPI 3.1, made of the same definitions that serve the requests. Made at the first request, when
 * every route is in place.
 */
export function openApiRoutes(app: OpenAPIHono): OpenAPIHono {
  const api = createApi();
  let document: { readonly text: string; readonly etag: string } | undefined;
  endpoint(
    api,
    {
      method: 'get',
      path: '/openapi.json',
      operationId: 'getOpenApi',
      tag: 'operations',
      summary: 'This document',
      responses: {
        304: NOT_MODIFIED,
        200: {
          description: 'OpenAPI 3.1',
          content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } },
        },
      },
    },
    (c) => {
      document ??= describe(app);
      return tagged(c, document.text, {
        ETag: document.etag,
        'Cache-Control': 'no-cache',
        'Content-Type': 'application/json',
      });
    },
  );
  return api;
}

function describe(app: OpenAPIHono): { text: string; etag: string } {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'assent_<8 hexadecimal digits>_<43 characters>',
  });
  const text = JSON.stringify(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Assent log',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: '/' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    }),
  );
  return { text, etag: etagOf(text) };
}

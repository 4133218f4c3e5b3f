import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { CtLog } from '../../ct-log.ts';
import { NOT_MODIFIED } from '../conditional.ts';
import { decimal, endpoint } from '../endpoint.ts';
import { answer, base64, base64List } from './ct-answer.ts';

const sthSchema = z
  .object({
    tree_size: z.int(),
    timestamp: z.int().openapi({ description: 'Milliseconds since the epoch' }),
    sha256_root_hash: base64,
    tree_head_signature: base64.openapi({ description: 'A digitally-signed struct: 08 07 00 40, then Ed25519' }),
  })
  .openapi('SignedTreeHead');

const consistencySchema = z.object({ consistency: z.array(base64) }).openapi('CtConsistency');

/** RFC 6962 §4.3 and §4.4. */
export function treeHeadRoutes(api: OpenAPIHono, ct: CtLog): void {
  endpoint(
    api,
    {
      method: 'get',
      path: '/ct/v1/get-sth',
      operationId: 'ctGetSth',
      tag: 'rfc6962',
      summary: 'The newest signed tree head',
      responses: {
        200: { description: 'RFC 6962 §4.3', content: { 'application/json': { schema: sthSchema } } },
        304: NOT_MODIFIED,
      },
      problems: ['read_only'],
    },
    async (c) => answer(c, await ct.treeHead(), { forever: false }),
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/ct/v1/get-sth-consistency',
      operationId: 'ctGetSthConsistency',
      tag: 'rfc6962',
      summary: 'That the tree of one size extends that of another',
      query: z.object({ first: decimal, second: decimal }),
      responses: {
        200: { description: 'RFC 6962 §4.4', content: { 'application/json': { schema: consistencySchema } } },
        304: NOT_MODIFIED,
      },
      problems: ['read_only'],
    },
    async (c, { query: { first, second } }) => {
      const consistency = base64List(await ct.consistency(first, second));
      return answer(c, JSON.stringify({ consistency }), { forever: true });
    },
  );
}

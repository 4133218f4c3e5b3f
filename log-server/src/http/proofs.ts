import { hexEncode } from '@assent/verifier';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Log } from '../log.ts';
import { createApi, decimal, endpoint } from './endpoint.ts';
import { IMMUTABLE } from './immutable.ts';

const hash = z.string().openapi({ example: `sha256:${'0'.repeat(64)}` });
const checkpoint = z.string().optional().openapi({
  description: 'The signed checkpoint of the newest head; absent where the request chose the size',
});

const inclusionSchema = z
  .object({ index: z.int(), size: z.int(), leaf_hash: hash, root: hash, proof: z.array(hash), checkpoint })
  .openapi('InclusionProof');

const consistencySchema = z
  .object({ from: z.int(), to: z.int(), from_root: hash, to_root: hash, proof: z.array(hash), checkpoint })
  .openapi('ConsistencyProof');

const problems = ['not_found', 'read_only'] as const;
const optionalSize = decimal.optional().openapi({ description: 'Default: the newest signed size', example: undefined });

/** `GET /api/v1/proofs/…`: RFC 9162 proofs as JSON, hashes as `sha256:<hex>`. */
export function proofRoutes(log: Log): OpenAPIHono {
  const api = createApi();
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/proofs/inclusion',
      operationId: 'getInclusionProof',
      tag: 'read',
      summary: 'That the tree of a size holds an entry',
      query: z.object({ index: decimal, size: optionalSize }),
      responses: {
        200: { description: 'The proof', content: { 'application/json': { schema: inclusionSchema } } },
      },
      problems,
    },
    async (c, { query }) => {
      const { leafHash, root, proof, ...sizes } = await log.proofs.inclusion(query.index, query.size);
      c.header('Cache-Control', cacheControl(query.size));
      const answer: z.input<typeof inclusionSchema> = {
        ...sizes,
        leaf_hash: digest(leafHash),
        root: digest(root),
        proof: proof.map(digest),
      };
      return c.json(answer);
    },
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/api/v1/proofs/consistency',
      operationId: 'getConsistencyProof',
      tag: 'read',
      summary: 'That the tree of one size extends that of a smaller one',
      query: z.object({ from: decimal, to: optionalSize }),
      responses: {
        200: { description: 'The proof', content: { 'application/json': { schema: consistencySchema } } },
      },
      problems,
    },
    async (c, { query }) => {
      const { fromRoot, toRoot, proof, ...sizes } = await log.proofs.consistency(query.from, query.to);
      c.header('Cache-Control', cacheControl(query.to));
      const answer: z.input<typeof consistencySchema> = {
        ...sizes,
        from_root: digest(fromRoot),
        to_root: digest(toRoot),
        proof: proof.map(digest),
      };
      return c.json(answer);
    },
  );
  return api;
}

/** A proof between sizes that the request named never changes. */
function cacheControl(asked: number | undefined): string {
  return asked === undefined ? 'no-cache' : IMMUTABLE;
}

function digest(bytes: Uint8Array): string {
  return `sha256:${hexEncode(bytes)}`;
}

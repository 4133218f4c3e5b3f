import { base64Decode } from '@assent/verifier';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type CtLog, MAX_ENTRIES } from '../../ct-log.ts';
import { toBase64 } from '../../to-base64.ts';
import { NOT_MODIFIED, tagged } from '../conditional.ts';
import { decimal, endpoint } from '../endpoint.ts';
import type { LargeAnswers } from '../large-answers.ts';
import { answer, base64, base64List } from './ct-answer.ts';
import { ENTRY_AND_PROOF_PATH, entryAndProof } from './entry-and-proof.ts';

const leafInput = base64.openapi({ description: "The entry's bytes, whose leaf hash is in the tree" });
const extraData = z.literal('').openapi({ description: 'There is none' });
const entriesSchema = z
  .object({ entries: z.array(z.object({ leaf_input: leafInput, extra_data: extraData })) })
  .openapi('CtEntries');
const proofSchema = z.object({ leaf_index: z.int(), audit_path: z.array(base64) }).openapi('CtProof');
const entryAndProofSchema = z
  .object({ leaf_input: leafInput, extra_data: extraData, audit_path: z.array(base64) })
  .openapi('CtEntryAndProof');

const leafHash = z
  .string()
  .transform((text, context) => {
    const bytes = base64Decode(text);
    if (bytes.ok && bytes.value.length === 32) return bytes.value;
    const hint = text.includes(' ') ? ' ("+" means a space in a query: write %2B)' : '';
    context.addIssue({ code: 'custom', message: `must be padded base64 of a leaf hash of 32 bytes${hint}` });
    return z.NEVER;
  })
  .openapi({ type: 'string', format: 'byte', example: `${'A'.repeat(43)}=` });

const treeSize = decimal.openapi({ minimum: 1, example: 1 });

/** RFC 6962 §4.5, §4.6 and §4.8. */
export function entryRoutes(api: OpenAPIHono, ct: CtLog, large: LargeAnswers): void {
  endpoint(
    api,
    {
      method: 'get',
      path: '/ct/v1/get-proof-by-hash',
      operationId: 'ctGetProofByHash',
      tag: 'rfc6962',
      summary: 'That the tree of a size has a leaf, by its hash',
      query: z.object({ hash: leafHash, tree_size: treeSize }),
      responses: {
        200: { description: 'RFC 6962 §4.5', content: { 'application/json': { schema: proofSchema } } },
        304: NOT_MODIFIED,
      },
      problems: ['not_found', 'read_only', 'stored_data_damaged'],
    },
    async (c, { query }) => {
      const { index, proof } = await ct.proofByHash(query.hash, query.tree_size);
      const body = JSON.stringify({ leaf_index: index, audit_path: base64List(proof) });
      return answer(c, body, { forever: true });
    },
  );
  endpoint(
    api,
    {
      method: 'get',
      path: '/ct/v1/get-entries',
      operationId: 'ctGetEntries',
      tag: 'rfc6962',
      summary: 'Entries from start to end, both included, or the first of them',
      description: `At most ${MAX_ENTRIES}, and no more after 4 MiB: ask again from where the answer ends.`,
      query: z.object({ start: decimal, end: decimal }),
      responses: {
        200: { description: 'RFC 6962 §4.6', content: { 'application/json': { schema: entriesSchema } } },
        304: NOT_MODIFIED,
      },
      problems: ['overloaded', 'read_only', 'stored_data_damaged', 'withheld'],
    },
    async (c, { query: { start, end } }) => {
      let forever = false;
      const body = await large.make(c, async () => {
        const found = await ct.entries(start, end);
        // Fewer than were asked for can be more another time.
        forever = found.length === end - start + 1;
        return JSON.stringify({ entries: found.map((entry) => ({ leaf_input: toBase64(entry), extra_data: '' })) });
      });
      return answer(c, body, { forever });
    },
  );
  endpoint(
    api,
    {
      method: 'get',
      path: ENTRY_AND_PROOF_PATH,
      operationId: 'ctGetEntryAndProof',
      tag: 'rfc6962',
      summary: 'An entry, and that the tree of a size has it',
      query: z.object({ leaf_index: decimal, tree_size: treeSize }),
      responses: {
        200: { description: 'RFC 6962 §4.8', content: { 'application/json': { schema: entryAndProofSchema } } },
        304: NOT_MODIFIED,
      },
      problems: ['read_only', 'stored_data_damaged', 'withheld'],
    },
    async (c, { query }) => {
      const { body, headers } = await entryAndProof(ct, query.leaf_index, query.tree_size);
      return tagged(c, body, headers);
    },
  );
}

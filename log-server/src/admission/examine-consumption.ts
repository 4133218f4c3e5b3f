import {
  CONSUMPTION_PAYLOAD_TYPE,
  canonicalJson,
  checkContent,
  type Json,
  MAX_ENTRY_SIZE,
  type Primitives,
  parseJson,
} from '@assent/verifier';
import { z } from 'zod';
import { Problem } from '../problems.ts';
import { type AppendRights, mayConsume } from './append-rights.ts';
import { consumptionIdentity } from './consumption-identity.ts';
import { type Encode, encodeHere } from './contents.ts';
import { MAX_BODY_BYTES, MAX_DEPTH, refuseUnsound } from './examine.ts';
import type { ConsumptionSubmission } from './examined.ts';
import { entrySize } from './format-examined.ts';
import { inWords, json } from './submission.ts';

/** What `POST /api/v1/consumptions` takes. */
export const consumptionSchema = z.strictObject({
  kind: z.literal('consumption').optional(),
  content: json.meta({
    type: 'object',
    description: `The envelope of payload type \`${CONSUMPTION_PAYLOAD_TYPE}\`, signed by the boundary's key`,
  }),
});

/**
 * The body of `POST /api/v1/consumptions`, from its bytes: all that can be said of it without looking into the log. Throws a
 * Problem.
 */
export async function examineConsumption(
  body: Uint8Array,
  rights: AppendRights,
  primitives: Primitives,
  encode: Encode = encodeHere,
): Promise<ConsumptionSubmission> {
  const value = parseJson(body, { maxBytes: MAX_BODY_BYTES, maxDepth: MAX_DEPTH });
  if (!value.ok) throw new Problem('invalid_json', `${value.code}: ${value.detail}`);
  const parsed = consumptionSchema.safeParse(value.value);
  if (!parsed.success) {
    throw new Problem(
      'invalid_request',
      inWords(parsed.error, value.value, 'A consumption is a JSON object, with "content".'),
    );
  }
  const content: Json = parsed.data.content;
  const evidence = await checkContent({ kind: 'consumption', content }, primitives);
  const { consumption, statementDigest, signers } = evidence;
  refuseUnsound(evidence);
  const keyid = signers?.[0]?.publicKey.keyid;
  if (consumption === undefined || statementDigest === undefined || keyid === undefined) {
    throw new Problem('content_refused', 'The content could not be checked.');
  }
  // Before the log is looked into: what it holds of an approval is told to its boundaries alone.
  if (!mayConsume(rights, keyid)) {
    throw new Problem('forbidden', `This API key may not append consumptions of the boundary ${keyid}.`);
  }
  const kept = encode(canonicalJson(content));
  const bytes = entrySize(kept, 'consumption');
  if (bytes > MAX_ENTRY_SIZE) {
    throw new Problem('entry_too_large', `The entry would have ${bytes} bytes, and ${MAX_ENTRY_SIZE} is the most.`);
  }
  const { approval, intent } = consumption;
  return {
    kind: 'consumption',
    statement: statementDigest.slice('sha256:'.length),
    identity: consumptionIdentity(approval, primitives),
    content: kept,
    consumes: { approval, intent, keyid },
    bytes,
  };
}

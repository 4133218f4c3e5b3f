import { z } from '@hono/zod-openapi';
import type { Witnessing } from '../witness/witnessing.ts';

export const witnessesSchema = z
  .object({
    quorum: z
      .string()
      .openapi({ description: 'The witness or group of `policy` that has to cosign; `none`', example: 'none' }),
    policy: z.string().openapi({ description: 'A C2SP tlog-policy that names this log, its witnesses and the quorum' }),
    members: z.array(
      z.object({
        name: z.string(),
        vkey: z.string(),
        in_quorum: z.boolean().openapi({ description: 'Whether the policy names it; the others are asked as well' }),
        cosigned_size: z.int().optional().openapi({ description: 'The newest size that it cosigned' }),
        cosigned_at: z.iso.datetime().optional().openapi({ description: 'When, by its own clock' }),
      }),
    ),
    witnessed: z
      .object({ size: z.int(), checkpoint: z.string() })
      .optional()
      .openapi({ description: 'The newest checkpoint that reached the quorum, with its cosignatures' }),
  })
  .openapi('Witnesses');

export function witnessesInfo(witnessing: Witnessing): z.input<typeof witnessesSchema> {
  const { newest } = witnessing.kept;
  return {
    quorum: witnessing.quorum,
    policy: witnessing.policyText(),
    members: witnessing.status().map(({ name, vkey, inQuorum, cosigned }) => ({
      name,
      vkey,
      in_quorum: inQuorum,
      ...(cosigned && { cosigned_size: cosigned.size, cosigned_at: new Date(cosigned.time).toISOString() }),
    })),
    ...(newest && { witnessed: { size: newest.size, checkpoint: newest.checkpoint } }),
  };
}

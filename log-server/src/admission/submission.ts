import type { Json } from '@assent/verifier';
import { z } from 'zod';
import { Problem } from '../problems.ts';

/** What `POST /api/v1/entries` takes. `content` and `intent` are judged by the verifier's own code. */
export type Submission = {
  readonly kind: 'approval';
  readonly visibility: 'open' | 'revealed';
  readonly content: Json;
  /** With visibility `revealed`: the intent that becomes public. */
  readonly intent?: Json;
};

const json = z
  .custom<Json>((value) => value !== undefined, 'is missing')
  .meta({ type: 'object', description: 'Judged by the verifier; see the formats' });

/** The body as the OpenAPI document shows it. */
export const submissionSchema = z.strictObject({
  kind: z.enum(['approval', 'consumption', 'trust-root']),
  visibility: z.enum(['open', 'revealed', 'sealed']).optional(),
  content: json.optional(),
  salt: z.string().optional(),
  sealed: z.string().optional(),
  intent: json.optional(),
});

/** Throws a Problem that names the member that is wrong. */
export function parseSubmission(body: unknown): Submission {
  const parsed = submissionSchema.safeParse(body);
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { kind, visibility = 'open', content, salt, sealed, intent } = parsed.data;
  if (kind === 'consumption') throw invalid('A consumption is not appended here: it must be atomic with its check.');
  if (kind !== 'approval') throw invalid(`This log does not take entries of kind "${kind}" yet.`);
  if (visibility === 'sealed' || sealed !== undefined || salt !== undefined) {
    throw invalid('This log does not take sealed entries yet: send "content", with visibility "open" or "revealed".');
  }
  if (content === undefined) throw invalid('"content" is missing: the signed envelope.');
  if (visibility === 'revealed') {
    if (intent === undefined) throw invalid('Visibility "revealed" needs "intent": it becomes public with the entry.');
    return { kind, visibility, content, intent };
  }
  if (intent !== undefined) {
    throw invalid('"intent" goes with visibility "revealed" alone. Without it, keep the intent to yourself.');
  }
  return { kind, visibility, content };
}

function invalid(message: string): Problem {
  return new Problem('invalid_request', message);
}

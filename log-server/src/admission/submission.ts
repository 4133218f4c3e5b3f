import { type Json, parseSalt } from '@assent/verifier';
import { z } from 'zod';
import { Problem } from '../problems.ts';
import { VISIBILITIES, type Visibility } from './append-rights.ts';

/** What `POST /api/v1/entries` takes. `content` and `intent` are judged by the verifier's own code. */
export type Submission = CheckedSubmission | TrustRootBody | { readonly kind: 'approval'; readonly sealed: string };

type TrustRootBody = { readonly kind: 'trust-root'; readonly content: Json };

type CheckedSubmission = {
  readonly kind: 'approval';
  readonly content: Json;
  /** With visibility `revealed`: the intent that becomes public. */
  readonly intent?: Json;
  /** With visibility `sealed`, 32 bytes. */
  readonly salt?: Uint8Array;
};

export const json = z
  .custom<Json>((value) => value !== undefined, 'is missing')
  .meta({ type: 'object', description: 'Judged by the verifier; see the formats' });

/** The body as the OpenAPI document shows it. */
export const submissionSchema = z.strictObject({
  kind: z.enum(['approval', 'consumption', 'trust-root']),
  visibility: z.enum(VISIBILITIES).optional(),
  content: json.optional(),
  salt: z
    .string()
    .optional()
    .meta({ description: 'With visibility `sealed`: 32 bytes in base64, which the log does not keep' }),
  sealed: z.string().optional().meta({ description: 'A blind commitment, `sha256:<hex>`, in the place of `content`' }),
  intent: json.optional(),
});

type Body = z.output<typeof submissionSchema>;

/**
 * Throws a Problem that names the member that is wrong.
 *
 * @param defaultVisibility of a submission that names none
 */
export function parseSubmission(body: unknown, defaultVisibility: Visibility = 'open'): Submission {
  const parsed = submissionSchema.safeParse(body);
  if (!parsed.success)
    throw invalid(inWords(parsed.error, body, 'A submission is a JSON object, with "kind" and "content".'));
  const { kind, content, salt, sealed, intent } = parsed.data;
  if (kind === 'consumption')
    throw invalid('A consumption is sent to /api/v1/consumptions: it is logged once for an approval.');
  if (kind === 'trust-root') return { kind, content: openContent(parsed.data) };
  if (sealed !== undefined) return { kind, sealed: blindCommitment(sealed, parsed.data) };
  if (content === undefined) throw invalid('"content" is missing: the signed envelope.');
  const visibility = parsed.data.visibility ?? defaultVisibility;
  const chosen = parsed.data.visibility === undefined ? ', the default of this API key or log,' : '';
  if (intent !== undefined && visibility !== 'revealed') {
    throw invalid('"intent" goes with visibility "revealed" alone. Without it, keep the intent to yourself.');
  }
  if (salt !== undefined && visibility !== 'sealed') {
    throw invalid('"salt" goes with visibility "sealed" alone, in which the content does not become public.');
  }
  if (visibility === 'revealed') {
    if (intent === undefined) {
      throw invalid(`Visibility "revealed"${chosen} needs "intent": it becomes public with the entry.`);
    }
    return { kind, content, intent };
  }
  if (visibility === 'sealed') {
    if (salt === undefined) {
      throw invalid(
        `Visibility "sealed"${chosen} needs "salt": 32 random bytes in base64. Keep salt and content, nobody else does. To make the statement public instead, send "visibility": "open".`,
      );
    }
    return { kind, content, salt: saltBytes(salt) };
  }
  return { kind, content };
}

/** A trust root is of use to those who can read it; who its members are it does not say. */
function openContent({ content, visibility = 'open', salt, sealed, intent }: Body): Json {
  if (visibility !== 'open' || salt !== undefined || sealed !== undefined || intent !== undefined) {
    throw invalid('A trust root is always open, and has no "salt", "sealed" or "intent".');
  }
  if (content === undefined) throw invalid('"content" is missing: the signed envelope.');
  return content;
}

function blindCommitment(sealed: string, { visibility, content, salt, intent }: Body): string {
  if (content !== undefined || salt !== undefined || intent !== undefined) {
    throw invalid('"sealed" stands alone: with "content" and "salt" the log computes the commitment itself.');
  }
  if (visibility !== undefined && visibility !== 'sealed') {
    throw invalid(`"sealed" is a commitment, and can't have the visibility "${visibility}".`);
  }
  if (!/^sha256:[0-9a-f]{64}$/.test(sealed)) {
    throw invalid('"sealed" must be "sha256:" and 64 lower-case hexadecimal digits.');
  }
  return sealed;
}

function saltBytes(salt: string): Uint8Array {
  const bytes = parseSalt(salt);
  if (!bytes.ok) throw invalid('"salt" must be 32 bytes in base64, with padding: 44 characters.');
  return bytes.value;
}

/** @param whole what to say of a body that is no object */
export function inWords({ issues: [issue] }: z.ZodError, body: unknown, whole: string): string {
  if (issue === undefined || issue.path.length === 0) {
    if (issue?.code === 'unrecognized_keys')
      return `There is no member ${JSON.stringify(issue.keys[0]?.slice(0, 100))}.`;
    return whole;
  }
  const name = String(issue.path[0]);
  const given = typeof body === 'object' && body !== null && Object.hasOwn(body, name);
  return given ? `"${name}": ${issue.message}.` : `"${name}" is missing.`;
}

function invalid(message: string): Problem {
  return new Problem('invalid_request', message);
}

import {
  APPROVAL_PAYLOAD_TYPE,
  checkContent,
  formatEntryAround,
  hexDecode,
  MAX_ENTRY_SIZE,
  type Primitives,
  utf8Encode,
} from '@assent/verifier';
import { Problem } from '../problems.ts';
import type { PendingRecord } from '../sequencer/sequencer.ts';
import type { Submission } from './submission.ts';

/** The services whose statements a caller may append; `*` is every service. */
export type AppendRights = { readonly services: readonly string[] };

export type Admitted = PendingRecord & { readonly service: string; readonly id: string };

/**
 * Checks everything about a submission before anything is stored, with the code that later verifies the receipt: what
 * is admitted here can't read as invalid there. Throws a Problem.
 */
export async function admit(
  { kind, content, intent }: Submission,
  origin: string,
  rights: AppendRights,
  primitives: Primitives,
): Promise<Admitted> {
  const evidence = await checkContent({ kind, content, ...(intent !== undefined && { intent }), origin }, primitives);
  const { statement, statementDigest, canonicalContent, canonicalIntent } = evidence;
  // Rights come before the verdict: a key for one service must not be told about another's statements.
  const service = (statement ?? evidence.unverifiedStatement)?.service;
  if (service !== undefined && !rights.services.includes('*') && !rights.services.includes(service)) {
    throw new Problem('forbidden', `This API key may not append statements of the service "${service}".`);
  }
  if (evidence.content.status === 'skip' && evidence.content.code === 'unsupported') {
    throw new Problem('payload_type_refused', `This log accepts ${APPROVAL_PAYLOAD_TYPE} alone.`);
  }
  const digest = statementDigest === undefined ? undefined : hexDecode(statementDigest.slice('sha256:'.length));
  const checks = [evidence.content, evidence.signatures].filter((check) => check.status !== 'pass');
  if (checks.length > 0 || statement === undefined || !digest?.ok || canonicalContent === undefined) {
    const first = checks.find((check) => check.status === 'fail') ?? checks[0];
    throw new Problem('content_refused', first?.detail ?? 'The content could not be checked.', { checks });
  }
  const format = (loggedAt: number): Uint8Array =>
    utf8Encode(formatEntryAround(canonicalContent, kind, loggedAt, canonicalIntent));
  // The longest form that a time can take before the year 2286.
  const bytes = format(9_999_999_999_999).length;
  if (bytes > MAX_ENTRY_SIZE) {
    const message = `The entry would have ${bytes} bytes, and ${MAX_ENTRY_SIZE} is the most. Shorten the arguments, or don't reveal them.`;
    throw new Problem('entry_too_large', message);
  }
  const identity = primitives.sha256(utf8Encode(`${statement.service}\0${statement.id}`));
  return { statement: digest.value, identity, bytes, format, service: statement.service, id: statement.id };
}

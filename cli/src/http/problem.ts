/** What a log says when it refuses a request: RFC 9457 `application/problem+json`, and what it means for the exit code. */
import { type Json, type JsonObject, parseJson } from '@assent/verifier';
import { CommandFailure, type FailedCheck, type FailureExtras, type FailureKind } from '../failure.ts';
import type { HttpAnswer } from './request.ts';
import { parseRetryAfter } from './retry.ts';

const MAX_DETAIL = 1000;
const MAX_CHECKS = 20;

/** For an answer that is not a success. Whatever its body is, it gives a failure with words. */
export function refusal(answer: HttpAnswer): CommandFailure {
  const { url, status } = answer;
  const kind = kindOf(status);
  const problem = readProblem(answer);
  const code = text(problem?.code);
  const detail = text(problem?.detail) ?? text(problem?.title);
  const checks = list(problem?.checks).slice(0, MAX_CHECKS).flatMap(readCheck);
  const extras: FailureExtras = {
    problem: { status, ...(code !== undefined && { code }), ...(detail !== undefined && { detail }) },
    ...(checks.length > 0 && { checks }),
    ...(typeof problem?.index === 'number' && { index: problem.index }),
  };
  const answered = `${url.host} answered ${status}${code === undefined ? '' : ` ${code}`}`;
  const words = detail === undefined ? withoutWords(answer) : `: ${detail}`;
  const wait = parseRetryAfter(answer.retryAfter);
  const patience = wait === undefined ? '' : ` It asks to be left alone for ${Math.ceil(wait / 1000)} s.`;
  return new CommandFailure(kind, `${answered}${words}${patience}`, extras);
}

function kindOf(status: number): FailureKind {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 409) return 'conflict';
  if (status === 422) return 'evidence_refused';
  if (status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'request_refused' : 'answer_malformed';
}

function withoutWords({ status, statusText }: HttpAnswer): string {
  const name = statusText === '' ? '' : ` (${statusText})`;
  if (status >= 500 || status === 429) return `${name}.`;
  return `${name}, and not in the words of an Assent log: is the address right?`;
}

function readProblem({ mediaType, body }: HttpAnswer): JsonObject | undefined {
  if (!isJsonMediaType(mediaType)) return undefined;
  const json = parseJson(body);
  return json.ok && isObject(json.value) ? json.value : undefined;
}

export function isJsonMediaType(mediaType: string): boolean {
  return mediaType === 'application/json' || /^application\/[a-z0-9.+-]+\+json$/.test(mediaType);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_DETAIL) : undefined;
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function readCheck(value: Json): readonly FailedCheck[] {
  if (!isObject(value) || value.status === 'pass') return [];
  const expected = text(value.expected);
  const computed = text(value.computed);
  return [
    {
      id: text(value.id) ?? 'check',
      code: text(value.code) ?? 'unknown',
      detail: text(value.detail) ?? '',
      ...(expected !== undefined && { expected }),
      ...(computed !== undefined && { computed }),
    },
  ];
}

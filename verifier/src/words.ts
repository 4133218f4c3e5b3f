/**
 * Each failure code in words, twice: for the person who is shown it, and for the developer who has to do something about it.
 *
 *     import { wordsFor } from '@assent/verifier/words';
 *     wordsFor('intent_mismatch').person    // 'This approval is for a different action.'
 *
 * They stand apart from the verifier, which needs none of them: a check's own `detail` says what was found, these say what that
 * means. The person's sentence says what it means to them and names no format, algorithm or field; the developer's says which
 * rule was broken, or what to give. Each half is a module of its own, so that a page carries only the one that it shows.
 */
import { DEVELOPER_WORDS } from './developer-words.ts';
import type { FailureCode } from './failure-codes.ts';
import { PERSON_WORDS } from './person-words.ts';

export { DEVELOPER_WORDS, PERSON_WORDS };

export type Words = { readonly person: string; readonly developer: string };

export function wordsFor(code: FailureCode): Words {
  return { person: PERSON_WORDS[code], developer: DEVELOPER_WORDS[code] };
}

import { describe, expect, it } from 'vitest';
import { FAILURE_CODES } from './failure-codes.ts';
import { DEVELOPER_WORDS, PERSON_WORDS, wordsFor } from './words.ts';

/** What a person who is shown a receipt need not know. */
const JARGON =
  /json|utf|base64|hex|cbor|\bder\b|spki|\bcose\b|sha|ed25519|ecdsa|\brsa\b|ml-dsa|webauthn|assertion|payload|envelope|digest|hash|merkle|root|checkpoint|note\b|vkey|keyid|quorum|nonce|challenge|canonical|_|\bbyte|index|null|undefined|parameter|parse/i;

describe('words', () => {
  it('has each code of the closed list, and no other', () => {
    for (const half of [PERSON_WORDS, DEVELOPER_WORDS]) expect(Object.keys(half)).toEqual([...FAILURE_CODES]);
  });

  it.each(FAILURE_CODES)('says %s in one sentence for a person and one for a developer', (code) => {
    const { person, developer } = wordsFor(code);
    for (const sentence of [person, developer]) {
      expect(sentence).toMatch(/^["A-Za-z].*[^.]\.$/);
      // One sentence: no full stop, question or exclamation mark that another one follows.
      expect(sentence).not.toMatch(/[.!?] [A-Z]/);
      expect(sentence).not.toMatch(/\s{2}|\n/);
      expect(sentence.length).toBeLessThanOrEqual(140);
    }
    expect(person).not.toBe(developer);
    expect(person).not.toMatch(JARGON);
    expect(person.length).toBeLessThanOrEqual(110);
  });

  it('says nothing twice to developers', () => {
    const sentences = Object.values(DEVELOPER_WORDS);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it('gives the example of its documentation', () => {
    expect(wordsFor('intent_mismatch').person).toBe('This approval is for a different action.');
  });
});

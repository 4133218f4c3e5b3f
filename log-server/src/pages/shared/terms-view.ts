import { element } from './dom.ts';
import { TERMS, type Term } from './words.ts';

/** The words that a section cannot do without, each explained to those who ask. */
export function termsView(...terms: readonly Term[]): HTMLElement {
  return element(
    'div',
    { class: 'terms' },
    ...terms.map((term) =>
      element(
        'details',
        { class: 'term' },
        element('summary', {}, `What is a ${term}?`),
        element('p', {}, TERMS[term]),
      ),
    ),
  );
}

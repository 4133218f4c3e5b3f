import { WHAT_IS } from '../../words/receipts.ts';
import { element } from './dom.ts';

/** The words that a section cannot do without, each explained to those who ask. @param terms by the word, out of words/terms.ts */
export function termsView(terms: Readonly<Record<string, string>>): HTMLElement {
  return element(
    'div',
    { class: 'terms' },
    ...Object.entries(terms).map(([term, words]) =>
      element('details', { class: 'term' }, element('summary', {}, `${WHAT_IS} ${term}?`), element('p', {}, words)),
    ),
  );
}

import { element } from './dom.ts';

/** The words that a section cannot do without, each explained to those who ask. @param terms by the word, out of words/terms.ts */
export function termsView(terms: Readonly<Record<string, string>>): HTMLElement {
  return element(
    'div',
    { class: 'terms' },
    ...Object.entries(terms).map(([term, words]) =>
      element('details', { class: 'term' }, element('summary', {}, `What is a ${term}?`), element('p', {}, words)),
    ),
  );
}

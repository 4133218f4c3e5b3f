import { PAPER } from '../../words/common.ts';
import { type Child, element } from './dom.ts';

/**
 * What stands under a page of evidence on paper, and nowhere on the screen: a code that opens it, and the same address to type.
 *
 * @param code of that address (qr.ts). @param url absolute
 * @param opens what is found there: `entry 42`. @param more what else stands beside the code
 */
export function printFoot(code: Child, url: string, opens: string, ...more: readonly Child[]): HTMLElement {
  return element(
    'footer',
    { class: 'print-foot' },
    code,
    element(
      'div',
      {},
      element('p', {}, element('strong', {}, PAPER.opens(opens))),
      element('p', { class: 'digest' }, url),
      ...more,
      element('p', { class: 'note' }, PAPER.nothing),
    ),
  );
}

import { PAPER } from '../../words/common.ts';
import { element } from './dom.ts';
import { qrView } from './qr.ts';

/**
 * What stands under a page of evidence on paper, and nowhere on the screen: a code that opens it, and the same address to type.
 *
 * @param url absolute
 * @param opens what is found there: `entry 42`. @param more what else stands beside the code
 */
export function printFoot(url: string, opens: string, ...more: readonly (Node | string)[]): HTMLElement {
  return element(
    'footer',
    { class: 'print-foot' },
    qrView(url, PAPER.code(opens)),
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

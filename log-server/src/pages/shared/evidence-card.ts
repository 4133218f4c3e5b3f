import type { Receipt } from '@assent/verifier';
import { RESULT } from '../../words/receipts.ts';
import { element, replaceChildren, warning } from './dom.ts';

/**
 * The parts of a receipt, for those who open them. Few do, and what takes them apart and explains them is long: it is a script of its
 * own, which is fetched then, whatever the receipt.
 *
 * @param witnesses that were asked for, as `name+key id`
 */
export function evidenceCard(receipt: Receipt, witnesses: readonly string[]): HTMLElement {
  const body = element('div', { class: 'stack tight' });
  const view = element(
    'details',
    { class: 'card act evidence' },
    element('summary', {}, element('h2', {}, RESULT.evidence)),
    body,
  );
  const show = async (): Promise<void> => {
    const parts = await import('./evidence-view.ts').then(
      ({ evidenceParts }) => evidenceParts(receipt, new Set(witnesses)),
      () => [warning(RESULT.notLoaded)],
    );
    replaceChildren(body, ...parts);
  };
  view.addEventListener('toggle', () => void show(), { once: true });
  return view;
}

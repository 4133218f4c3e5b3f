import { COPY } from '../../words/common.ts';
import { REFERENCE } from '../../words/docs.ts';

/**
 * What the library leaves out for those who cannot see or use no mouse: names of the fields, which stand beside them only; a word
 * on the buttons that copy, and a name for those that only have an arrow; a way for the keyboard to scroll what is long. And it takes
 * tables for regions, of which a page then has dozens without a name.
 */
export function mendLibrary(root: HTMLElement): void {
  const mend = (): void => {
    for (const row of root.querySelectorAll<HTMLElement>('[data-param-name]')) {
      row.querySelector('input,select,textarea')?.setAttribute('aria-label', row.dataset.paramName ?? '');
    }
    for (const body of root.querySelectorAll('.body-param textarea')) body.setAttribute('aria-label', REFERENCE.body);
    for (const button of root.querySelectorAll('.copy-to-clipboard button:empty')) {
      button.append(COPY.copy);
      button.setAttribute('aria-label', `${COPY.copy} ${REFERENCE.text}`);
    }
    for (const arrow of root.querySelectorAll('.json-schema-2020-12-accordion')) {
      if (arrow.textContent === '') arrow.setAttribute('aria-label', REFERENCE.form);
    }
    for (const table of root.querySelectorAll('table[role]')) table.removeAttribute('role');
    for (const text of root.querySelectorAll<HTMLElement>('pre:not([tabindex])')) text.tabIndex = 0;
  };
  new MutationObserver(mend).observe(root, { childList: true, subtree: true });
}

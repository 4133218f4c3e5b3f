import { element } from './dom.ts';
import { icon } from './icons.ts';

/** A button that copies `value()` and says so, to eyes and to screen readers. */
export function copyButton(label: string, value: () => string): HTMLButtonElement {
  const word = element('span', {}, 'Copy');
  const attributes = { type: 'button', class: 'button small', 'aria-label': `Copy ${label}` };
  const button = element('button', attributes, icon('copy'), word);
  let restore: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener('click', async () => {
    const copied = await navigator.clipboard.writeText(value()).then(
      () => true,
      () => false, // the browser may refuse; the text stands beside the button and can be selected
    );
    word.textContent = copied ? 'Copied' : 'Select it';
    announce(copied ? `Copied ${label}.` : 'The browser did not allow copying.');
    clearTimeout(restore);
    restore = setTimeout(() => {
      word.textContent = 'Copy';
    }, 2_000);
  });
  return button;
}

/** Gives every element with `data-copy="label"` that the server wrote a button of its own. */
export function addCopyButtons(root: ParentNode): void {
  for (const target of root.querySelectorAll<HTMLElement>('[data-copy]')) {
    target.after(copyButton(target.dataset.copy ?? 'text', () => target.textContent?.trim() ?? ''));
  }
}

const spoken = element('p', { class: 'unseen', role: 'status' });

/** Not in the button itself: what is inside of a button is its name to a screen reader, and not news. */
function announce(text: string): void {
  if (!spoken.isConnected) document.body.append(spoken);
  spoken.textContent = text;
}

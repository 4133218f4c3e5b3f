import { COPY } from '../../words/common.ts';
import { element } from './dom.ts';
import { icon } from './icons.ts';

/** A button that copies `value()` and says so, to eyes and to screen readers. */
export function copyButton(label: string, value: () => string): HTMLButtonElement {
  return button(COPY.copy, label, async () => value());
}

/** The same, named by the words on it. */
export function copyTextButton(words: string, read: () => string | Promise<string>): HTMLButtonElement {
  return button(words, '', async () => read());
}

/** The same for the text at an address of this log, as it is served. @param words on the button */
export function copyFetchedButton(words: string, path: string): HTMLButtonElement {
  return button(words, '', async () => {
    const response = await fetch(path, { headers: { accept: 'application/json' } });
    if (!response.ok) throw new TypeError(`the log answered ${response.status}`);
    return response.text();
  });
}

function button(words: string, label: string, read: () => Promise<string>): HTMLButtonElement {
  const word = element('span', {}, words);
  const name = label === '' ? undefined : `${words} ${label}`;
  const made = element('button', { type: 'button', class: 'button small', 'aria-label': name }, icon('copy'), word);
  let restore: ReturnType<typeof setTimeout> | undefined;
  made.addEventListener('click', async () => {
    const copied = await read()
      .then((text) => navigator.clipboard.writeText(text))
      .then(
        () => true,
        () => false, // the browser may refuse, or the log; the text can be selected where it stands
      );
    word.textContent = copied ? COPY.copied : label === '' ? COPY.notCopied : COPY.select;
    announce(copied ? `${COPY.copied} ${label || COPY.it}.` : COPY.failed);
    clearTimeout(restore);
    restore = setTimeout(() => {
      word.textContent = words;
    }, 2_000);
  });
  return made;
}

/** Gives every element with `data-copy="label"` that the server wrote a button of its own. */
export function addCopyButtons(root: ParentNode): void {
  for (const target of root.querySelectorAll<HTMLElement>('[data-copy]')) {
    target.after(copyButton(target.dataset.copy ?? COPY.text, () => target.textContent?.trim() ?? ''));
  }
}

const spoken = element('p', { class: 'unseen', role: 'status' });

/** Not in the button itself: what is inside of a button is its name to a screen reader, and not news. */
function announce(text: string): void {
  if (!spoken.isConnected) document.body.append(spoken);
  spoken.textContent = text;
}

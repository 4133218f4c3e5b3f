import { element } from './dom.ts';

/** A button that saves text as a file. It is made when it is asked for, and nothing is sent anywhere. */
export function downloadButton(words: string, name: string, text: () => string): HTMLButtonElement {
  const button = element('button', { type: 'button', class: 'button small' }, words);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([text()], { type: 'application/json' }));
    element('a', { href: url, download: name }).click();
    // After the browser has taken it.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  return button;
}

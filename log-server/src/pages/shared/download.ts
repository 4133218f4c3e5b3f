import { button, type Child, element } from './dom.ts';

/** A button that saves text as a file. It is made when it is asked for, and nothing is sent anywhere. */
export function downloadButton(name: string, text: () => string, ...words: readonly Child[]): HTMLButtonElement {
  return button(
    () => {
      const url = URL.createObjectURL(new Blob([text()], { type: 'application/json' }));
      element('a', { href: url, download: name }).click();
      // After the browser has taken it.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
    ...words,
  );
}

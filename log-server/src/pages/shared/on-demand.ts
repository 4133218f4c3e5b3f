import { RESULT } from '../../words/receipts.ts';
import { button, type Child, element, replaceChildren } from './dom.ts';

declare global {
  /** Behind the address of every script that is fetched on demand, which build-verify.ts sees to. */
  var assentAgain: string | undefined;
}

/** Browsers remember for good that a script could not be fetched, but by its whole address: whoever asks again has to ask for another. */
export function askAnew(): undefined {
  globalThis.assentAgain = `${globalThis.assentAgain ?? '#'}1`;
}

/**
 * Fills a part of the page with what a script of its own makes, which is fetched now. Where it cannot be, it says so, and offers to try
 * again: the rest of the page is as good as before.
 *
 * @param body within the `details` that asks for it
 */
export async function fillOnDemand<Script>(
  body: HTMLElement,
  load: () => Promise<Script>,
  make: (script: Script) => readonly Child[] | Promise<readonly Child[]>,
): Promise<void> {
  const script = await load().catch(() => undefined);
  if (script !== undefined) return replaceChildren(body, ...(await make(script)));
  const again = button(() => {
    askAnew();
    // The button goes away, and with it the place of whoever uses the keyboard.
    body.closest('details')?.querySelector('summary')?.focus();
    void fillOnDemand(body, load, make);
  }, RESULT.tryAgain);
  replaceChildren(
    body,
    element('p', { class: 'message warn', role: 'alert' }, RESULT.notLoaded),
    element('div', { class: 'buttons' }, again),
  );
}

import { byId } from '../shared/dom.ts';

/**
 * Runs what a button or a form does, with all buttons off meanwhile: a second ceremony would cancel the first.
 */
export async function busy(event: Event, work: () => Promise<void>): Promise<void> {
  const buttons = [...byId('steps', 'ol').querySelectorAll('button')];
  const working = event.currentTarget instanceof HTMLElement ? event.currentTarget : undefined;
  complain(undefined);
  for (const button of buttons) button.disabled = true;
  working?.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    for (const button of buttons) button.disabled = false;
    working?.removeAttribute('aria-busy');
  }
}

/** Says above the steps what went wrong; `undefined` takes it back. */
export function complain(text: string | undefined): void {
  const place = byId('unable', 'p');
  place.textContent = text ?? '';
  place.hidden = text === undefined;
  if (text !== undefined) place.scrollIntoView({ block: 'nearest' });
}

export function onClick(id: string, act: (event: Event) => void): HTMLButtonElement {
  const button = byId(id, 'button');
  button.addEventListener('click', act);
  return button;
}

/** A button in the middle of the text, for what is seldom wanted. */
export function plainButton(text: string, act: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain-button';
  button.textContent = text;
  button.addEventListener('click', act);
  return button;
}

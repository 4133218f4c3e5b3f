import { parseVkey } from '@assent/verifier';
import { digest, element, replaceChildren, said } from '../shared/dom.ts';
import type { ServedLog } from '../shared/served-log.ts';

const STORAGE_NAME = 'assent.pinned-log-key';

/** Which log keys a receipt is checked against, and whose word that is. */
export type TrustedKeys = { readonly vkeys: readonly string[]; readonly source: 'served' | 'pinned' | 'none' };

/**
 * The panel that says which log key is trusted. Served by this log: the log's own word, and labelled so. Pinned by the
 * visitor: kept in this browser, and used alone, whatever the log serves.
 */
export class TrustedKeyPanel {
  readonly #root: HTMLElement;
  readonly #served: ServedLog | undefined;
  readonly #changed: () => void;
  #pinned: string | undefined;

  constructor(root: HTMLElement, served: ServedLog | undefined, changed: () => void) {
    this.#root = root;
    this.#served = served;
    this.#changed = changed;
    this.#pinned = readPinned();
    this.#show();
  }

  get keys(): TrustedKeys {
    if (this.#pinned !== undefined) return { vkeys: [this.#pinned], source: 'pinned' };
    return this.#served === undefined ? { vkeys: [], source: 'none' } : { vkeys: this.#served.vkeys, source: 'served' };
  }

  #pin(vkey: string | undefined): void {
    this.#pinned = vkey;
    writePinned(vkey);
    this.#show();
    this.#changed();
    this.#root.querySelector<HTMLElement>('h2')?.focus();
  }

  #show(): void {
    replaceChildren(
      this.#root,
      element('h2', { tabindex: '-1' }, 'Which log key is trusted'),
      ...(this.#pinned === undefined ? this.#servedParts() : this.#pinnedParts(this.#pinned)),
    );
  }

  #servedParts(): HTMLElement[] {
    const served = this.#served;
    if (served === undefined) {
      return [
        element(
          'p',
          { class: 'message warn' },
          'This log could not be asked for its key. Without a key nobody can tell whose log a receipt is from: pin one that you know.',
        ),
        this.#pinForm(),
      ];
    }
    return [
      element(
        'p',
        { class: 'note' },
        element('strong', {}, 'The key that this log serves for itself'),
        ' (',
        said(served.origin),
        '). If you do not want to take its word, pin a key that you got some other way.',
      ),
      ...served.vkeys.map(digest),
      element(
        'div',
        { class: 'buttons' },
        button('Pin this key', () => this.#pin(served.vkeys[0])),
      ),
      element('details', { class: 'more' }, element('summary', {}, 'Pin another key'), this.#pinForm()),
    ];
  }

  #pinnedParts(pinned: string): HTMLElement[] {
    const served = this.#served;
    const agrees = served?.vkeys.includes(pinned) ?? false;
    const comparison =
      served === undefined
        ? element('p', { class: 'note' }, 'This log could not be asked which key it serves.')
        : agrees
          ? element('p', { class: 'note' }, 'This log serves the same key.')
          : element(
              'p',
              { class: 'message warn', role: 'status' },
              'This log serves another key than the one that you pinned. Receipts are checked against yours alone.',
            );
    return [
      element('p', { class: 'note' }, element('strong', {}, 'The key that you pinned'), ' in this browser.'),
      digest(pinned),
      comparison,
      ...(served !== undefined && !agrees
        ? [
            element(
              'details',
              { class: 'more' },
              element('summary', {}, 'The key that this log serves'),
              ...served.vkeys.map(digest),
            ),
          ]
        : []),
      element(
        'div',
        { class: 'buttons' },
        button('Unpin', () => this.#pin(undefined)),
      ),
    ];
  }

  #pinForm(): HTMLElement {
    const input = element('textarea', {
      id: 'pin',
      class: 'mono',
      rows: '3',
      spellcheck: 'false',
      autocomplete: 'off',
      'aria-describedby': 'pin-message',
    });
    const message = element('p', { id: 'pin-message', class: 'message fail', role: 'alert', hidden: true });
    const pin = button('Pin', () => {
      const vkey = input.value.trim();
      const parsed = parseVkey(vkey);
      input.setAttribute('aria-invalid', String(!parsed.ok));
      message.hidden = parsed.ok;
      if (parsed.ok) this.#pin(vkey);
      else message.textContent = `This is not a log key (origin+hash+key): ${parsed.detail}.`;
    });
    return element(
      'div',
      { class: 'field' },
      element('label', { for: 'pin' }, 'Log key (origin+hash+key)'),
      input,
      message,
      element('div', { class: 'buttons' }, pin),
    );
  }
}

function button(text: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'button small' }, text);
  made.addEventListener('click', act);
  return made;
}

/** A browser may forbid storage; then a pin holds until the page is closed. */
function readPinned(): string | undefined {
  try {
    const stored = localStorage.getItem(STORAGE_NAME);
    return stored !== null && parseVkey(stored).ok ? stored : undefined;
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

function writePinned(vkey: string | undefined): void {
  try {
    if (vkey === undefined) localStorage.removeItem(STORAGE_NAME);
    else localStorage.setItem(STORAGE_NAME, vkey);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}

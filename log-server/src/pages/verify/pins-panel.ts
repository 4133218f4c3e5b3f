import { PIN_STATES, PIN_TITLES, PINS } from '../../words/verify.ts';
import { element, note, replaceChildren, tag } from '../shared/dom.ts';
import { fillOnDemand } from '../shared/on-demand.ts';
import type { ServedLog } from '../shared/served-log.ts';
import { IS_SAVED } from './copy.ts';
import { type KeptPins, keepPins } from './kept-pins.ts';
import { differsFrom, PIN_NAMES, type PinName, type Pins } from './pins.ts';

/**
 * Shows what is trusted and whose word that is, and tells where it differs from what the log says. What each of the four says, and
 * how to change it, is a script of its own (pin-view.ts), which is fetched for whoever opens one.
 */
export class PinsPanel {
  readonly #root: HTMLElement;
  readonly #served: ServedLog | undefined;
  readonly #changed: () => void;
  #pins: Pins;
  #notice: string | undefined;

  constructor(
    root: HTMLElement,
    { pins, dropped }: KeptPins,
    { served, changed }: { served: ServedLog | undefined; changed: () => void },
  ) {
    this.#root = root;
    this.#served = served;
    this.#changed = changed;
    this.#pins = pins;
    if (dropped.length > 0) this.#notice = PINS.dropped + dropped.map((name) => PIN_TITLES[name]).join(', ');
    void this.#show();
  }

  get pins(): Pins {
    return this.#pins;
  }

  /** @param open which of the four is, so that a change does not close it */
  async #show(open?: PinName): Promise<void> {
    const views = PIN_NAMES.map((name) => this.#view(name));
    replaceChildren(
      this.#root,
      element('h2', {}, PINS.title),
      note(PINS.lead),
      this.#notice !== undefined && element('p', { class: 'message warn', role: 'status' }, this.#notice),
      // In a box of their own: their rules and paddings are all the distance there is.
      element('div', {}, ...views.map(({ view }) => view)),
    );
    for (const [index, { view, fill }] of views.entries()) {
      if (PIN_NAMES[index] !== open) continue;
      view.open = true;
      await fill();
    }
  }

  async #set(name: PinName, text: string | undefined): Promise<void> {
    const { [name]: _, ...others } = this.#pins;
    this.#pins = text === undefined ? others : { ...others, [name]: text };
    this.#notice = keepPins(this.#pins) ? undefined : PINS.unkept;
    await this.#show(name);
    this.#root.querySelector<HTMLElement>(`[data-pin="${name}"] summary`)?.focus();
    this.#changed();
  }

  #tag(name: PinName, state: keyof typeof PIN_STATES): HTMLElement {
    if (differsFrom(name, this.#pins, this.#served)) return tag('warn', PINS.isOther);
    const isSilent = name === 'logKey' && state === 'none' && !IS_SAVED;
    return isSilent ? tag('warn', PINS.noAnswer) : tag(state === 'pinned' ? 'pass' : '', PIN_STATES[state]);
  }

  #view(name: PinName): { readonly view: HTMLDetailsElement; readonly fill: () => Promise<void> } {
    const pins = this.#pins;
    const served = this.#served;
    const state = stateOf(name, pins, served);
    const body = element('div', { class: 'stack tight' });
    const view = element(
      'details',
      { class: 'pin', 'data-pin': name, 'data-state': state },
      element('summary', { class: 'check-summary' }, element('span', {}, PIN_TITLES[name]), this.#tag(name, state)),
      body,
    );
    let filled: Promise<void> | undefined;
    const fill = (): Promise<void> => {
      filled ??= fillOnDemand(
        body,
        () => import('./pin-view.ts'),
        ({ pinParts }) => pinParts(name, { pins, served, state, set: (text) => this.#set(name, text) }),
      );
      return filled;
    };
    view.addEventListener('toggle', () => void fill(), { once: true });
    return { view, fill };
  }
}

/** Whose word it is. */
function stateOf(name: PinName, pins: Pins, served: ServedLog | undefined): keyof typeof PIN_STATES {
  if (pins[name] !== undefined) return 'pinned';
  // A pinned key stands alone: what the log says of its witnesses does not count beside it.
  const isServed =
    served !== undefined &&
    (name === 'logKey' || (name === 'logPolicy' && served.policy !== undefined && pins.logKey === undefined));
  return isServed ? 'served' : 'none';
}

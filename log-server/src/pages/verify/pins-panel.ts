import { parsePolicy, policyDigest } from '@assent/verifier';
import { PIN_KINDS, PIN_STATES, PINS, SAVED } from '../../words/verify.ts';
import {
  button,
  type Child,
  codeQuestion,
  digest,
  element,
  more,
  note,
  replaceChildren,
  said,
  tag,
  warning,
} from '../shared/dom.ts';
import type { ServedLog } from '../shared/served-log.ts';
import { dayOf, timeView } from '../shared/times.ts';
import { IS_SAVED } from './copy.ts';
import { type KeptPins, keepPins } from './kept-pins.ts';
import { keysOf, PIN_NAMES, type PinName, type Pins, policyOf, quorumText, readPin, readTrustRoot } from './pins.ts';
import { readFileText } from './read-file.ts';
import { newestListedVersion } from './served-trust.ts';

type State = keyof typeof PIN_STATES;
/** What one of the four shows: whose word it is, and what that says. */
type Shown = {
  readonly state: State;
  readonly parts: readonly Child[];
  readonly offer?: { readonly words: string; readonly text: string };
  /** It is pinned, and the log says something else. */
  readonly differs?: boolean;
};

/** Shows what is trusted and whose word that is, changes it, and tells where it differs from what the log says. */
export class PinsPanel {
  readonly #root: HTMLElement;
  readonly #served: ServedLog | undefined;
  readonly #changed: () => void;
  #pins: Pins;
  #notice: string | undefined;
  /** Which of the four is open, so that a change does not close it. */
  #open: PinName | undefined;

  constructor(
    root: HTMLElement,
    { pins, dropped }: KeptPins,
    { served, changed }: { served: ServedLog | undefined; changed: () => void },
  ) {
    this.#root = root;
    this.#served = served;
    this.#changed = changed;
    this.#pins = pins;
    if (dropped.length > 0) this.#notice = PINS.dropped + dropped.map((name) => PIN_KINDS[name].title).join(', ');
  }

  get pins(): Pins {
    return this.#pins;
  }

  async show(): Promise<void> {
    // In the order of their names.
    const shown = [this.#logKey(), this.#logPolicy(), await this.#trustRoot(), this.#approvalPolicy()];
    replaceChildren(
      this.#root,
      element('h2', {}, PINS.title),
      note(PINS.lead),
      this.#notice !== undefined && element('p', { class: 'message warn', role: 'status' }, this.#notice),
      // In a box of their own: their rules and paddings are all the distance there is.
      element('div', {}, ...PIN_NAMES.map((name, index) => this.#view(name, shown[index]!))),
    );
  }

  async #set(name: PinName, text: string | undefined): Promise<void> {
    const { [name]: _, ...others } = this.#pins;
    this.#pins = text === undefined ? others : { ...others, [name]: text };
    this.#notice = keepPins(this.#pins) ? undefined : PINS.unkept;
    this.#open = name;
    await this.show();
    this.#root.querySelector<HTMLElement>(`[data-pin="${name}"] summary`)?.focus();
    this.#changed();
  }

  #view(name: PinName, { state, parts, offer, differs = false }: Shown): HTMLElement {
    const { title, about } = PIN_KINDS[name];
    const isPinned = state === 'pinned';
    const form = this.#form(name);
    return element(
      'details',
      { class: 'pin', 'data-pin': name, 'data-state': state, open: this.#open === name },
      element(
        'summary',
        { class: 'check-summary' },
        element('span', {}, title),
        differs ? tag('warn', PINS.isOther) : tag(isPinned ? 'pass' : '', PIN_STATES[state]),
      ),
      element(
        'div',
        { class: 'stack tight' },
        note(about),
        ...parts,
        (isPinned || offer !== undefined) &&
          element(
            'div',
            { class: 'buttons' },
            offer && button(() => void this.#set(name, offer.text), offer.words),
            isPinned && button(() => void this.#set(name, undefined), PINS.unpin),
          ),
        isPinned || offer !== undefined ? more(isPinned ? PINS.change : PINS.other, form) : form,
      ),
    );
  }

  #form(name: PinName): HTMLElement {
    const take = async (text: string): Promise<void> => {
      const read = await readPin(name, text, this.#pins);
      if (!read.ok) return refuse(PINS.refused, said(read.detail), '.');
      refuse();
      await this.#set(name, read.value);
    };
    const file = element('input', { type: 'file', 'aria-label': `${PIN_KINDS[name].title}: ${PINS.file}` });
    file.addEventListener('change', async () => {
      const text = await readFileText(file.files?.[0]);
      file.value = '';
      if (text !== undefined) await take(text);
    });
    const pin = button(() => void take(input.value), PINS.pin);
    const { field, input, refuse } = codeQuestion(
      `pin-${name}`,
      '3',
      PIN_KINDS[name].label,
      element('div', { class: 'buttons' }, pin, file),
    );
    return field;
  }

  #logKey(): Shown {
    const pinned = this.#pins.logKey;
    const served = this.#served?.vkeys ?? [];
    if (pinned !== undefined) {
      const keys = keysOf(pinned);
      const same = served.some((vkey) => keys.includes(vkey));
      const parts = [...keys.map(digest), this.#comparison(same, this.#servedKeys())];
      return { state: 'pinned', parts, differs: this.#served !== undefined && !same };
    }
    if (served.length === 0) {
      const text = IS_SAVED ? SAVED.noKey : PINS.keySilent;
      return { state: 'none', parts: [warning(text)] };
    }
    const offer = { words: PINS.pinServed, text: served.join('\n') };
    return { state: 'served', parts: [note(PINS.own), ...this.#servedKeys()], offer };
  }

  /** As the log lists them: those of now, then those of once. */
  #servedKeys(): readonly HTMLElement[] {
    const { vkeys = [], retired = [] } = this.#served ?? {};
    return [
      ...vkeys.map(digest),
      ...retired.flatMap(({ vkey, until }) => [note(PINS.retired, dayOf(until)), digest(vkey)]),
    ];
  }

  #logPolicy(): Shown {
    const pinned = this.#pins.logPolicy;
    const served = this.#served?.policy;
    if (pinned !== undefined) {
      const isSame = served !== undefined && orderless(served) === orderless(pinned);
      const compared = served === undefined ? undefined : this.#comparison(isSame, [policyText(served)]);
      const parts = [note(asked(pinned)), policyText(pinned), compared];
      return { state: 'pinned', parts, differs: served !== undefined && !isSame };
    }
    // A pinned key stands alone: what the log says of itself does not count beside it.
    if (served === undefined || this.#pins.logKey !== undefined)
      return { state: 'none', parts: [note(PINS.policyNone)] };
    const parts = [note(PINS.own), note(asked(served)), policyText(served)];
    return { state: 'served', parts, offer: { words: PINS.pinServedPolicy, text: served } };
  }

  async #trustRoot(): Promise<Shown> {
    const pinned = this.#pins.trustRoot;
    const read = pinned === undefined ? undefined : await readTrustRoot(pinned);
    if (read?.ok !== true) return { state: 'none', parts: [note(PINS.rootNone)] };
    const { rootId, newest } = read.value;
    if (newest === undefined) return { state: 'pinned', parts: [digest(rootId), note(PINS.rootIdOnly)] };
    const { name, version, expires_at, people } = newest;
    const expired = Date.parse(expires_at) <= Date.now();
    const listed = this.#served === undefined ? undefined : await newestListedVersion(newest);
    return {
      state: 'pinned',
      parts: [
        digest(rootId),
        note(said(PINS.rootNewest(name, version, people))),
        note(`${PINS.rootUntil} `, timeView(expires_at)),
        expired && warning(PINS.rootExpired),
        listed !== undefined &&
          listed > version &&
          element('p', { class: 'message warn', role: 'status' }, PINS.rootNewer(listed)),
      ],
    };
  }

  #approvalPolicy(): Shown {
    const pinned = this.#pins.approvalPolicy;
    const policy = pinned === undefined ? undefined : parsePolicy(pinned);
    if (pinned === undefined || policy?.ok !== true) return { state: 'none', parts: [note(PINS.rulesNone)] };
    const { name, rules } = policy.value;
    return {
      state: 'pinned',
      parts: [note(said(PINS.rules(name, rules.length))), digest(policyDigest(policy.value))],
    };
  }

  /** Whether the log says the same, and what it says if not. */
  #comparison(same: boolean, served: readonly HTMLElement[]): HTMLElement | undefined {
    if (this.#served === undefined) return undefined;
    if (same) return note(PINS.same);
    return element(
      'div',
      { class: 'message warn', role: 'status' },
      element('p', {}, PINS.differs),
      more(PINS.theirs, ...served),
    );
  }
}

function asked(text: string): string {
  const policy = policyOf(text);
  return policy === undefined ? '' : quorumText(policy);
}

function policyText(text: string): HTMLElement {
  return element('pre', { class: 'text mono' }, said(text.trimEnd()));
}

/** The lines that say something, in whatever order they stand. */
function orderless(policy: string): string {
  const lines = policy.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .sort()
    .join('\n');
}

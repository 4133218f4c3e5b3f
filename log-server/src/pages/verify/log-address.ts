import { SAVED } from '../../words/verify.ts';
import { button, element, more, note } from '../shared/dom.ts';
import { storedObject } from '../shared/stored-pins.ts';

const STORAGE = 'assent.log-addresses';
/** What is longer makes a code that no camera reads. */
const MOST_CHARACTERS = 200;

/** What a saved copy was told about where logs are, by their origins; nothing in a receipt says it. */
export function keptAddress(origin: string): string | undefined {
  const address = storedObject(STORAGE)[origin];
  return typeof address === 'string' ? readAddress(address) : undefined;
}

/** Asks where a log is, for a code on paper that opens the entry there. `use` is told the address. */
export function addressView(origin: string, use: (address: string) => void): HTMLElement {
  const attributes = {
    id: 'log-address',
    type: 'url',
    maxlength: String(MOST_CHARACTERS),
    placeholder: SAVED.addressStart,
  };
  const input = element('input', { ...attributes, autocomplete: 'off', 'aria-describedby': 'log-address-message' });
  input.value = keptAddress(origin) ?? '';
  const message = element('p', { id: 'log-address-message', class: 'message', role: 'status', hidden: true });
  const go = button(() => {
    const address = readAddress(input.value);
    input.setAttribute('aria-invalid', String(address === undefined));
    message.className = `message ${address === undefined ? 'fail' : ''}`;
    message.textContent = address === undefined ? SAVED.noAddress : SAVED.hasCode;
    message.hidden = false;
    if (address === undefined) return;
    keep(origin, address);
    use(address);
  }, SAVED.useAddress);
  const label = element('label', { for: 'log-address' }, SAVED.address);
  const field = element('div', { class: 'field' }, label, input, element('div', { class: 'buttons' }, go), message);
  const view = more(SAVED.code, element('div', { class: 'stack tight' }, note(SAVED.aboutCode), field));
  view.classList.add('screen-only');
  return view;
}

/** The page there that shows the entry. */
export function verifyAddress(address: string, index: number): string {
  return new URL(`/verify?id=${index}`, address).href;
}

/** Its origin; undefined for what is no address of a website. */
export function readAddress(text: string): string | undefined {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin.length <= MOST_CHARACTERS
    ? url.origin
    : undefined;
}

function keep(origin: string, address: string): void {
  try {
    localStorage.setItem(STORAGE, JSON.stringify({ ...storedObject(STORAGE), [origin]: address }));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // then it has to be typed again next time
  }
}

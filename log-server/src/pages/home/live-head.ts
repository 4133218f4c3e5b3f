import { TIMES } from '../../words/common.ts';
import { HEAD, LIVE } from '../../words/home.ts';
import { byId, element, replaceChildren } from '../shared/dom.ts';
import { duration, timeView } from '../shared/times.ts';
import { offerDemo } from './offer-demo.ts';

/** How long the page waits before it asks again for a stream that the log refused, in ms. */
const AGAIN_MS = 10_000;
/** A head may be so much newer than the time on this device, and so much older. */
const MOST_AHEAD_MS = 60_000;
const MOST_STALE_MS = 30 * 60_000;

type HeadEvent = { readonly size: number; readonly root: string; readonly timestamp: string };

/** Keeps the panel of the newest head up to date, and says when it cannot. */
export class LiveHead {
  readonly #card: HTMLElement;
  readonly #state = byId('live', 'p');
  readonly #opened: number;
  readonly #onHead: () => void;
  #signed: string;
  #stream: EventSource | undefined;

  /** @param onHead called with every head after the one that the page came with */
  constructor(card: HTMLElement, onHead: () => void) {
    this.#card = card;
    this.#onHead = onHead;
    this.#opened = Number(card.dataset.size);
    this.#signed = card.dataset.signed ?? '';
    this.#tick();
    setInterval(() => this.#tick(), 1_000);
    if (card.dataset.closed !== undefined) {
      this.#say('', LIVE.closed, '');
      return;
    }
    // A browser has few connections for one log: pages that nobody looks at leave theirs to others.
    document.addEventListener('visibilitychange', () => this.#follow());
    this.#follow();
  }

  #follow(): void {
    if (document.visibilityState === 'hidden') {
      this.#stream?.close();
      this.#stream = undefined;
      return;
    }
    if (this.#stream !== undefined) return;
    const stream = new EventSource('/api/v1/events');
    this.#stream = stream;
    stream.addEventListener('open', () => this.#say('pass', LIVE.on, ''));
    stream.addEventListener('head', ({ data }: MessageEvent<string>) => {
      const head = readHead(data);
      if (head !== undefined) this.#show(head);
    });
    stream.addEventListener('error', () => {
      this.#say('warn', LIVE.off, LIVE.offWords);
      if (stream.readyState !== EventSource.CLOSED) return; // it connects again by itself
      if (this.#stream === stream) this.#stream = undefined;
      setTimeout(() => this.#follow(), AGAIN_MS);
    });
  }

  #show({ size, root, timestamp }: HeadEvent): void {
    if (timestamp === this.#signed) return;
    this.#signed = timestamp;
    byId('head-size', 'span').textContent = size.toLocaleString('en');
    const fingerprint = this.#card.querySelector(`[data-copy="${HEAD.theFingerprint}"]`);
    if (fingerprint !== null) fingerprint.textContent = root.replace('sha256:', '');
    replaceChildren(byId('head-signed', 'span'), timeView(timestamp));
    this.#tick();
    const newer = size - this.#opened;
    if (newer > 0) {
      const words = LIVE.newer(newer);
      const note = byId('newer', 'p');
      note.hidden = false;
      replaceChildren(note, words, ' ', element('a', { href: '/' }, LIVE.show));
    }
    this.#onHead();
  }

  /** How old the head is, by this device's clock, and whether that can be. */
  #tick(): void {
    const age = Date.now() - Date.parse(this.#signed);
    const closed = this.#card.dataset.closed !== undefined;
    byId('head-age', 'span').textContent = age < 0 ? '' : duration(age) + TIMES.ago;
    const clock = byId('clock', 'p');
    const words =
      age < -MOST_AHEAD_MS
        ? LIVE.ahead(duration(-age))
        : age > MOST_STALE_MS && !closed
          ? LIVE.stale(duration(age))
          : '';
    clock.hidden = words === '';
    // It is announced when it changes, and the seconds must not be.
    if (words.replace(/\d+/g, '') !== (clock.textContent ?? '').replace(/\d+/g, '')) clock.textContent = words;
  }

  #say(tone: string, word: string, words: string): void {
    this.#state.hidden = false;
    this.#state.className = `tag ${tone}`;
    this.#state.textContent = word;
    offerDemo(this, word !== LIVE.off);
    const connection = byId('connection', 'p');
    connection.hidden = words === '';
    if (connection.textContent !== words) connection.textContent = words;
  }
}

function readHead(data: string): HeadEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { size, root, timestamp } = value as Partial<Record<keyof HeadEvent, unknown>>;
  if (!Number.isSafeInteger(size) || typeof root !== 'string' || typeof timestamp !== 'string') return undefined;
  return Number.isNaN(Date.parse(timestamp)) ? undefined : { size: Number(size), root, timestamp };
}

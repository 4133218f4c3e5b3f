import { entries } from '../../words/counts.ts';
import { VISIT } from '../../words/home.ts';
import { button, byId, type Child, element, replaceChildren, said } from '../shared/dom.ts';
import { downloadButton } from '../shared/download.ts';
import { type IconName, icon } from '../shared/icons.ts';
import { pinnedLogKeys, readStoredPins } from '../shared/stored-pins.ts';
import { dayOf } from '../shared/times.ts';
import { askedLog } from './asked-log.ts';
import { compareVisit, type Visit } from './compare-visit.ts';
import { offerDemo } from './offer-demo.ts';
import { readSeen, type SeenHead, writeSeen } from './seen-head.ts';

type View = {
  readonly tone?: 'pass' | 'warn' | 'fail';
  readonly shape: IconName;
  readonly title?: string;
  /** It comes before all else on the page. */
  readonly first?: true;
  readonly words: readonly Child[];
  readonly buttons?: readonly HTMLElement[];
};

/**
 * The panel that says whether the log only grew since this browser saw it last. An alarm stays: what was seen is not overwritten
 * until the visitor says so.
 */
export class VisitPanel {
  readonly #root = byId('visit', 'section');
  /** As of the visit before this one. */
  #before: SeenHead | undefined;
  #seen: SeenHead | undefined;
  #alarmed = false;
  #running: Promise<void> | undefined;
  #again = false;

  constructor() {
    const seen = readSeen();
    this.#root.hidden = false;
    if (seen === 'unavailable') {
      this.#alarmed = true;
      this.#show({ shape: 'skip', words: [VISIT.noStorage] });
      return;
    }
    this.#before = seen;
    this.#seen = seen;
    this.#show({ shape: 'skip', words: [VISIT.checking] });
    this.check();
  }

  /** Compares now; while a comparison runs, once more after it. */
  check(): void {
    if (this.#alarmed) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = compareVisit(this.#seen, askedLog, Date.now(), pinnedLogKeys(readStoredPins()))
      .then((visit) => this.#take(visit))
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.check();
      });
  }

  #take(visit: Visit): void {
    this.#root.dataset.visit = visit.kind;
    if ('now' in visit) {
      this.#seen = visit.now;
      writeSeen(visit.now);
      this.#show(this.#growth(visit.now));
      return;
    }
    this.#alarmed = visit.kind !== 'unreachable';
    this.#show(this.#trouble(visit));
  }

  #growth(now: SeenHead): View {
    const before = this.#before;
    if (before === undefined) return { shape: 'skip', words: [VISIT.first(entries(now.size))] };
    const isSame = now.size === before.size;
    const title = isSame ? VISIT.titles.same : VISIT.titles.pass;
    const words = isSame ? VISIT.same(entries(now.size)) : VISIT.grown(before.size, now.size);
    const when = element('span', { class: 'soft' }, VISIT.remembered(dayOf(new Date(before.at).toISOString())));
    return { tone: 'pass', shape: 'pass', title, words: [words, ' ', when] };
  }

  #trouble(visit: Exclude<Visit, { now: SeenHead }>): View {
    const warning = { tone: 'warn', shape: 'incomplete' } as const;
    switch (visit.kind) {
      case 'fork':
        return {
          tone: 'fail',
          shape: 'fail',
          first: true,
          words: [element('strong', {}, VISIT.fork), ' ', VISIT.forkAdvice],
          buttons: [downloadButton('log.misbehaviour.json', () => visit.evidence, VISIT.download)],
        };
      case 'shrunk': {
        const words = VISIT.shrunk(entries(this.#seen?.size ?? 0), entries(visit.size));
        const buttons = [this.#headsButton(visit.newer)];
        return { ...warning, title: VISIT.titles.shrunk, first: true, words: [words], buttons };
      }
      case 'unproven':
        return { ...warning, words: [VISIT.unproven], buttons: [this.#headsButton(visit.newer)] };
      case 'other-key':
        return {
          ...warning,
          words: [
            visit.isPinned ? VISIT.otherThanPinned : VISIT.otherKey,
            visit.replaced === undefined ? '' : VISIT.replaced(dayOf(visit.replaced)),
            VISIT.announced,
          ],
        };
      case 'other-log':
        return { ...warning, words: [VISIT.otherLog, said(visit.origin), '.'] };
      case 'broken':
        return { ...warning, words: [VISIT.broken] };
      case 'unreachable':
        return { shape: 'skip', words: [VISIT.unreachable] };
    }
  }

  #headsButton(newer: string): HTMLElement {
    const older = this.#seen?.checkpoint ?? '';
    const heads = () => `${JSON.stringify({ older, newer }, null, 2)}\n`;
    return downloadButton('log-heads.json', heads, VISIT.downloadHeads);
  }

  #forget(): void {
    writeSeen(undefined);
    this.#before = undefined;
    this.#seen = undefined;
    this.#alarmed = false;
    this.check();
    this.#root.querySelector('h2')?.focus();
  }

  #show({ tone, shape, title = VISIT.titles[tone ?? 'open'], first, words, buttons = [] }: View): void {
    // Whoever sees nothing else has to see this; and the rest of the page must not speak against it.
    if (first) byId('content', 'main').prepend(this.#root);
    document.body.classList.toggle('alarmed', first === true);
    offerDemo(this, first !== true);
    const acts = [
      ...buttons,
      ...(this.#alarmed && this.#seen !== undefined
        ? [button(() => this.#retry(), VISIT.again), this.#forgetButton()]
        : []),
    ];
    this.#root.className = `verdict slim visit ${tone ?? ''}`;
    this.#root.setAttribute('role', tone === 'fail' || tone === 'warn' ? 'alert' : 'status');
    replaceChildren(
      this.#root,
      icon(shape),
      element(
        'div',
        {},
        element('h2', { tabindex: '-1', id: 'visit-title' }, title),
        element('p', {}, ...words),
        acts.length > 0 && element('div', { class: 'buttons' }, ...acts),
      ),
    );
  }

  /** It destroys what the others would keep, so it does not look like one of them. */
  #forgetButton(): HTMLButtonElement {
    const forget = button(() => this.#forget(), VISIT.forget);
    forget.className = 'plain-button note';
    return forget;
  }

  #retry(): void {
    this.#alarmed = false;
    this.#show({ shape: 'skip', words: [VISIT.checking] });
    this.check();
    this.#root.querySelector('h2')?.focus();
  }
}

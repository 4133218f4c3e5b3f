import type { VerifyOptions } from '@assent/verifier';
import { PAPER } from '../../words/common.ts';
import { RESULT, SENTENCE } from '../../words/receipts.ts';
import { ACT_TITLE, ASK, MADE_WITH, PIN_YOURS, REPLACED_KEY, SAVED } from '../../words/verify.ts';
import { cardOnDemand } from '../shared/card-on-demand.ts';
import { byId, element, note, replaceChildren, saidInBrief } from '../shared/dom.ts';
import { icon } from '../shared/icons.ts';
import { hasReceipt, receiptFromFragment } from '../shared/receipt-link.ts';
import { checkpointCode, faceOf } from '../shared/sentence.ts';
import { fetchServedLog, problemText, type ServedLog } from '../shared/served-log.ts';
import { timeView } from '../shared/times.ts';
import { verdictMark, verdictView } from '../shared/verdict-view.ts';
import type { Act } from './act-parts.ts';
import { type Asked, type Checked, checkReceipt, withUse } from './checked.ts';
import { IS_SAVED } from './copy.ts';
import { readExample } from './example.ts';
import { loadPins } from './kept-pins.ts';
import { addressView, keptAddress, verifyAddress } from './log-address.ts';
import { leadBack, paperView } from './paper-view.ts';
import { optionsOf, type Pins, retiredOptions, sourceOfLog } from './pins.ts';
import { PinsPanel } from './pins-panel.ts';
import { drawCode } from './print.ts';
import { readQuestion, receiptPath } from './question.ts';
import { MAX_READ_BYTES } from './read-file.ts';
import { actionsView, hasSigned, logHint, resultView } from './result-view.ts';

const MAX_FILES = 100;

const question = byId('question', 'textarea');
const message = byId('question-message', 'p');
const form = byId('ask', 'section');
const verdict = byId('verdict', 'div');
const evidence = byId('evidence', 'div');
const list = byId('receipts', 'div');

/** What was asked last, so that it can be checked again when something else is pinned. */
let asked: readonly Asked[] = [];
let checked: readonly Checked[] = [];
let selected = 0;
let act: Act | undefined;
/** Counts the checks that were begun; one that was overtaken shows nothing. */
let turn = 0;

type Trust = {
  readonly served: ServedLog | undefined;
  readonly pins: () => Pins;
  /** Made of the pins once, before anything is checked: a trust root takes some verifying. */
  readonly options: () => Promise<VerifyOptions>;
};

// Nothing below waits for the log's answer before it listens: a file that is dropped meanwhile is checked when it is here.
const trust: Promise<Trust> = Promise.all([IS_SAVED ? undefined : fetchServedLog(), loadPins()]).then(
  async ([served, kept]) => {
    if (served !== undefined && served.size > 0) {
      byId('example-link', 'a').href = `/verify?id=${served.size - 1}`;
      byId('example', 'p').hidden = false;
    }
    const panel = new PinsPanel(byId('pins', 'section'), kept, {
      served,
      changed: () => void recheck(),
    });
    // The first date that a page writes takes longest: it is written before anybody waits for one.
    timeView(new Date().toISOString());
    let made = { pins: panel.pins, options: optionsOf(panel.pins, served) };
    const options = (): Promise<VerifyOptions> => {
      if (made.pins !== panel.pins) made = { pins: panel.pins, options: optionsOf(panel.pins, served) };
      return made.options;
    };
    return { served, pins: () => panel.pins, options };
  },
);

async function give(receipts: readonly Asked[]): Promise<void> {
  const mine = begin();
  asked = receipts;
  act = undefined;
  selected = 0;
  await check(mine);
}

async function recheck(): Promise<void> {
  if (asked.length === 0) return;
  turn += 1;
  await check(turn);
}

async function check(mine: number): Promise<void> {
  const { served, pins, options: currentOptions } = await trust;
  const options = await currentOptions();
  const results: Checked[] = [];
  for (const each of asked) {
    // The example's key is good for nothing else, and what is pinned says nothing about it.
    const own = { ...(each.options ?? options), ...act };
    results.push(await checkWith(each, own, each.options ? undefined : served, pins()));
    if (mine !== turn) return;
  }
  checked = results;
  show(served, pins());
}

/**
 * With the log's keys of now; then, where none of them signed it, with one that the log has replaced. That one counts where nothing is
 * pinned; to whoever pinned the keys of now it is what is missing.
 */
async function checkWith(asked: Asked, options: VerifyOptions, served: ServedLog | undefined, pins: Pins) {
  const checked = await checkReceipt(asked, options);
  const isServed = sourceOfLog(pins, served) === 'served';
  const { logKeys = [], logPolicy, ...others } = options;
  const areOfNow = logKeys.length > 0 && logKeys.every((vkey) => served?.vkeys.includes(vkey));
  const log =
    checkpointCode(checked.report) === 'log_signature_missing' && (isServed || areOfNow)
      ? checked.report.unverified_log
      : undefined;
  const key =
    log &&
    served &&
    (await import('./replaced-key.ts').then(
      ({ replacedKeyOf }) => replacedKeyOf(log.checkpoint, served),
      // Whoever is offline by now gets neither the script nor the log's answer.
      () => (served.retired.some(({ vkey }) => hasSigned(vkey, log)) ? 'silent' : undefined),
    ));
  if (!key) return withUse(checked, options);
  if (key === 'contradicted') return { ...checked, doubt: REPLACED_KEY.contradicted };
  // What nobody answered is open.
  if (key === 'silent') return { ...(await checkReceipt(asked, others)), doubt: REPLACED_KEY.silent };
  // Whoever pinned keys takes no key on the log's word; but that none of them signed it proves nothing against it either.
  if (!isServed) return { ...(await checkReceipt(asked, others)), needsOldKey: true };
  return { ...(await checkReceipt(asked, retiredOptions(options, key.vkey), options)), isRetired: true };
}

async function lookUp(id: string): Promise<void> {
  if (IS_SAVED) return advise(SAVED.lookup);
  const mine = begin();
  const response = await fetch(receiptPath(id), { headers: { accept: 'application/json' } }).catch(() => undefined);
  const problem = response === undefined ? ASK.unreachable : response.ok ? undefined : await problemText(response);
  const receipt = response?.ok === true ? await response.text() : undefined;
  if (mine !== turn) return;
  if (receipt === undefined) return advise(problem ?? ASK.silent);
  await give([{ receipt, name: `${/^\d+$/.test(id) ? PAPER.entry(id) : id}, ${ASK.served}`, fromLog: true }]);
  history.replaceState(null, '', `/verify?id=${encodeURIComponent(id)}`);
}

async function followFragment(fragment: string): Promise<void> {
  const mine = begin();
  const receipt = await receiptFromFragment(fragment);
  if (mine !== turn) return;
  if (receipt === undefined) advise(ASK.badFragment);
  else await give([{ receipt, name: ASK.linked }]);
}

async function readFiles(files: readonly File[]): Promise<void> {
  if (files.length > MAX_FILES) return advise(ASK.tooMany);
  if (files.some(({ size }) => size > MAX_READ_BYTES)) return advise(ASK.tooLarge);
  const read = files.map(async (file) => ({ receipt: new Uint8Array(await file.arrayBuffer()), name: file.name }));
  await give(await Promise.all(read));
}

function ask(text: string): Promise<void> {
  const read = readQuestion(text, location.origin);
  switch (read.kind) {
    case 'receipt':
      return give([{ receipt: read.receipt, name: ASK.pasted }]);
    case 'lookup':
      return lookUp(read.id);
    case 'link':
      return followFragment(read.fragment);
    case 'unclear':
      return Promise.resolve(advise(read.advice));
  }
}

function begin(): number {
  message.hidden = true;
  question.removeAttribute('aria-invalid');
  turn += 1;
  return turn;
}

function advise(text: string): void {
  asked = [];
  checked = [];
  showForm();
  for (const part of [verdict, evidence, list]) part.replaceChildren();
  question.setAttribute('aria-invalid', 'true');
  message.textContent = text;
  message.hidden = false;
}

/** The answer takes the place of the question. */
function show(served: ServedLog | undefined, pins: Pins): void {
  const one = checked[selected];
  if (one === undefined) return;
  const source = one.isRetired ? 'retired' : sourceOfLog(pins, served);
  const ownOptions = IS_SAVED && one.asked.options;
  const ownWitnesses = pins.logPolicy === undefined && one.options.logPolicy !== undefined;
  const isOpen = one.needsOldKey || (one.doubt !== undefined && one.report.verdict !== 'invalid');
  const word = isOpen ? 'none' : source === 'served' && ownWitnesses ? 'servedWitnesses' : source;
  const madeWith = ownOptions ? SAVED.madeWith : MADE_WITH[word];
  const now = Date.now();
  const hadFocus = form.contains(document.activeElement);
  form.hidden = true;
  const names = checked.length > 1 ? [] : [ASK.checked, saidInBrief(one.asked.name, 100)];
  replaceChildren(byId('checked-what', 'span'), ...names);
  byId('checked', 'p').hidden = false;
  showList(() => show(served, pins));
  replaceChildren(
    verdict,
    verdictView(one.report, {
      use: one.use,
      at: act?.at,
      onItsWord: !ownOptions && source !== 'pinned',
      means: ownOptions ? SAVED.exampleMeans : undefined,
      // What is pinned says nothing about the example.
      trust: ownOptions || one.doubt !== undefined ? undefined : '#pins',
      ownWitnesses,
      why: one.doubt ?? (one.needsOldKey ? SENTENCE.replacedKey : undefined),
    }),
    one.isRetired || (source === 'served' && one.report.log)
      ? note(madeWith, one.isRetired ? '' : PIN_YOURS)
      : one.doubt === undefined && logHint(one, served?.retired),
  );
  byId('checked', 'p').scrollIntoView({ block: 'nearest' });
  // Whoever asked by keyboard goes on from the answer.
  if (hadFocus) verdict.querySelector<HTMLElement>('h2')?.focus();
  evidence.replaceChildren();
  void painted().then(() => {
    // Another answer may stand there by now.
    if (one !== checked[selected] || evidence.hasChildNodes()) return;
    // Where the answer can only be no, nobody is asked.
    const isOpen = one.report.verdict !== 'refused' && one.use.kind !== 'used';
    const canAct = act !== undefined || (isOpen && one.report.approval?.decision === 'approved');
    const judge = (next: Act | undefined): void => {
      act = next;
      void recheck();
    };
    const load = () => import('./act-parts.ts');
    const shownAct = canAct
      ? cardOnDemand('run', ACT_TITLE, load, ({ actParts }) => actParts(act, judge), act !== undefined)
      : undefined;
    const paper = paperView(one, addressOf(one, served), madeWith, now);
    replaceChildren(
      evidence,
      actionsView(one),
      IS_SAVED && !ownOptions && addressForm(one, paper),
      ...resultView(one, { madeWith, ownWitnesses, now, act: shownAct }),
      paper,
    );
    // Before anybody prints: the browser's own menu waits for no script.
    void drawCode();
  });
}

/** Once the answer is on the screen, for which nobody has to wait until all the rest is made; soon, where nothing is painted. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 200);
  });
}

/** Several receipts: one row each, and the chosen one below. */
function showList(again: () => void): void {
  list.replaceChildren();
  if (checked.length < 2) return;
  replaceChildren(
    list,
    element('h2', {}, `${RESULT.several} ${checked.length} ${RESULT.receipts}`),
    element(
      'ol',
      { class: 'receipts' },
      ...checked.map(({ report, asked: { name } }, index) => {
        const row = element(
          'button',
          { type: 'button', 'aria-pressed': String(index === selected), 'data-face': faceOf(report) },
          verdictMark(report),
          saidInBrief(name, 80),
        );
        row.addEventListener('click', () => {
          selected = index;
          again();
          list.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
        });
        return element('li', {}, row);
      }),
    ),
  );
}

/** Where the log shows the entry: of a log that is not this one nobody here knows the address, but who was told in a saved copy. */
function addressOf({ report: { log } }: Checked, served: ServedLog | undefined): string | undefined {
  if (log === undefined) return undefined;
  const address = IS_SAVED ? keptAddress(log.origin) : served?.origin === log.origin ? location.origin : undefined;
  return address && verifyAddress(address, log.index);
}

function addressForm({ report }: Checked, paper: HTMLElement): HTMLElement | undefined {
  const { log } = report;
  return (
    log &&
    addressView(log.origin, (address) => {
      leadBack(paper, report, verifyAddress(address, log.index));
      void drawCode();
    })
  );
}

function showForm(): void {
  form.hidden = false;
  byId('checked', 'p').hidden = true;
}

byId('form', 'form').addEventListener('submit', (event) => {
  event.preventDefault();
  void ask(question.value);
});

byId('another', 'button').addEventListener('click', () => {
  showForm();
  question.value = '';
  question.focus();
});

const file = byId('file', 'input');
file.addEventListener('change', () => {
  const chosen = [...(file.files ?? [])];
  if (chosen.length > 0) void readFiles(chosen);
  file.value = ''; // the same file, chosen again after a change on disk, is read again
});

const drop = byId('drop', 'label');
drop.prepend(icon('file'));
// A file that misses the drop zone would otherwise replace the page.
addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop.classList.remove('over');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  const dropped = [...(event.dataTransfer?.files ?? [])];
  const text = event.dataTransfer?.getData('text/plain') ?? '';
  if (dropped.length > 0) void readFiles(dropped);
  else if (text !== '') void ask(text);
});

addEventListener('hashchange', () => {
  if (hasReceipt(location.hash)) void followFragment(location.hash);
});

const example = IS_SAVED ? readExample() : undefined;
if (example !== undefined) {
  const link = byId('example-link', 'a');
  link.addEventListener('click', (event) => {
    event.preventDefault();
    void give([example]);
  });
  byId('example', 'p').hidden = false;
}

const id = new URLSearchParams(location.search).get('id');
if (hasReceipt(location.hash)) void followFragment(location.hash);
else if (id !== null && !IS_SAVED) {
  question.value = id;
  void ask(id);
}

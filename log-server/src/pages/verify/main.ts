import { type Report, verifyReceipt } from '@assent/verifier';
import { approvalView } from '../shared/approval-view.ts';
import { checksView } from '../shared/checks-view.ts';
import { byId, element, replaceChildren, said } from '../shared/dom.ts';
import { hasReceipt, receiptFromFragment } from '../shared/receipt-link.ts';
import { fetchServedLog, problemText } from '../shared/served-log.ts';
import { verdictView } from '../shared/verdict-view.ts';
import { readQuestion, receiptPath } from './question.ts';
import { TrustedKeyPanel, type TrustedKeys } from './trusted-key.ts';

/** A little over what a receipt may have, so that it is the verifier who says that one is too large. */
const MAX_READ_BYTES = 32 * 1024 * 1024;

const question = byId('question', 'textarea');
const message = byId('question-message', 'p');
const form = byId('ask', 'section');
const verdict = byId('verdict', 'div');
const evidence = byId('evidence', 'div');

type Asked = { readonly receipt: string | Uint8Array; readonly name: string };

/** What was checked last, so that it can be checked again when another key is pinned. */
let last: Asked | undefined;
/** Counts the checks that were begun; one that was overtaken shows nothing. */
let turn = 0;

// Nothing below waits for the log's answer before it listens: a file that is dropped meanwhile is checked when it is here.
const panel = fetchServedLog().then((served) => {
  if (served !== undefined && served.size > 0) {
    byId('example-link', 'a').href = `/verify?id=${served.size - 1}`;
    byId('example', 'p').hidden = false;
  }
  return new TrustedKeyPanel(byId('trusted-key', 'section'), served, () => {
    if (last !== undefined) void check(last);
  });
});

async function check(asked: Asked): Promise<void> {
  const mine = begin();
  last = asked;
  const { keys } = await panel;
  const report = await verifyReceipt(asked.receipt, { logKeys: keys.vkeys });
  if (mine === turn) show(report, keys, asked.name);
}

async function lookUp(id: string): Promise<void> {
  const mine = begin();
  const response = await fetch(receiptPath(id), { headers: { accept: 'application/json' } }).catch(() => undefined);
  const problem =
    response === undefined ? 'The log cannot be reached.' : response.ok ? undefined : await problemText(response);
  const receipt = response?.ok === true ? await response.text() : undefined;
  if (mine !== turn) return;
  if (receipt === undefined) return advise(problem ?? 'The log did not answer.');
  await check({ receipt, name: `${id}, as this log hands it out` });
  history.replaceState(null, '', `/verify?id=${encodeURIComponent(id)}`);
}

async function followFragment(fragment: string): Promise<void> {
  const mine = begin();
  const receipt = await receiptFromFragment(fragment);
  if (mine !== turn) return;
  if (receipt === undefined) advise('The receipt in this link is damaged.');
  else await check({ receipt, name: 'the receipt in the link' });
}

async function readFile(file: File): Promise<void> {
  if (file.size > MAX_READ_BYTES) return advise('This file is far larger than any receipt.');
  await check({ receipt: new Uint8Array(await file.arrayBuffer()), name: file.name });
}

function ask(text: string): Promise<void> {
  const asked = readQuestion(text, location.origin);
  switch (asked.kind) {
    case 'receipt':
      return check({ receipt: asked.receipt, name: 'the receipt that you pasted' });
    case 'lookup':
      return lookUp(asked.id);
    case 'link':
      return followFragment(asked.fragment);
    case 'unclear':
      return Promise.resolve(advise(asked.advice));
  }
}

function begin(): number {
  message.hidden = true;
  question.removeAttribute('aria-invalid');
  turn += 1;
  return turn;
}

function advise(text: string): void {
  last = undefined;
  showForm();
  verdict.replaceChildren();
  evidence.replaceChildren();
  question.setAttribute('aria-invalid', 'true');
  message.textContent = text;
  message.hidden = false;
}

/** The answer takes the place of the question. */
function show(report: Report, keys: TrustedKeys, name: string): void {
  form.hidden = true;
  replaceChildren(byId('checked-what', 'span'), 'Checked: ', said(name));
  byId('checked', 'p').hidden = false;
  replaceChildren(verdict, verdictView(report), otherLogHint(report, keys));
  replaceChildren(
    evidence,
    ...approvalView(report),
    element(
      'section',
      { class: 'card' },
      element('h2', {}, 'Every check'),
      element('p', { class: 'note' }, keyWords(keys)),
      checksView(report),
    ),
  );
  byId('checked', 'p').scrollIntoView({ block: 'nearest' });
}

function showForm(): void {
  form.hidden = false;
  byId('checked', 'p').hidden = true;
}

/** A genuine receipt of a log that the visitor has no key of fails like a forged one: say what would tell them apart. */
function otherLogHint({ checks, unverified_log: log }: Report, { vkeys }: TrustedKeys): HTMLElement | undefined {
  const names = vkeys.map((vkey) => vkey.slice(0, vkey.indexOf('+')));
  const unsigned = checks.some(({ id, status }) => id === 'checkpoint' && status === 'fail');
  if (!unsigned || log === undefined || names.length === 0 || names.includes(log.origin)) return undefined;
  return element(
    'p',
    { class: 'message warn' },
    'It says that it is from the log ',
    said(log.origin),
    ', and the trusted key is that of ',
    said(names.join(', ')),
    '. If you know the other log’s key, pin it, and the receipt is checked again.',
  );
}

function keyWords({ source }: TrustedKeys): string {
  switch (source) {
    case 'served':
      return 'Made in this page, with the log key that this log serves for itself.';
    case 'pinned':
      return 'Made in this page, with the log key that you pinned.';
    case 'none':
      return 'Made in this page, without a log key.';
  }
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
  const [chosen] = file.files ?? [];
  if (chosen !== undefined) void readFile(chosen);
  file.value = ''; // the same file, chosen again after a change on disk, is read again
});

const drop = byId('drop', 'label');
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
  const dropped = event.dataTransfer?.files[0];
  const text = event.dataTransfer?.getData('text/plain') ?? '';
  if (dropped !== undefined) void readFile(dropped);
  else if (text !== '') void ask(text);
});

addEventListener('hashchange', () => {
  if (hasReceipt(location.hash)) void followFragment(location.hash);
});

const id = new URLSearchParams(location.search).get('id');
if (hasReceipt(location.hash)) void followFragment(location.hash);
else if (id !== null) {
  question.value = id;
  void ask(id);
}

import { type Report, verifyReceipt } from '@assent/verifier';
import { approvalView } from '../shared/approval-view.ts';
import { checksView } from '../shared/checks-view.ts';
import { byId, element, replaceChildren } from '../shared/dom.ts';
import { hasReceipt, receiptFromFragment } from '../shared/receipt-link.ts';
import { fetchServedLog, problemText } from '../shared/served-log.ts';
import { verdictView } from '../shared/verdict-view.ts';
import { readQuestion, receiptPath } from './question.ts';
import { TrustedKeyPanel, type TrustedKeys } from './trusted-key.ts';

/** A little over what a receipt may have, so that it is the verifier who says that one is too large. */
const MAX_READ_BYTES = 32 * 1024 * 1024;

const question = byId('question', 'textarea');
const message = byId('question-message', 'p');
const verdict = byId('verdict', 'div');
const evidence = byId('evidence', 'div');

/** What was checked last, so that it can be checked again when another key is pinned. */
let unverifiedReceipt: string | Uint8Array | undefined;
/** Counts the checks that were begun; one that was overtaken shows nothing. */
let turn = 0;

const panel = new TrustedKeyPanel(byId('trusted-key', 'section'), await fetchServedLog(), () => {
  if (unverifiedReceipt !== undefined) void check(unverifiedReceipt);
});

async function check(receipt: string | Uint8Array): Promise<void> {
  const mine = begin();
  unverifiedReceipt = receipt;
  const keys = panel.keys;
  const report = await verifyReceipt(receipt, { logKeys: keys.vkeys });
  if (mine === turn) show(report, keys);
}

async function lookUp(id: string): Promise<void> {
  const mine = begin();
  const response = await fetch(receiptPath(id), { headers: { accept: 'application/json' } }).catch(() => undefined);
  const problem =
    response === undefined ? 'The log cannot be reached.' : response.ok ? undefined : await problemText(response);
  const receipt = response?.ok === true ? await response.text() : undefined;
  if (mine !== turn) return;
  if (receipt === undefined) return advise(problem ?? 'The log did not answer.');
  await check(receipt);
  history.replaceState(null, '', `/verify?id=${encodeURIComponent(id)}`);
}

async function followFragment(fragment: string): Promise<void> {
  const mine = begin();
  const receipt = await receiptFromFragment(fragment);
  if (mine !== turn) return;
  if (receipt === undefined) advise('The receipt in this link is damaged.');
  else await check(receipt);
}

async function readFile(file: File): Promise<void> {
  if (file.size > MAX_READ_BYTES) return advise('This file is far larger than any receipt.');
  await check(new Uint8Array(await file.arrayBuffer()));
}

function ask(text: string): Promise<void> {
  const asked = readQuestion(text, location.origin);
  switch (asked.kind) {
    case 'receipt':
      return check(asked.receipt);
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
  unverifiedReceipt = undefined;
  verdict.replaceChildren();
  evidence.replaceChildren();
  question.setAttribute('aria-invalid', 'true');
  message.textContent = text;
  message.hidden = false;
}

function show(report: Report, keys: TrustedKeys): void {
  replaceChildren(verdict, verdictView(report));
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
  verdict.scrollIntoView({ block: 'nearest' });
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

import { COPY, PAPER, PRINT } from '../../words/common.ts';
import { addCopyButtons, copyFetchedButton } from '../shared/copy-buttons.ts';
import { element } from '../shared/dom.ts';
import { localizeTimes } from '../shared/local-times.ts';
import { printFoot } from '../shared/print-foot.ts';
import { qrView } from '../shared/qr.ts';

// Everything that the log holds is on this page without this script; it adds what needs one.
addCopyButtons(document);
localizeTimes(document);
const index = /^\/entry\/(\d+)$/.exec(location.pathname)?.[1] ?? '';
// The day of the sheet stands under the address that it leads to.
const asOf = document.getElementById('as-of') ?? '';
const address = `${location.origin}/entry/${index}`;
const opens = PAPER.entry(index);
document.getElementById('evidence')?.append(printFoot(qrView(address, PAPER.code(opens)), address, opens, asOf));
const more = document.getElementById('more-actions');
if (more !== null) {
  const print = element('button', { type: 'button', class: 'button small' }, PRINT);
  // Only what is opened is printed, and what was opened to be read belongs to the evidence no less.
  print.addEventListener('click', () => window.print());
  more.append(copyFetchedButton(COPY.asJson, `/api/v1/entries/${index}`), print);
}

import { addCopyButtons } from '../shared/copy-buttons.ts';
import { localizeTimes } from '../shared/local-times.ts';
import { LiveHead } from './live-head.ts';
import { VisitPanel } from './visit-panel.ts';

// Everything that the log says is on this page without this script, which adds what needs one.
addCopyButtons(document);
localizeTimes(document);
const card = document.querySelector<HTMLElement>('.head-card');
// A log that cannot say its head has nothing to follow or to compare.
if (card !== null) {
  const visit = new VisitPanel();
  new LiveHead(card, () => visit.check());
}

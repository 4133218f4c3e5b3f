import { parseIntent } from '@assent/verifier';
import { button, codeField, element, note, replaceChildren, said } from '../shared/dom.ts';
import { timeView } from '../shared/times.ts';
import { ACT, PINS } from '../shared/words.ts';

/** Of somebody who is about to act on an approval: as of when, and what is about to run. */
export type Act = { readonly at: number; readonly intent?: string };

/** Offers to judge an approval as a gate would. `judge` is told when, or undefined to stop. */
export function actView(act: Act | undefined, judge: (act: Act | undefined) => void): HTMLElement {
  const input = codeField('act-intent', '4', 'act-message');
  input.value = act?.intent ?? '';
  const message = element('p', { id: 'act-message', class: 'message fail', role: 'alert', hidden: true });
  const go = button(() => {
    const intent = input.value.trim();
    const read = intent === '' ? undefined : parseIntent(intent);
    message.hidden = read?.ok !== false;
    input.setAttribute('aria-invalid', String(read?.ok === false));
    if (read?.ok === false) replaceChildren(message, PINS.refused, said(read.detail), '.');
    else judge({ at: Date.now(), ...(intent !== '' && { intent }) });
  }, ACT.go);
  return element(
    'details',
    { class: 'card act', open: act !== undefined },
    element('summary', {}, element('h2', {}, ACT.title)),
    note(ACT.about),
    act && note(ACT.judged, timeView(new Date(act.at).toISOString()), '.'),
    element('div', { class: 'field' }, element('label', { for: 'act-intent' }, ACT.label), input, message),
    element('div', { class: 'buttons' }, go, act && button(() => judge(undefined), ACT.stop)),
  );
}

import { parseIntent } from '@assent/verifier';
import { ACT } from '../../words/act.ts';
import { REFUSED } from '../../words/verify.ts';
import { button, type Child, codeQuestion, element, note, said } from '../shared/dom.ts';

/** Of somebody who is about to act on an approval: as of when, and what is about to run. */
export type Act = { readonly at: number; readonly intent?: string };

/** Offers to judge an approval as a gate would. `judge` is told when, or undefined to stop. */
export function actParts(act: Act | undefined, judge: (act: Act | undefined) => void): Child[] {
  const { field, input, refuse } = codeQuestion('act-intent', '4', ACT.label);
  input.value = act?.intent ?? '';
  const go = button(() => {
    const intent = input.value.trim();
    const read = intent === '' ? undefined : parseIntent(intent);
    if (read?.ok === false) refuse(REFUSED, said(read.detail), '.');
    else judge({ at: Date.now(), ...(intent !== '' && { intent }) });
  }, ACT.go);
  return [
    note(ACT.about),
    field,
    element('div', { class: 'buttons' }, go, act && button(() => judge(undefined), ACT.stop)),
  ];
}

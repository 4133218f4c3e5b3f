import { byId } from '../shared/dom.ts';

export const STEPS = ['passkey', 'action', 'decision', 'logged', 'forge'] as const;
export type Step = (typeof STEPS)[number];

/** Makes one step current; those before it are done, those after it wait. The focus follows, unless the page just loaded. */
export function goTo(step: Step, { focus = true } = {}): void {
  const current = STEPS.indexOf(step);
  for (const [index, name] of STEPS.entries()) {
    const item = byId(`step-${name}`, 'li');
    item.dataset.state = index < current ? 'done' : index === current ? 'current' : 'todo';
    if (index === current) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
  if (focus) focusOn(step);
}

export function focusOn(step: Step): void {
  const item = byId(`step-${step}`, 'li');
  item.querySelector('h2')?.focus({ preventScroll: true });
  item.scrollIntoView({ block: 'nearest' });
}

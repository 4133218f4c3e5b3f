import { type Child, element } from './dom.ts';
import { fillOnDemand } from './on-demand.ts';

/** A section, closed unless it is said to be `open`, for those who want to know more, whose body is made by a script of its own, which is fetched when it is opened. */
export function cardOnDemand<Script>(
  className: string,
  title: string,
  load: () => Promise<Script>,
  make: (script: Script) => readonly Child[],
  open = false,
): HTMLElement {
  const body = element('div', { class: 'stack tight' });
  const view = element(
    'details',
    { class: `card act ${className}`, open },
    element('summary', {}, element('h2', {}, title)),
    body,
  );
  view.addEventListener('toggle', () => void fillOnDemand(body, load, make), { once: true });
  return view;
}

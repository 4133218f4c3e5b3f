import { briefTimeView, timeView } from './times.ts';

/** Adds the visitor's own zone to every time that the server wrote in UTC. */
export function localizeTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const view = time.classList.contains('brief') ? briefTimeView : timeView;
    time.replaceWith(view(time.dateTime));
  }
}

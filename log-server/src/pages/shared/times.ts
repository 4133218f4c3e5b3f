/** Evidence is in UTC, and so is what the page shows: two people who compare a receipt must read the same. */
const FORMAT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });

/** @param time RFC 3339, from a verified document. */
export function timeView(time: string): HTMLTimeElement {
  const view = document.createElement('time');
  view.dateTime = time;
  view.textContent = `${FORMAT.format(new Date(time))} UTC`;
  return view;
}

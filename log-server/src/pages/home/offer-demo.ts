const link = document.getElementById('start-demo');
const place = link?.parentElement;
const objecting = new Set<object>();

/**
 * Whether a visitor is invited to approve something: not in a log that cannot be reached, nor in one that was caught. As long as
 * one of those who ask objects, the link is gone, and what is left takes its place as the main one.
 */
export function offerDemo(asking: object, offered: boolean): void {
  if (offered) objecting.delete(asking);
  else objecting.add(asking);
  if (link === null || !place) return;
  if (objecting.size > 0) link.remove();
  else if (!link.isConnected) place.prepend(link);
}

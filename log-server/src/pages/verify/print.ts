import { askAnew } from '../shared/on-demand.ts';

/**
 * Draws the code of the address on paper. The browser waits for nobody once it prints, from wherever it is asked to: so it is drawn once
 * the answer stands there. What draws it is a script of its own, as nobody needs it before; without it the address stands there alone.
 */
export async function drawCode(): Promise<void> {
  const place = document.querySelector<HTMLElement>('[data-code]');
  const { code = '', url = '' } = place?.dataset ?? {};
  const script = place && (await import('../shared/qr.ts').catch(askAnew));
  if (script) place.replaceWith(script.qrView(url, code));
}

/** The page's own button waits for the code, and tries again where it could not be had. */
export async function printPage(): Promise<void> {
  await drawCode();
  window.print();
}

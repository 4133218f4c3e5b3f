/**
 * Draws the code of that address. What draws it is a script of its own, which is fetched for whoever prints: without it the address
 * stands there alone.
 */
export async function drawCode(): Promise<void> {
  const place = document.querySelector<HTMLElement>('[data-code]');
  const { code = '', url = '' } = place?.dataset ?? {};
  const script = place && (await import('../shared/qr.ts').catch(() => undefined));
  if (script) place.replaceWith(script.qrView(url, code));
}

/**
 * The browser waits for nobody once it prints. So what asks it to waits for the code: the page's own button, and the keys that
 * everybody knows; from a menu the first sheet has the address alone.
 */
export async function printPage(): Promise<void> {
  await drawCode();
  window.print();
}

/** A receipt that was kept while the log replaced its key: how it reads on the log's own page, and in a saved copy. */
import { generateKeyPairSync } from 'node:crypto';
import { createApproval, createServiceKey, createTestLog } from '@assent/test-support';
import { formatVkey } from '@assent/verifier';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeSha256 } from '../src/native-primitives.ts';
import { changeLog } from '../src/store/change-log.ts';
import { type LogSite, serveSite } from './support/log-site.ts';
import { watch } from './support/pages-browser.ts';
import { openSavedBrowser, type SavedBrowser } from './support/saved-page.ts';
import { createLogHome, createSigner, ORIGIN, type TestLogHome } from './support/test-log.ts';

describe('a receipt from before the log replaced its key', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const [first, next] = [createSigner(privateKey), createSigner()];
  let home: TestLogHome;
  let site: LogSite;
  let saved: SavedBrowser;
  let browser: Browser;
  let oldKey: string;
  let newKey: string;
  let kept: string;
  let later: string;
  /** Of a tree of its own, by the old key, logged before the change if one believes it. */
  let thiefs: string;
  /** The genuine one, with an entry that is not in that tree. */
  let tampered: string;

  beforeAll(async () => {
    home = await createLogHome();
    saved = await openSavedBrowser();
    browser = saved.browser;
    oldKey = formatVkey(ORIGIN, first.publicKey, nativeSha256);
    newKey = formatVkey(ORIGIN, next.publicKey, nativeSha256);
    const opened = await home.open({ signer: first, nextSigner: next });
    const append = async () =>
      (
        await opened.log.append(
          { kind: 'approval', content: createApproval({ origin: ORIGIN, serviceKey: createServiceKey() }).envelope },
          { services: ['*'] },
        )
      ).receipt;
    kept = await append();
    const thief = createTestLog({ origin: ORIGIN, privateKey });
    const { envelope } = createApproval({ origin: ORIGIN, serviceKey: createServiceKey() });
    thiefs = thief.append({ content: envelope }).receipt;
    tampered = JSON.stringify({ ...JSON.parse(kept), entry: JSON.parse(thiefs).entry });
    await changeLog(opened.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
    await append();
    await changeLog(opened.database, () => ({ kind: 'rotate-finish' }));
    later = await append();
    site = await serveSite(opened, { demo: false });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await home?.remove();
  });

  let given = 0;
  const give = async (page: Page, receipt: string): Promise<string | null> => {
    const name = `kept-${++given}.json`;
    const file = { name, mimeType: 'application/json', buffer: Buffer.from(receipt) };
    await page.locator('#file').setInputFiles(file);
    await page.locator('#checked-what', { hasText: name }).waitFor();
    await page.locator('#evidence .paper').waitFor({ state: 'attached' });
    return page.locator('#verdict [data-verdict]').getAttribute('data-verdict');
  };
  const pin = async (page: Page, ...vkeys: string[]): Promise<void> => {
    const panel = page.locator('[data-pin="logKey"]');
    if ((await panel.getAttribute('open')) === null) await panel.locator('summary').first().click();
    await panel.locator('> div > *').first().waitFor();
    const change = panel.locator('details.more > summary', { hasText: /Change|Give another one/ });
    if ((await change.count()) > 0) await change.click();
    await panel.getByLabel('Log keys').fill(vkeys.join('\n'));
    await panel.getByRole('button', { name: 'Pin', exact: true }).click();
    for (const vkey of vkeys) await panel.locator('.digest', { hasText: vkey }).first().waitFor();
    await panel.getByRole('button', { name: 'Unpin' }).waitFor();
  };

  it('rests on the log’s word where nothing is pinned, which the page says, and on the pins alone where there are some', async () => {
    const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
    const complaints = await watch(page, site.url);
    await page.goto(`${site.url}/verify`);
    expect(await give(page, kept)).toBe('authentic');
    expect(await page.locator('#verdict').textContent()).toContain('a key that this log has replaced');
    expect(await give(page, later)).toBe('authentic');
    expect(await page.locator('#verdict').textContent()).not.toContain('replaced');
    // Whoever has the old key can date back what he signs with it, and still cannot get it into the log.
    expect(await give(page, thiefs)).toBe('invalid');
    expect(await page.locator('#verdict').textContent()).toMatch(
      /^InvalidIt is signed with .* does not fit the log of today: somebody else .* ask who gave it to you\./,
    );
    expect(await page.locator('#verdict').textContent()).not.toContain('Say what you trust');

    // The key of now, pinned with care, makes nothing of it worse than it is: it is not proven, and it is not disproven.
    await pin(page, newKey);
    expect(await give(page, kept)).toBe('incomplete');
    expect(await page.locator('#verdict .answer').textContent()).toMatch(/a key that this log has replaced since, and/);
    expect(await give(page, thiefs)).toBe('invalid');
    expect(await give(page, kept)).toBe('incomplete');
    const hint = await page.locator('#verdict .message').textContent();
    expect(hint).toMatch(/^It names a key that this log says it used until \d+\s\w+\s\d{4}\. If you know that key/);

    await pin(page, oldKey);
    expect(await give(page, kept)).toBe('authentic');
    expect(await page.locator('#evidence').textContent()).toContain('with the log key that you pinned');
    await page.getByText('This log says something else').waitFor();
    // Who opens nothing is told as well, whenever they come back.
    expect(await page.locator('[data-pin="logKey"] .tag').textContent()).toBe('Differs');
    expect(await give(page, later)).toBe('invalid');

    await pin(page, oldKey, newKey);
    for (const receipt of [kept, later]) expect(await give(page, receipt)).toBe('authentic');
    expect(complaints).toEqual([]);
  });

  it('is open while the log does not answer, and no thief’s is any better than that', async () => {
    const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
    await watch(page, site.url);
    await page.goto(`${site.url}/verify`);
    await page.locator('[data-pin="logKey"][data-state="served"]').waitFor();
    const open = async (receipt: string): Promise<void> => {
      expect(await give(page, receipt)).toBe('incomplete');
      const said = (await page.locator('#verdict').textContent()) ?? '';
      expect(said).toContain('the log did not answer whether it holds what was signed. Try again later.');
      expect(said).not.toMatch(/Say what you trust|pin it/);
      expect(await page.locator('[data-check="checkpoint"]').getAttribute('data-status')).toBe('skip');
    };
    // The script that asks is the log's too.
    for (const path of ['**/replaced-key*', '**/api/v1/proofs/consistency*']) {
      await page.route(path, (route) => route.abort('connectionrefused'));
      for (const receipt of [kept, thiefs]) await open(receipt);
      expect(await give(page, tampered)).toBe('invalid');
      expect(await page.locator('#verdict').textContent()).not.toContain('Try again later.');
      await page.unroute(path);
      await page.goto(`${site.url}/verify?${given}`);
      await page.locator('[data-pin="logKey"][data-state="served"]').waitFor();
      expect(await give(page, kept)).toBe('authentic');
      expect(await give(page, thiefs)).toBe('invalid');
    }
  });

  it('needs its key pinned in a saved copy, which can print a code once it is told where the log is', async () => {
    const { page, complaints } = await saved.open();
    expect(await give(page, kept)).toBe('incomplete');
    await pin(page, newKey);
    expect(await give(page, kept)).toBe('invalid');
    expect(await page.locator('#verdict .message').textContent()).toContain(
      'If you know another key of that log, pin it too.',
    );
    await pin(page, newKey, oldKey);
    expect(await give(page, kept)).toBe('authentic');

    expect(await page.locator('.print-foot').count()).toBe(0);
    await page.getByText('Add a QR code to the printed page').click();
    const address = page.getByLabel('Address of the log');
    await address.fill('javascript:alert(1)');
    await page.getByRole('button', { name: 'Make the QR code' }).click();
    await page.getByText('This is no address of a website').waitFor();
    await address.fill('https://log.example.com/entries?x=1');
    await page.getByRole('button', { name: 'Make the QR code' }).click();
    await page.locator('.print-foot').waitFor({ state: 'attached' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.print-foot .digest').innerText()).toBe('https://log.example.com/verify?id=0');
    expect(await page.locator('.print-foot .qr').isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    // The next receipt of this log has it at once.
    expect(await give(page, later)).toBe('authentic');
    await page.locator('.print-foot', { hasText: 'verify?id=2' }).waitFor({ state: 'attached' });
    expect(complaints).toEqual([]);
  });
});

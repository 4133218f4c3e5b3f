import { base64Decode, intentDigest, parseEntry, parseReceipt, parseStatement, verifyReceipt } from '@assent/verifier';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, openPagesBrowser, type PagesBrowser } from './support/pages-browser.ts';

describe('/demo in a real browser, with a virtual authenticator', () => {
  let site: PagesBrowser;
  let vkey: string;

  beforeAll(async () => {
    site = await openPagesBrowser();
    const described = (await (await fetch(`${site.server.url}/api/v1/log`)).json()) as { vkeys: string[] };
    vkey = described.vkeys[0]!;
  });
  afterAll(() => site?.close());

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const verdict = (page: Page, place: string) => page.locator(`${place} [data-verdict]`);

  async function ask(page: Page, recipient?: string, amount?: string): Promise<void> {
    if (recipient !== undefined) await page.getByLabel('Recipient').fill(recipient);
    if (amount !== undefined) await page.getByLabel('Amount in EUR').fill(amount);
    await button(page, 'Ask me for approval').click();
  }

  async function downloadedReceipt(page: Page): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the receipt' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^assent-[0-9]+\.receipt\.json$/);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }

  function statementOf(receipt: string) {
    const parsed = parseReceipt(receipt);
    if (!parsed.ok) throw new Error(parsed.detail);
    const entry = parseEntry(new TextEncoder().encode(parsed.value.entry));
    if (!entry.ok || !('content' in entry.value)) throw new Error('the entry is not open');
    const payload = base64Decode(String(entry.value.content.payload));
    if (!payload.ok) throw new Error(payload.detail);
    const statement = parseStatement(payload.value);
    if (!statement.ok) throw new Error(statement.detail);
    return { statement: statement.value, disclosures: parsed.value.disclosures };
  }

  it('goes from the first click to a receipt that verifies here and elsewhere', async () => {
    const { page, complaints, authenticator } = await site.visitWithPasskey('/demo');
    await button(page, 'Make a passkey').click();
    await page.getByText('Fingerprint of your public key').waitFor();
    expect(await authenticator.credentialCount()).toBe(1);

    await ask(page, 'Grete & Söhne <b>GmbH</b>', '99.50');
    await page.getByText('Pay 99.50 EUR to Grete & Söhne <b>GmbH</b> (Invoice 2041)').waitFor();
    const shownDigest = await page.locator('#request .digest').first().textContent();

    await button(page, 'Approve with passkey').click();
    await verdict(page, '#logged').waitFor();
    expect(await verdict(page, '#logged').getAttribute('data-verdict')).toBe('authentic');
    // What is done has its tick, and what can be done now is the current step.
    expect(await page.locator('#step-logged').getAttribute('data-state')).toBe('done');
    expect(await page.locator('[aria-current="step"]').getAttribute('id')).toBe('step-forge');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('On the record');
    const place = page.locator('#logged').getByRole('link', { name: /^entry \d+/ });
    expect(await place.getAttribute('href')).toMatch(/^\/entry\/\d+$/);

    const receipt = await downloadedReceipt(page);
    const { statement, disclosures } = statementOf(receipt);
    expect(statement).toMatchObject({ decision: 'approved', log: ORIGIN, service: 'demo.approvals', use: 'single' });
    expect(disclosures?.intent?.args).toMatchObject({ recipient: 'Grete & Söhne <b>GmbH</b>', amount: '99.50' });
    expect(intentDigest(disclosures!.intent!)).toBe(shownDigest);
    const report = await verifyReceipt(receipt, { logKeys: [vkey], intent: disclosures!.intent! });
    expect(report.verdict, report.summary).toBe('authentic');
    expect(report.approval?.signers).toMatchObject([{ kind: 'passkey', user_verified: true, origin: site.server.url }]);

    const [verifyPage] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: 'Open it in Verify' }).click(),
    ]);
    await verdict(verifyPage, '#verdict').waitFor();
    expect(await verdict(verifyPage, '#verdict').getAttribute('data-verdict')).toBe('authentic');
    await verifyPage.locator('#evidence > *').first().waitFor();
    expect(await verifyPage.locator('#evidence').textContent()).toContain('Grete & Söhne <b>GmbH</b>');
    expect(complaints).toEqual([]);
  });

  it('logs a refusal, which is evidence and authorizes nothing', async () => {
    const { page, complaints } = await site.visitWithPasskey('/demo');
    await button(page, 'Make a passkey').click();
    await ask(page);
    await button(page, 'Reject with passkey').click();
    await verdict(page, '#logged').waitFor();
    expect(await verdict(page, '#logged').getAttribute('data-verdict')).toBe('refused');
    expect(await verdict(page, '#logged').textContent()).toContain('was rejected');
    const { statement } = statementOf(await downloadedReceipt(page));
    expect(statement.decision).toBe('rejected');
    expect(complaints).toEqual([]);
  });

  it('shows which check a forgery fails, with both values, and takes it back', async () => {
    const { page, complaints } = await site.visitWithPasskey('/demo');
    await button(page, 'Make a passkey').click();
    await ask(page, undefined, '1250.00');
    await button(page, 'Approve with passkey').click();
    await verdict(page, '#logged').waitFor();

    await button(page, 'Add a zero to the amount').click();
    await verdict(page, '#forged').waitFor();
    expect(await verdict(page, '#forged').getAttribute('data-verdict')).toBe('invalid');
    expect(await page.locator('#forged .change').textContent()).toContain('12500.00 EUR');
    const content = page.locator('#forged [data-check]');
    expect(await content.getAttribute('data-check')).toBe('content');
    await content.getByText('intent_mismatch').waitFor({ state: 'attached' });
    const [expected, computed] = await content.locator('.digest').allTextContents();
    expect(expected).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(computed).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(computed).not.toBe(expected);

    await button(page, 'Backdate the entry by 30 seconds').click();
    await page.locator('#forged [data-check="inclusion"][data-status="fail"]').waitFor();
    expect(await verdict(page, '#forged').getAttribute('data-verdict')).toBe('invalid');
    await page.locator('#forged [data-check]').getByText('inclusion_mismatch').waitFor();
    const times = page.locator('#forged .change time');
    const [was, is] = await times.evaluateAll((shown) => shown.map((time) => (time as HTMLTimeElement).dateTime));
    expect(Date.parse(was!) - Date.parse(is!)).toBe(30_000);

    await button(page, 'Undo').click();
    expect(await verdict(page, '#forged').count()).toBe(0);
    expect(await verdict(page, '#logged').getAttribute('data-verdict')).toBe('authentic');
    expect(complaints).toEqual([]);
  });

  it('signs and logs nothing when the device does not verify its user, and can then be tried again', async () => {
    const { page, authenticator } = await site.visitWithPasskey('/demo');
    await button(page, 'Make a passkey').click();
    await ask(page);
    await authenticator.setUserVerified(false);
    const before = await (await fetch(`${site.server.url}/checkpoint`)).text();
    await button(page, 'Approve with passkey').click();
    await page.getByText('Nothing was signed.').waitFor();
    expect(await (await fetch(`${site.server.url}/checkpoint`)).text()).toBe(before);
    await authenticator.setUserVerified(true);
    await button(page, 'Approve with passkey').click();
    await verdict(page, '#logged').waitFor();
  });

  it('does not sign what it does not show', async () => {
    const { page } = await site.visitWithPasskey('/demo');
    await page.route('**/demo/requests', async (route) => {
      const answer = await route.fetch();
      const asked = (await answer.json()) as { intent: { args: { recipient: string } } };
      asked.intent.args.recipient = 'Somebody Else';
      await route.fulfill({ response: answer, json: asked });
    });
    await button(page, 'Make a passkey').click();
    await ask(page);
    await page.getByText('asks for something else than you typed').waitFor();
    expect(await button(page, 'Approve with passkey').isVisible()).toBe(false);
  });

  it('refuses recipients that look like others, and amounts that are none', async () => {
    const { page, complaints } = await site.visitWithPasskey('/demo');
    await button(page, 'Make a passkey').click();
    await ask(page, 'Eve\u202e EUR 1', '10.00');
    await page.getByText('visible characters').waitFor();
    await ask(page, 'Eve', '10,00');
    await page.getByText('with two places').waitFor();
    expect(await page.getByLabel('Amount in EUR').getAttribute('aria-invalid')).toBe('true');
    expect(complaints).toEqual([]);
  });

  it('says that this browser has no passkeys, and sends nobody to an address where nothing answers', async () => {
    const page = await (await site.browser.newContext()).newPage();
    await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'credentials'));
    await page.goto(`${site.server.url}/demo`);
    const unable = page.locator('#unable:not([hidden])');
    await unable.waitFor();
    expect(await unable.textContent()).toBe('This browser offers no passkeys. Open this page in a current browser.');
    expect(await button(page, 'Make a passkey').isVisible()).toBe(false);
  });

  it('remembers the passkey over a reload, and can be gone through by keyboard', async () => {
    const { page, complaints } = await site.visitWithPasskey('/demo');
    await button(page, 'Make a passkey').press('Enter');
    await page.getByText('Fingerprint of your public key').waitFor();
    await page.reload();
    await page.getByText('Fingerprint of your public key').waitFor();
    await page.getByLabel('Recipient').press('Enter');
    await button(page, 'Reject with passkey').waitFor();
    // The focus went to the new step's heading: the next stop is its first button.
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Approve or reject');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await verdict(page, '#logged').waitFor();
    expect(await verdict(page, '#logged').getAttribute('data-verdict')).toBe('refused');
    expect(complaints).toEqual([]);
  });
});

/** What a visitor does on /verify besides asking: pins, plays, copies, prints, and takes the page away. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createConsumption, createServiceKey, createTrustVersion, type TestApproval } from '@assent/test-support';
import { createTestOrganization, type TestOrganization } from '@assent/test-support/organizations';
import { canonicalJson, REPORT_TYPE, verifyReceipt } from '@assent/verifier';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyWith, ORIGIN, openPagesBrowser, type PagesBrowser } from './support/pages-browser.ts';
import { sheets } from './support/saved-page.ts';
import { verifyStates } from './support/verify-states.ts';

const DISPLAY = 'Refund 42.00 USD';
const rootKey = createServiceKey();

let site: PagesBrowser;
let organization: TestOrganization;
let approval: TestApproval;
/** With the arguments and the text. */
let receipt: string;

beforeAll(async () => {
  site = await openPagesBrowser();
  organization = createTestOrganization({ rootKey });
  approval = organization.approve({ origin: ORIGIN, display: DISPLAY });
  const bare = await post('entries', { kind: 'approval', content: approval.envelope });
  receipt = JSON.stringify({ ...JSON.parse(bare), disclosures: { intent: approval.intent, display: DISPLAY } });
});
afterAll(() => site?.close());

async function post(path: 'entries' | 'consumptions', body: object): Promise<string> {
  const response = await fetch(`${site.server.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.server.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(text);
  return text;
}

const choose = (page: Page, ...texts: readonly string[]) =>
  page.locator('#file').setInputFiles(
    texts.map((text, index) => ({
      name: `${index}.receipt.json`,
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    })),
  );

async function face(page: Page, wanted: string): Promise<void> {
  await page.locator(`#verdict [data-face="${wanted}"]`).waitFor();
  await page.locator('#evidence > *').first().waitFor();
}

async function pin(page: Page, name: string, text: string): Promise<void> {
  const panel = page.locator(`[data-pin="${name}"]`);
  if ((await panel.getAttribute('open')) === null) await panel.locator('> summary').click();
  await panel.locator('> div > *').first().waitFor();
  if (!(await panel.locator('textarea').isVisible())) await panel.getByText(/^(Change|Give another one)$/).click();
  await panel.locator('textarea').fill(text);
  await panel.getByRole('button', { name: 'Pin', exact: true }).click();
  await page.locator(`[data-pin="${name}"][data-state="pinned"]`).waitFor();
}

describe('what is pinned', () => {
  it('gives names and judges rules, is kept, and can be taken back', async () => {
    const { page, complaints } = await site.visit('/verify');
    await choose(page, receipt);
    await face(page, 'authentic');
    expect(await page.locator('#verdict').textContent()).toContain('“Refund 42.00 USD” was approved with a passkey');
    expect(await page.locator('main').textContent()).not.toContain('alice@example.com');

    await pin(page, 'trustRoot', canonicalJson(organization.trustRoot.versions));
    await page.getByText('alice@example.com (finance)').first().waitFor();
    expect(await page.locator('[data-pin="trustRoot"]').textContent()).toContain(
      organization.trustRoot.rootId.slice(7),
    );
    await pin(page, 'approvalPolicy', canonicalJson(organization.approvalPolicy));
    await page.locator('[data-check="policy"][data-status="pass"]').waitFor();

    await page.reload();
    await choose(page, receipt);
    await page.getByText('alice@example.com').first().waitFor();
    await page.locator('[data-pin="trustRoot"] > summary').click();
    await page.getByRole('button', { name: 'Unpin' }).click();
    await page.locator('[data-check="trust"][data-status="skip"]').waitFor();
    expect(await page.locator('#verdict').textContent()).not.toContain('alice');
    expect(complaints).toEqual([]);
  });

  it('alone makes witnesses independent: those that the log names are the log’s', async () => {
    const state = verifyStates().find(({ name }) => name === 'witnessed')!;
    const { logKey = '', logPolicy = '' } = state.pins;
    const own = { origin: 'log.example.com/approvals', vkeys: [logKey], size: 99, witnesses: { policy: logPolicy } };
    const { page, complaints } = await site.visit('/verify');
    await page.route('**/api/v1/log', (route) => route.fulfill({ json: own }));
    await page.reload();
    await page.locator('[data-pin="logPolicy"][data-state="served"]').waitFor();
    const look = async (): Promise<readonly (string | null)[]> => {
      await choose(page, state.receipts[0]![1]);
      await face(page, 'authentic');
      const check = page.locator('[data-check="witnesses"] > summary');
      const parts = [check.locator('.check-status'), page.locator('#verdict')];
      return [
        ...(await Promise.all(parts.map((part) => part.textContent()))),
        String(await check.locator('.icon-pass').count()),
      ];
    };
    const [onItsWord, its, none] = await look();
    expect([onItsWord, none]).toEqual(['On the log’s word', '0']);
    const opened = page.locator('[data-check="witnesses"][open]');
    await page.locator('[data-check="witnesses"] > summary').click();
    await opened.filter({ hasText: 'Would prove' }).waitFor();
    expect(its).toMatch(
      /2 witnesses that the log names saw it there\..*keys and witnesses that this log names for itself/,
    );

    await pin(page, 'logPolicy', logPolicy);
    await page.locator('#verdict', { hasText: '2 independent witnesses saw it there.' }).waitFor();
    const [passed, , green] = await look();
    expect([passed, green]).toEqual(['Passed', '1']);
    await page.locator('[data-check="witnesses"] > summary').click();
    await opened.filter({ hasText: 'Proves' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('is told apart from what the log says: another policy, a newer trust root', async () => {
    const { page, complaints } = await site.visit('/verify');
    const first = createTrustVersion({ rootKeys: [rootKey], issuedAt: Date.now() });
    await post('entries', { kind: 'trust-root', content: first.envelope });
    await pin(page, 'trustRoot', canonicalJson([first.item]));
    await page.getByText('Compare the id').waitFor();
    expect(await page.getByText('This log lists version').count()).toBe(0);
    const next = createTrustVersion({ previous: first });
    await post('entries', { kind: 'trust-root', content: next.envelope });
    await page.reload();
    await page.locator('[data-pin="trustRoot"] > summary').click();
    await page.getByText('This log lists version 2').waitFor();
    for (const wrong of ['{}', 'sha256:abc', '[', canonicalJson([next.item])]) {
      const panel = page.locator('[data-pin="trustRoot"]');
      await panel.locator('> div > *').first().waitFor();
      if (!(await panel.locator('textarea').isVisible())) await panel.getByText(/^(Change|Give another one)$/).click();
      await panel.locator('textarea').fill(wrong);
      await panel.getByRole('button', { name: 'Pin', exact: true }).click();
      await panel.getByText('This does not belong here').waitFor();
      await panel.locator('textarea').fill('');
    }
    expect(complaints).toEqual([]);
  });

  it('is dropped, and said so, when it cannot be read any more', async () => {
    const { page } = await site.visit('/verify');
    await page.evaluate(() => localStorage.setItem('assent.pins', '{"logKey":"mangled","other":1}'));
    await page.reload();
    await page.getByText('could not be read, and is not used: The log’s key').waitFor();
    expect(await page.locator('[data-pin="logKey"]').getAttribute('data-state')).toBe('served');
  });
});

it('recomputes the way to the root with every character that is changed', async () => {
  const { page, complaints } = await site.visit('/verify');
  await choose(page, receipt);
  await page.getByText('Where it stands in the log').click();
  const outcome = page.locator('.path-outcome');
  await outcome.waitFor();
  expect(await outcome.textContent()).toBe('It leads to the root in the receipt.');
  const entry = page.getByLabel('The entry, as the log stores it');
  await entry.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Backspace');
  await page.getByText('It leads to another root.').waitFor();
  expect(await page.locator('.node.changed').count()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Put it back' }).click();
  await page.getByText('It leads to the root in the receipt.').waitFor();
  expect(await page.locator('.node.changed').count()).toBe(0);
  await page.getByRole('button', { name: 'Change one for me' }).click();
  await page.getByText('It leads to another root.').waitFor();
  expect(complaints).toEqual([]);
});

it('shows when an entry of this log was used, and asks the log nothing about a receipt that was dropped', async () => {
  const { page, complaints } = await site.visit('/verify?id=0');
  await face(page, 'authentic');
  expect(await page.locator('.timeline').textContent()).toContain('This log knows of no use');
  await post('consumptions', { content: createConsumption({ approval, key: organization.boundary }).envelope });
  await page.reload();
  await face(page, 'authentic');
  await page.locator('.timeline').getByText('payments-gw-3').waitFor();
  const verdict = await page.locator('#verdict').textContent();
  expect(verdict).toContain('by a system that calls itself “payments-gw-3”. The log holds both');
  expect(verdict).not.toContain('whether it was used already');
  const use = await page.locator('[data-check="use"]').textContent();
  expect(use).toContain('It was used');
  expect(use).not.toContain('not judged');

  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.getByRole('button', { name: 'Check another' }).click();
  await choose(page, receipt);
  await page.locator('.timeline').getByText('Not in this receipt').waitFor();
  await page.getByText('Print', { exact: true }).waitFor();
  await page.locator('.paper .qr').waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');
  expect(requests).toEqual([]);
  // What opens and prints is fetched once, the same for every receipt, and nothing of what is there already with it.
  await page.getByText('Where it stands in the log').click();
  await page.locator('.path-outcome').waitFor();
  await page.getByText('The evidence, field by field').click();
  await page.locator('.evidence .part').first().waitFor();
  await page.locator('[data-pin="logKey"] > summary').click();
  await page.getByText('What this log says of itself').waitFor();
  await page.locator('[data-check="signatures"] > summary').click();
  await page.getByText('Each key signed exactly this decision.').waitFor();
  expect(requests.map((url) => /\/assets\/([\w-]+)-\w+\.js$/.exec(url)?.[1] ?? url)).toEqual([
    'merkle-view',
    'evidence-view',
    'pin-view',
    'check-parts',
  ]);
  expect(complaints).toEqual([]);
});

it('says which part of the page could not be loaded, and loads it when it is asked again', async () => {
  const { page } = await site.visit('/verify');
  await choose(page, receipt);
  await face(page, 'authentic');
  await page.route('**/assets/evidence-view-*', (route) => route.abort('connectionrefused'));
  const evidence = page.locator('.evidence');
  await evidence.locator('> summary').click();
  await evidence.getByRole('alert').getByText('This part of the page could not be loaded.').waitFor();
  await evidence.getByRole('button', { name: 'Try again' }).click();
  await evidence.getByRole('alert').waitFor();
  await page.unroute('**/assets/evidence-view-*');
  // Which the browser itself would not.
  await evidence.getByRole('button', { name: 'Try again' }).click();
  await evidence.locator('.part').first().waitFor();
  expect(await evidence.getByRole('alert').count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('The evidence, field by field');

  const check = page.locator('[data-check="signatures"]');
  await page.route('**/assets/check-parts-*', (route) => route.abort('connectionrefused'));
  await check.locator('> summary').click();
  await check.getByRole('alert').waitFor();
  await page.unroute('**/assets/check-parts-*');
  await check.getByRole('button', { name: 'Try again' }).click();
  await check.getByText('Leaves open').waitFor();
  expect(await check.getByRole('alert').count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Every signature verifies');
});

it('says of a failed check what is wrong, though all else about it cannot be loaded', async () => {
  const { page } = await site.visit('/verify');
  await page.route('**/assets/check-parts-*', (route) => route.abort('connectionrefused'));
  await choose(
    page,
    JSON.stringify({ ...JSON.parse(receipt), disclosures: { intent: { ...approval.intent, args: {} } } }),
  );
  await face(page, 'invalid');
  const check = page.locator('[data-check="content"][open]');
  await check.getByText('The action in this file is not the one that was signed.').waitFor();
  await check.getByRole('alert').waitFor();
});

it('prints the address to type where the code cannot be drawn, and draws it for whoever prints once it can', async () => {
  const { page } = await site.visit('/verify');
  await page.route('**/assets/qr-*', (route) => route.abort('connectionrefused'));
  await choose(page, receipt);
  await face(page, 'authentic');
  await page.evaluate(() => {
    window.print = () => document.body.classList.add('printed');
  });
  await page.getByRole('button', { name: 'Print' }).click();
  await page.locator('body.printed').waitFor();
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.print-foot').innerText()).toContain(`${site.server.url}/verify?id=0`);
  expect(await page.locator('.qr').count()).toBe(0);
  await page.emulateMedia({ media: 'screen' });
  await page.unroute('**/assets/qr-*');
  await page.getByRole('button', { name: 'Print' }).click();
  await page.locator('.paper .qr').waitFor({ state: 'attached' });
});

it('takes several receipts, and shows each', async () => {
  const forged = JSON.stringify({ ...JSON.parse(receipt), disclosures: { intent: { ...approval.intent, args: {} } } });
  const { page, complaints } = await site.visit('/verify');
  await choose(page, receipt, forged, '{}');
  await page.getByText('3 receipts').waitFor();
  const rows = page.locator('.receipts button');
  expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-face')))).toEqual([
    'authentic',
    'invalid',
    'invalid',
  ]);
  await face(page, 'authentic');
  await rows.nth(1).focus();
  await page.keyboard.press('Enter');
  await face(page, 'invalid');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('1.receipt.json');
  expect(complaints).toEqual([]);
});

it('is done by keyboard alone, and announces the answer', async () => {
  const { page, complaints } = await site.visit('/verify');
  const focused = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      return at === null || at === document.body ? '' : at.textContent?.trim() || at.id;
    });
  const tabTo = async (wanted: string): Promise<void> => {
    for (let presses = 0; presses < 60; presses++) {
      if ((await focused())?.includes(wanted)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${wanted}`);
  };
  await page.locator('[data-pin="logKey"][data-state="served"]').waitFor();
  await tabTo('file');
  await tabTo('question');
  await page.keyboard.insertText(receipt);
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Check');
  await page.keyboard.press('Enter');
  await face(page, 'authentic');
  expect(await focused()).toBe('Authentic');
  const announced = page.getByRole('status').filter({ hasText: 'Authentic' });
  expect(await announced.getAttribute('aria-live')).toBe('polite');
  await tabTo('Every signature verifies');
  await page.keyboard.press('Enter');
  const check = page.locator('[data-check="signatures"][open]');
  for (const words of ['Each key signed exactly this decision.', 'Leaves open', 'Whose keys they are.'])
    await check.getByText(words).waitFor();
  expect(await focused()).toContain('Every signature verifies');
  await tabTo('The evidence, field by field');
  await page.keyboard.press('Enter');
  await page.getByText('The decision that was signed').waitFor();
  await tabTo('The decision that was signed');
  await page.keyboard.press('Enter');
  await page.getByText('The service that asked the people.').waitFor();
  await tabTo('List of approvers');
  await page.keyboard.press('Enter');
  await tabTo('pin-trustRoot');
  expect(complaints).toEqual([]);
});

it('copies the report as JSON, and a link that carries the receipt; prints one sheet with a code that leads back', async () => {
  const { page, complaints } = await site.visit('/verify', { permissions: ['clipboard-read', 'clipboard-write'] });
  await choose(page, receipt);
  await face(page, 'authentic');
  const copy = async (name: string): Promise<string> => {
    const text = await copyWith(page.getByRole('button', { name }));
    await page.getByRole('button', { name }).waitFor();
    return text;
  };
  const { vkeys } = (await (await fetch(`${site.server.url}/api/v1/log`)).json()) as { vkeys: string[] };
  const report = await copy('Copy the report (JSON)');
  expect(JSON.parse(report)).toMatchObject({ type: REPORT_TYPE, verdict: 'authentic' });
  expect(JSON.parse(report)).toEqual(JSON.parse(JSON.stringify(await verifyReceipt(receipt, { logKeys: vkeys }))));
  const link = await copy('Copy a link that carries it');
  // However it is printed: nobody asked this page to.
  await page.locator('.paper .qr').waitFor({ state: 'attached' });
  expect(await sheets(page, 'Letter')).toBe(1); // the shorter of the two
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByRole('img', { name: `QR code that opens entry 0 of ${ORIGIN}` }).isVisible()).toBe(true);
  expect(await page.locator('.paper').textContent()).toContain(`${site.server.url}/verify?id=0`);
  await page.emulateMedia({ media: 'screen' });
  await page.goto('about:blank');
  await page.goto(link);
  await face(page, 'authentic');
  expect(complaints).toEqual([]);
});

describe('the saved copy', () => {
  it('works from a disk with the network off, asks for nothing, and is the file that /verify names', async () => {
    const { page: hosted } = await site.visit('/verify');
    const downloading = hosted.waitForEvent('download');
    await hosted.getByRole('link', { name: 'assent-verify.html' }).click();
    const folder = await mkdtemp(join(tmpdir(), 'assent-saved-'));
    try {
      const file = join(folder, 'assent-verify.html');
      await (await downloading).saveAs(file);
      const bytes = Buffer.from(await (await fetch(`${site.server.url}/assent-verify.html`)).arrayBuffer());
      await writeFile(join(folder, 'again.html'), bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(await hosted.locator('.saved-copy').textContent()).toContain(sha256);

      const { page } = await site.visit('/verify');
      await page.context().setOffline(true);
      const seen: string[] = [];
      page.on('request', (request) => seen.push(request.url()));
      page.on('console', (message) => seen.push(message.text()));
      const url = pathToFileURL(file).href;
      await page.goto(url);
      await page.getByText('This is a saved copy').waitFor();
      await page.getByText('Take an example').click();
      await face(page, 'authentic');
      // Whoever signs with keys that anybody has proves nothing, and nothing that the visitor could pin changes that.
      const example = await page.locator('#verdict').textContent();
      expect(example).toContain('An example. It proves nothing: anybody has its keys.');
      expect(example).not.toMatch(/as evidence|Say what you trust/);
      // It has no log to which a code could lead.
      expect(await page.getByText('Add a QR code').count()).toBe(0);
      await page.getByRole('button', { name: 'Check another' }).click();
      await choose(page, receipt);
      await face(page, 'incomplete');
      const { vkeys } = (await (await fetch(`${site.server.url}/api/v1/log`)).json()) as { vkeys: string[] };
      await pin(page, 'logKey', vkeys[0]!);
      await face(page, 'authentic');
      expect(seen.filter((text) => !text.startsWith('data:'))).toEqual([url]);
      // The policy in the file is what keeps it silent, and not only that nobody asks.
      const refused = await page.evaluate(async () => {
        const violated = new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
        });
        await fetch('https://example.com/').catch(() => undefined);
        return violated;
      });
      expect(refused).toBe('connect-src');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

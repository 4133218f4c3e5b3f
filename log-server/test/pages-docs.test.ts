import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPagesBrowser, type PagesBrowser } from './support/pages-browser.ts';

describe('/docs in a real browser', () => {
  let site: PagesBrowser;
  beforeAll(async () => {
    site = await openPagesBrowser();
  });
  afterAll(() => site?.close());

  it('shows every operation, loads nothing from elsewhere, and breaks no policy', async () => {
    const document = (await (await fetch(`${site.server.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; tags: string[] }>>;
    };
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const { page, complaints } = await site.visit('/docs', { colorScheme: 'dark' });
    for (const { operationId, tags } of operations) {
      await page.locator(`#operations-${tags[0]}-${operationId}`).waitFor();
    }
    expect(await page.locator('.opblock').count()).toBe(operations.length);
    expect(complaints).toEqual([]);
  });

  it('calls an operation and shows the answer', async () => {
    const { page, complaints } = await site.visit('/docs');
    const operation = page.locator('#operations-read-getLog');
    await operation.getByRole('button', { name: 'GET /api/v1/log' }).click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.getByText('"vkeys"').first().waitFor();
    // What is too long for its box is cut between two lines, and never through one.
    const boxes = await operation.locator('pre').evaluateAll((all) =>
      all
        .filter((box) => box.scrollHeight > box.clientHeight)
        .map((box) => {
          const { paddingTop, lineHeight } = getComputedStyle(box);
          return (box.clientHeight - Number.parseFloat(paddingTop)) / Number.parseFloat(lineHeight);
        }),
    );
    expect(boxes.length).toBeGreaterThan(0);
    for (const lines of boxes) expect(lines).toBe(20);
    expect(complaints).toEqual([]);
  });

  it('sends the key that was given, by keyboard alone, until it is taken away', async () => {
    const { page, complaints } = await site.visit('/docs');
    const operation = page.locator('#operations-append-appendEntry');
    const summary = operation.getByRole('button', { name: 'POST /api/v1/entries' });
    await page.getByLabel('API key').focus();
    await page.keyboard.type(site.server.apiKey);
    await page.keyboard.press('Tab');
    await expect
      .poll(() => summary.evaluate((button) => button === document.activeElement), { timeout: 30_000 })
      .toBe(true);
    await summary.getByText('with your key').waitFor();
    await page.keyboard.press('Enter');
    await operation.getByRole('textbox', { name: 'Request body' }).fill('{}');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await operation.getByText('"code": "invalid_request"').first().waitFor();
    expect(await operation.locator('.curl').textContent()).toContain(`Bearer ${site.server.apiKey}`);
    // The browser says itself that the answer was an error.
    expect(complaints.filter((complaint) => !complaint.includes('400'))).toEqual([]);
    await page.getByLabel('API key').fill('');
    await expect.poll(() => summary.textContent(), { timeout: 30_000 }).toContain('needs a key');
  });
});

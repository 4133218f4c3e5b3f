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
    await operation
      .getByRole('button', { name: /getLog|\/api\/v1\/log/ })
      .first()
      .click();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.getByText('"vkeys"').first().waitFor();
    expect(complaints).toEqual([]);
  });
});

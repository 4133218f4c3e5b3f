import { readFile } from 'node:fs/promises';
import { createApproval, createServiceKey } from '@assent/test-support';
import { launchBrowser } from '@assent/test-support/browser';
import { sha256 } from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEveryEntry, type EntryName } from './support/every-entry.ts';
import { type LogSite, serveSite } from './support/log-site.ts';
import { BROWSER_TIMEOUT_MS, copyWith, watch, withoutNotFound } from './support/pages-browser.ts';
import { createLogHome, ORIGIN, type TestLogHome } from './support/test-log.ts';

// The pages are the built ones: `npm test` builds them first.
const HTML = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const RIGHTS = { services: ['*'] };
const service = createServiceKey();

describe('the log and its entries, for people', () => {
  let home: TestLogHome;
  let opened: Awaited<ReturnType<TestLogHome['open']>>;
  let site: LogSite;
  let browser: Browser;
  let entries: Readonly<Record<EntryName, number>>;

  beforeAll(async () => {
    home = await createLogHome();
    // It has a past, which the page draws.
    let behind = 2 * 3_600_000;
    [opened, browser] = await Promise.all([home.open({ now: () => Date.now() - behind }), launchBrowser()]);
    for (let i = 0; i < 30; i++) await append();
    behind = 0;
    entries = await appendEveryEntry(opened.log, opened.database);
    site = await serveSite(opened, { demo: false });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await home?.remove();
  });

  async function append(log = opened.log, overrides = {}): Promise<void> {
    await log.append(
      { kind: 'approval', content: createApproval({ origin: ORIGIN, serviceKey: service, overrides }).envelope },
      RIGHTS,
    );
  }

  async function get(path: string, headers: Record<string, string> = HTML) {
    const response = await fetch(site.url + path, { headers, redirect: 'manual' });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async function open(path: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(BROWSER_TIMEOUT_MS);
    const page = await context.newPage();
    const complaints = await watch(page, site.url);
    await page.goto(site.url + path);
    return { context, page, complaints };
  }

  const visit = (page: Page, kind: string) => page.locator(`#visit[data-visit="${kind}"]`).waitFor();
  const again = async (context: BrowserContext): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`${site.url}/`);
    return page;
  };

  it('answers every page, errors too, with headers that let nothing in', async () => {
    const pages = [
      ['/', 200],
      ['/entries', 200],
      ['/entries?kind=approval', 200],
      ['/entries?q=what+is+this%3F', 400],
      [`/entries?q=${'0a'.repeat(32)}`, 404],
      [`/entry/${entries.approved}`, 200],
      [`/entry/${entries.withheld}`, 451],
      ['/entry/99999', 404],
      ['/entry/x', 404],
      ['/nothing', 404],
      ['/api/v1/entries?limit=0', 400],
    ] as const;
    for (const [path, status] of pages) {
      const answer = await get(path);
      expect(answer.status, path).toBe(status);
      const policy = answer.headers.get('content-security-policy') ?? '';
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ]) {
        expect(policy.split('; '), path).toContain(part);
      }
      expect(policy, path).not.toContain('unsafe');
      // The search form is the only one, and its answer is a page of this log.
      expect(policy, path).toContain(`form-action '${/^\/(entries.*)?$/.test(path) ? 'self' : 'none'}'`);
      for (const [name, value] of Object.entries({
        'content-type': 'text/html; charset=UTF-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
      })) {
        expect(answer.headers.get(name)?.toLowerCase(), `${path} ${name}`).toBe(value.toLowerCase());
      }
      expect(answer.text, path).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+="|<!-- server/);
    }
  });

  it('speaks to programs in problem details, and to people in words', async () => {
    for (const path of ['/nothing', '/entry/99999', '/api/v1/entries/99999']) {
      const program = await get(path, { accept: '*/*' });
      expect(program.headers.get('content-type'), path).toBe('application/problem+json');
      expect(JSON.parse(program.text)).toMatchObject({ code: 'not_found' });
    }
    const future = (await get('/entry/99999')).text;
    expect(future).toContain('<h1>Not found</h1>');
    expect(future).toMatch(/There is no entry 99,999 yet: the log has \d+ entries/);
    const post = await fetch(`${site.url}/entry/1`, { method: 'POST', headers: HTML });
    expect([post.status, post.headers.get('content-type')]).toEqual([405, 'application/problem+json']);
  });

  it('shows of each sort of entry what is public, and of none what is not', async () => {
    const text = async (name: EntryName) => (await get(`/entry/${entries[name]}`)).text.replace(/\s+/g, ' ');
    const approved = await text('approved');
    for (const words of [
      'payment.refund',
      'stripe/acct_1A2b',
      'agent:support-bot',
      'refund-over-100',
      'not public; their fingerprint is below, as that of the exact action',
      'The device checked a finger, a face or a PIN.',
      `href="/entry/${entries.consumption}"`,
      `Entry ${entries.rejected}</a>, rejected`,
      'by a system that calls itself <bdi class="said">payments-gw-3</bdi>',
      `href="/entry/${entries.firstRoot}"`,
      `href="/verify?id=${entries.approved}"`,
      `href="/api/v1/receipts/${entries.approved}" download="entry-${entries.approved}.receipt.json"`,
      `href="/api/v1/entries/${entries.approved}"`,
      `href="/entry/${entries.approved - 1}"`,
      `href="/entry/${entries.approved + 1}"`,
    ]) {
      expect(approved, words).toContain(words);
    }
    expect(approved).not.toContain('ch_9');
    const revealed = await text('revealed');
    expect(revealed).toContain('ch_9');
    // Of what was not used there is nothing to say under its title.
    expect(revealed).not.toContain('class="lead"');
    expect(approved).toContain(
      `Entry ${entries.firstRoot}</a>, its first version, which calls itself <bdi class="said">acme.example</bdi>`,
    );
    const rejected = await text('rejected');
    expect(rejected).toContain('was rejected');
    // What was refused is neither valid nor to be used.
    expect(rejected).toContain('The request was open until');
    expect(rejected).not.toMatch(/Valid until|May be used<|>once</);
    expect(approved).toMatch(/Valid until.*May be used/);
    expect(approved).toMatch(
      /class="lead">It was used: <a href="\/entry\/\d+">Entry \d+<\/a>\. It cannot be used again\./,
    );
    expect(approved).toMatch(/entry \d+ of <bdi class="said">[^<]+<\/bdi>, which had \d+ entries/);
    expect(await text('expired')).toContain('was left to expire');
    const attested = await text('attested');
    expect(attested).toMatch(/alice@example.com.*finance.*a one-time code/);
    expect(attested).toMatch(/<h1>.*was approved, as a service says<\/h1>/);
    expect(attested).toMatch(/The service calls itself <bdi class="said">[^<]+<\/bdi>\. No passkey signed/);
    // Who reads the list alone is told no less.
    const list = (await get('/entries')).text.replace(/\s+/g, ' ');
    const decision = (index: number) =>
      new RegExp(`<a href="/entry/${index}">.*?<td class="decision">(.*?)</td>`).exec(list)?.[1];
    expect(decision(entries.approved)).toBe('<span class="tag pass">approved</span>');
    expect(decision(entries.attested)).toMatch(/^<span class="tag">approved<\/span>.*as the service says/);
    const what = (index: number) =>
      new RegExp(`<a href="/entry/${index}">.*?<td class="what">(.*?)</td>`).exec(list)?.[1];
    expect(what(entries.foreign)).toMatch(
      /title="application\/vnd\.[^"]+">record of another system <span class="form">form: \w+<\/span>/,
    );
    expect(approved).toMatch(/<h1>.*was approved<\/h1>/);
    const consumption = await text('consumption');
    expect(consumption).toContain(`href="/entry/${entries.approved}"`);
    expect(consumption).toContain('The approval itself names this key among those that may use it.');
    const opaque = await text('opaque');
    expect(opaque).toContain('A signed record of another system');
    expect(opaque).toMatch(/DSSE<\/bdi><div class="soft">.*?<summary>Show all \d+ characters/);
    expect(opaque).not.toContain('What follows is that system’s word');
    expect(await text('firstRoot')).toContain(`href="/entry/${entries.secondRoot}"`);
    const secondRoot = await text('secondRoot');
    expect(secondRoot).toContain('2 of these 3 have to sign the next version.');
    // It is true of a moment, and paper is kept.
    expect(secondRoot).toContain('there is none yet');
    expect(secondRoot).toMatch(/As of <time datetime="[^"]+">[^<]+ UTC<\/time>, when the log had \d+ entries\./);
    const sealed = await text('sealed');
    expect(sealed).toContain('A sealed record');
    expect(sealed).not.toMatch(/payment|passkey|approvals\.example/);
    const withheld = await text('withheld');
    expect(withheld).toContain('Withheld after a legal order');
    expect(withheld).toContain('href="/verify">Check a receipt');
    expect(withheld).not.toMatch(/payment|receipts|Court order/);
    expect(await text('foreign')).toContain('that a person approved: the server that made it holds the key');
    const hostile = await text('hostile');
    expect(hostile).not.toMatch(/<script>alert|<img src=x|<h1>Verified/);
    expect(hostile).toContain('<span class="hidden-character">U+202E</span>');
  });

  it('is read, searched and gone through without a script', async () => {
    const { page, complaints } = await open('/', { javaScriptEnabled: false });
    expect(await page.locator('.head-size').innerText()).toContain(`${(await opened.log.head()).size}`);
    expect(await page.locator('.growth figcaption').innerText()).toContain('this log grew to');
    expect(await page.locator('.entry-table tbody tr').count()).toBe(12);
    await page.getByText('Fingerprint of the whole log').click();
    expect(await page.getByText('A fingerprint of everything in the log').isVisible()).toBe(true);
    // What is counted has to be there: a click waits for the beginning of the next page only.
    const follow = async (link: Locator): Promise<void> => {
      await link.click();
      await page.waitForLoadState();
    };
    await follow(page.getByRole('link', { name: 'All entries' }));
    expect(await page.locator('.entry-table tbody tr').count()).toBe(25);
    await follow(page.getByRole('link', { name: 'Older' }));
    const first = Number(await page.locator('.entry-table tbody tr a').last().innerText());
    expect(first).toBe(0);
    await follow(page.getByRole('link', { name: 'Newer' }));
    await page.getByLabel('Find an entry').fill(`${entries.approved}`);
    await page.getByRole('button', { name: 'Find' }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(
      'payment.refund on stripe/acct_1A2b was approved',
    );
    await follow(page.getByRole('link', { name: 'All with this key' }).first());
    expect(await page.locator('.filters').innerText()).toContain('Key');
    expect(await page.locator('.entry-table tbody tr').count()).toBeGreaterThan(1);
    expect(complaints).toEqual([]);
  });

  it('is searched by keyboard, by each thing that an entry is known by', async () => {
    const { page, complaints } = await open('/entries');
    const search = async (text: string): Promise<void> => {
      await page.getByLabel('Find an entry').focus();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
      await page.waitForLoadState();
    };
    const approval = await opened.log.entry(entries.approved);
    const { content } = JSON.parse(Buffer.from(approval).toString('utf8'));
    const payload = Buffer.from(content.payload, 'base64');
    const statement = JSON.parse(payload.toString('utf8'));
    await search(`${statement.service}/${statement.id}`);
    await page.waitForURL(`**/entry/${entries.approved}`);
    await page.goBack();
    await search(Buffer.from(sha256(new Uint8Array(payload))).toString('hex'));
    await page.waitForURL(`**/entry/${entries.approved}`);
    await page.goBack();
    await search(statement.intent.digest);
    await page.waitForURL('**/entries?intent=*');
    const found = await page.locator('.entry-table tbody a').allInnerTexts();
    expect(found.map(Number)).toEqual([entries.rejected, entries.approved]);
    // Chips are links: the list is widened again by keyboard too.
    await page.getByRole('link', { name: 'Remove Action' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/entries');
    await page.getByLabel('Kind').selectOption({ label: 'Uses of approvals' });
    await page.getByRole('button', { name: 'Find' }).press('Enter');
    await page.waitForURL('**kind=consumption*');
    expect(await page.locator('.entry-table tbody a').allInnerTexts()).toEqual([`${entries.consumption}`]);
    await search('nobody.example.com');
    await page.waitForURL('**/entries?*service=nobody.example.com*');
    expect(await page.locator('.entries').innerText()).toContain('No entry fits.');
    expect(await page.locator('.lead').count()).toBe(0);
    // One way out of all conditions, and it looks as where nothing was understood.
    const all = page.getByRole('link', { name: 'All entries' });
    expect(await all.evaluateAll((links) => links.map(({ className }) => className))).toEqual(['button']);
    expect(complaints).toEqual([]);
    await search('what is this?');
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Find an entry').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('Find an entry').inputValue()).toBe('what is this?');
  });

  it('follows the log as it grows, and compares while it does', async () => {
    const { page, complaints } = await open('/', { timezoneId: 'Asia/Tokyo' });
    await page.locator('#live', { hasText: /^Live$/ }).waitFor();
    await visit(page, 'first');
    expect(await page.locator('#head-signed').innerText()).toMatch(/GMT\+9 \(.*UTC\)/);
    const { size } = await opened.log.head();
    await append();
    await append();
    await page.locator('#head-size', { hasText: String(size + 2) }).waitFor();
    await page.locator('#newer', { hasText: '2 more entries since you opened this page.' }).waitFor();
    await visit(page, 'grown');
    expect(await page.locator('#head-age').innerText()).toMatch(/^\d+ seconds? ago$/);
    await page.getByRole('link', { name: 'Show them' }).click();
    await page.locator('.entry-table tbody a', { hasText: String(size + 1) }).waitFor();
    expect(complaints).toEqual([]);
    // What it says last is shown as such once it can't be reached.
    await site.stop();
    await page.locator('#live', { hasText: 'Not live' }).waitFor();
    expect(await page.locator('#connection').innerText()).toContain('cannot be reached');
    await site.start();
    await page.locator('#live', { hasText: /^Live$/ }).waitFor();
  });

  it('tells whose clock may be wrong', async () => {
    const { page } = await open('/');
    for (const [hours, words] of [
      [-3, 'is dated 3 hours after the time on this device'],
      [5, 'is 5 hours old'],
    ] as const) {
      await page.clock.setFixedTime(Date.now() + hours * 3_600_000);
      await page.reload();
      await page.locator('#clock', { hasText: words }).waitFor();
    }
  });

  it('tells a visitor who comes back that the log only grew', async () => {
    const { context, page } = await open('/');
    await visit(page, 'first');
    const { size } = await opened.log.head();
    const same = await again(context);
    await visit(same, 'same');
    // It did not grow, so that is not what the page says.
    expect(await same.locator('#visit-title').innerText()).toBe('Nothing was changed');
    // Open pages hear of the new head too, and what one of them saw all of them have seen.
    await Promise.all([page.close(), same.close()]);
    await append();
    const grown = await again(context);
    await visit(grown, 'grown');
    expect(await grown.locator('#visit-title').innerText()).toBe('The log has only grown');
    expect(await grown.locator('#visit').innerText()).toContain(
      `This log has grown from ${size} to ${size + 1} entries without changing what you saw.`,
    );
    await context.close();
  });

  it('raises an alarm over a log that signed a second history, and keeps the proof', async () => {
    const { context, page } = await open('/');
    await visit(page, 'first');
    await page.close();
    const { size } = await opened.log.head();
    // The same name and key, and other entries.
    const forkHome = await createLogHome();
    const forked = await forkHome.open({ signer: home.signer });
    for (let i = 0; i < size + 2; i++) await append(forked.log);
    await site.stop();
    const fork = await serveSite(forked, { demo: false, port: site.port });
    try {
      const alarmed = await again(context);
      await visit(alarmed, 'fork');
      expect(await alarmed.locator('#visit[role="alert"]').innerText()).toContain('The log has two histories');
      // It comes before all else, and nothing speaks against it.
      expect(await alarmed.locator('main > :first-child').getAttribute('id')).toBe('visit');
      expect(await alarmed.getByText('all under one signature').isVisible()).toBe(false);
      expect(await alarmed.locator('#live').isVisible()).toBe(false);
      const [download] = await Promise.all([
        alarmed.waitForEvent('download'),
        alarmed.getByRole('button', { name: 'Download the proof' }).click(),
      ]);
      expect(download.suggestedFilename()).toBe('log.misbehaviour.json');
      const evidence = await readFile(await download.path(), 'utf8');
      const verified = await verifyMisbehaviour(evidence, { logKeys: [home.vkey] });
      expect(verified.ok && [verified.value.older.size, verified.value.newer.size]).toEqual([size, size + 2]);
      // What was seen is kept until the visitor says otherwise.
      await visit(await again(context), 'fork');
      await alarmed.getByRole('button', { name: 'Forget what I saw' }).press('Enter');
      await visit(alarmed, 'first');
      await alarmed.getByText('all under one signature').waitFor();
    } finally {
      await fork.stop();
      await forkHome.remove();
      await site.start();
      await context.close();
    }
  });

  it('hands an entry out as a file, as JSON and on one sheet of paper', async () => {
    const { context, page, complaints } = await open(`/entry/${entries.approved}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the receipt' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`entry-${entries.approved}.receipt.json`);
    expect(await readFile(await download.path(), 'utf8')).toBe(await opened.log.receipt(`${entries.approved}`));
    const copied = await copyWith(page.getByRole('button', { name: 'Copy the entry as JSON' }));
    expect(copied).toBe(Buffer.from(await opened.log.entry(entries.approved)).toString('utf8'));
    for (const format of ['A4', 'Letter']) {
      const pdf = (await page.pdf({ format })).toString('latin1');
      expect(pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length, format).toBe(1);
    }
    await page.emulateMedia({ media: 'print' });
    const foot = await page.locator('.print-foot').innerText();
    expect(foot).toContain(`${site.url}/entry/${entries.approved}`);
    expect(foot).toMatch(/As of \d+\s\w+\s\d{4}\sat\s[\d:]+\sUTC, when the log had \d+ entries\./);
    expect(await page.locator('.print-foot svg.qr').isVisible()).toBe(true);
    for (const hidden of ['.nav-list', '.button', '.neighbours', '#actions', '.colophon']) {
      expect(await page.locator(hidden).first().isVisible(), hidden).toBe(false);
    }
    await page.emulateMedia({ media: 'screen' });
    expect(await page.locator('.print-foot').isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Verify', exact: true }).last().click();
    await page.locator('[data-verdict="authentic"]').waitFor();
    expect(withoutNotFound(complaints)).toEqual([]);
    await context.close();
  });
});

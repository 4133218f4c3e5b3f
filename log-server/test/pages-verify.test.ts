import { createApproval, createAuthenticator, createTestLog, type TestApproval } from '@assent/test-support';
import { signedApprovalDecision } from '@assent/test-support/foreign-evidence';
import { formatReceipt, formatTime, parseReceipt } from '@assent/verifier';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyWith, ORIGIN, openPagesBrowser, type PagesBrowser, withoutNotFound } from './support/pages-browser.ts';

const SERVICE = 'approvals.example.com';

describe('/ and /verify in a real browser', () => {
  let site: PagesBrowser;
  let approval: TestApproval;
  /** As the log hands it out: the arguments are not in it. */
  let bareReceipt: string;
  let receipt: string;

  beforeAll(async () => {
    site = await openPagesBrowser();
    approval = createApproval({ origin: ORIGIN, authenticator: createAuthenticator(), display: 'Refund 42.00 USD' });
    bareReceipt = await append(approval);
    receipt = disclosing(bareReceipt, { intent: approval.intent, display: 'Refund 42.00 USD' });
  });
  afterAll(() => site?.close());

  async function append({ envelope }: Pick<TestApproval, 'envelope'>, extra: object = {}): Promise<string> {
    const response = await fetch(`${site.server.url}/api/v1/entries`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.server.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'approval', content: envelope, ...extra }),
    });
    const text = await response.text();
    if (response.status !== 201) throw new Error(text);
    return text;
  }

  function disclosing(text: string, disclosures: NonNullable<Parameters<typeof formatReceipt>[0]['disclosures']>) {
    const parsed = parseReceipt(text);
    if (!parsed.ok) throw new Error(parsed.detail);
    return formatReceipt({ entry: parsed.value.entry, proof: parsed.value.proof, disclosures });
  }

  const choose = (page: Page, name: string, text: string) =>
    page.locator('#file').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  const paste = async (page: Page, text: string): Promise<void> => {
    await page.getByLabel('Paste a receipt').fill(text);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
  };
  /** Drops a file that holds `text` as often as said; its name says so. It is made in the page: megabytes travel slowly. */
  const drop = async (page: Page, text: string, times: number): Promise<void> => {
    const dataTransfer = await page.evaluateHandle(
      ([part, count]) => {
        const carried = new DataTransfer();
        const name = `${part.slice(0, 8)} ${count}.json`;
        carried.items.add(new File([part.repeat(count)], name, { type: 'application/json' }));
        return carried;
      },
      [text, times] as const,
    );
    await page.dispatchEvent('body', 'drop', { dataTransfer });
  };
  const verdict = async (page: Page): Promise<string | null> => {
    await page.locator('#verdict [data-verdict]').waitFor();
    await page.locator('#evidence > *').first().waitFor();
    return page.locator('#verdict [data-verdict]').getAttribute('data-verdict');
  };
  const checks = (page: Page): Promise<string[]> =>
    page
      .locator('[data-check]')
      .evaluateAll((all) =>
        all.map((check) => `${check.getAttribute('data-check')} ${check.getAttribute('data-status')}`),
      );

  it('shows evidence of another system with what that cannot prove, not as an approval', async () => {
    const made = await append({ envelope: signedApprovalDecision({ members: { did: 'dec_42' } }) });
    const { page, complaints } = await site.visit('/verify');
    await choose(page, 'foreign.receipt.json', made);
    expect(await verdict(page)).toBe('authentic');
    expect(await page.locator('#verdict').textContent()).toContain(
      'A record of another system in the form SignedApproval says that',
    );
    const evidence = await page.locator('#evidence').textContent();
    for (const text of ['What it says', 'dec_42', 'SignedApproval cannot prove', 'that a person decided', 'Ed25519']) {
      expect(evidence).toContain(text);
    }
    expect(evidence).not.toContain('What was approved');
    expect(complaints).toEqual([]);
  });

  it('checks a chosen file: the answer first, then what, who and when, then all thirteen checks', async () => {
    const { page, complaints } = await site.visit('/verify');
    await choose(page, 'a.receipt.json', receipt);
    expect(await verdict(page)).toBe('authentic');
    expect(await page.locator('#verdict').textContent()).toContain('“Refund 42.00 USD” was approved');
    const evidence = await page.locator('#evidence').textContent();
    for (const text of [
      '42.00',
      'ch_9',
      'usd',
      'stripe/acct_1A2b',
      'agent:support-bot',
      'A passkey',
      'ES256',
      'Asked',
    ]) {
      expect(evidence).toContain(text);
    }
    expect(evidence).toContain('with keys that this log names for itself');
    expect(await checks(page)).toEqual([
      'receipt pass',
      'entry pass',
      'inclusion pass',
      'checkpoint pass',
      'witnesses pass',
      'content pass',
      'signatures pass',
      'intent skip',
      'trust skip',
      'revocation skip',
      'policy skip',
      'window skip',
      'use skip',
    ]);
    expect(complaints).toEqual([]);
  });

  it('checks a dropped file', async () => {
    const { page, complaints } = await site.visit('/verify');
    await page.locator('[data-pin="logKey"][data-state="served"]').waitFor();
    await drop(page, receipt, 1);
    expect(await verdict(page)).toBe('authentic');
    expect(await page.locator('#checked').textContent()).toContain(' 1.json');
    expect(complaints).toEqual([]);
  });

  it('checks pasted JSON, an index, a digest, service/id and ?id=', async () => {
    const { page, complaints } = await site.visit('/verify');
    await paste(page, receipt);
    expect(await verdict(page)).toBe('authentic');
    for (const question of ['0', approval.digest, `${SERVICE}/${approval.statement.id}`]) {
      await page.goto(`${site.server.url}/verify`);
      await paste(page, question);
      expect(await verdict(page), question).toBe('authentic');
      expect(new URL(page.url()).searchParams.get('id')).toBe(question);
      await page.reload();
      expect(await verdict(page), `?id=${question}`).toBe('authentic');
    }
    // The log knows the digest of the arguments only.
    expect(await page.locator('#evidence').textContent()).toContain('Not in this receipt');
    expect(complaints).toEqual([]);
  });

  it('says what it could not find, and asks again', async () => {
    const { page, complaints } = await site.visit('/verify');
    await paste(page, '4711');
    await page.getByText('There is no entry 4711').waitFor();
    await paste(page, 'no such thing');
    await page.getByText('This is no receipt').waitFor();
    await paste(page, '0');
    expect(await verdict(page)).toBe('authentic');
    await page.getByRole('button', { name: 'Check another' }).click();
    expect(await page.getByLabel('Paste a receipt').inputValue()).toBe('');
    expect(withoutNotFound(complaints)).toEqual([]);
  });

  it('finds a forged amount invalid, shows both digests, and does not show the forged arguments as approved', async () => {
    const { page, complaints } = await site.visit('/verify');
    const { intent } = approval;
    const forged = disclosing(bareReceipt, { intent: { ...intent, args: { ...intent.args, amount: '4200.00' } } });
    await choose(page, 'forged.receipt.json', forged);
    expect(await verdict(page)).toBe('invalid');
    const failed = page.locator('[data-check="content"]');
    expect(await failed.getAttribute('open')).toBe('');
    await failed.getByText('intent_mismatch').waitFor({ state: 'attached' });
    expect(await failed.textContent()).toContain(approval.statement.intent.digest.slice(7));
    const evidence = await page.locator('#evidence').textContent();
    expect(evidence).toContain('Not proven');
    expect(evidence).not.toContain('4200.00');
    expect(complaints).toEqual([]);
  });

  it('trusts no other log, until its key is pinned, and remembers the pin', async () => {
    const { page, complaints } = await site.visit('/verify');
    const other = createTestLog({ origin: 'log.elsewhere.example' });
    const foreign = createApproval({ origin: other.origin, authenticator: createAuthenticator() });
    const { receipt: foreignReceipt } = other.append({ content: foreign.envelope });
    await choose(page, 'foreign.receipt.json', foreignReceipt);
    expect(await verdict(page)).toBe('invalid');
    expect(await page.locator('#verdict').textContent()).toContain(
      'It says that it is from the log log.elsewhere.example',
    );

    const panel = page.locator('[data-pin="logKey"]');
    await panel.locator('> summary').click();
    await panel.getByText(/^(Change|Give another one)$/).click();
    await page.getByLabel('Log keys (origin+hash+key)').fill('nonsense');
    await panel.getByRole('button', { name: 'Pin', exact: true }).click();
    await panel.getByText('This does not belong here').waitFor();
    await page.getByLabel('Log keys (origin+hash+key)').fill(other.vkey);
    await panel.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.locator('#verdict [data-verdict="authentic"]').waitFor();
    await panel.getByText('This log says something else').waitFor();

    await page.goto(`${site.server.url}/verify?id=0`);
    expect(await verdict(page)).not.toBe('authentic');
    await panel.locator('> summary').click();
    await page.getByRole('button', { name: 'Unpin' }).click();
    await page.locator('#verdict [data-verdict="authentic"]').waitFor();
    expect(complaints).toEqual([]);
  });

  it('says that it has no key when the log is silent, and works with a pinned one', async () => {
    const { page } = await site.visit('/');
    const vkey = (await page.locator('[data-copy="the log key"]').textContent()) ?? '';
    await page.route('**/api/v1/log', (route) => route.abort());
    await page.goto(`${site.server.url}/verify`);
    const panel = page.locator('[data-pin="logKey"]');
    expect(await panel.locator('> summary').textContent()).toBe('The log’s keyNo answer');
    await panel.locator('> summary').click();
    await page.getByText('This log did not answer. Pin a key').waitFor();
    await choose(page, 'a.receipt.json', receipt);
    expect(await verdict(page)).toBe('incomplete');
    await page.getByLabel('Log keys (origin+hash+key)').fill(vkey);
    await panel.getByRole('button', { name: 'Pin', exact: true }).click();
    await page.locator('#verdict [data-verdict="authentic"]').waitFor();
    await page.locator('#evidence').getByText('with the log key that you pinned').first().waitFor();
  });

  it('leads from the front page to an entry, and copies the log key', async () => {
    const { page, complaints } = await site.visit('/', { permissions: ['clipboard-read', 'clipboard-write'] });
    const vkey = await page.locator('[data-copy="the log key"]').textContent();
    expect(await copyWith(page.getByRole('button', { name: 'Copy the log key' }))).toBe(vkey);
    await page.getByRole('link', { name: '0', exact: true }).click();
    await page.getByRole('link', { name: 'Verify this entry' }).click();
    expect(await verdict(page)).toBe('authentic');
    expect(complaints).toEqual([]);
  });

  it('shows a refusal as refused', async () => {
    const refused = createApproval({
      origin: ORIGIN,
      authenticator: createAuthenticator(),
      overrides: { decision: 'rejected' },
    });
    await append(refused);
    const { page, complaints } = await site.visit(`/verify?id=${refused.digest}`);
    expect(await verdict(page)).toBe('refused');
    expect(await page.locator('#evidence').textContent()).toContain('What was rejected');
    expect(complaints).toEqual([]);
  });

  it('shows hostile words as words', async () => {
    const script = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const turned = '\u202e00.1 RUE\u2066 \u200bEve\u0000';
    const args = { [script]: script, recipient: turned, long: 'x'.repeat(20_000), nested: { [turned]: [script] } };
    const display = `Pay 1.00 EUR ${turned} ${script}`;
    const hostile = createApproval({ origin: ORIGIN, authenticator: createAuthenticator(), intent: { args }, display });
    const text = await append(hostile, { visibility: 'revealed', intent: hostile.intent });
    const { page, complaints } = await site.visit('/verify');
    await choose(page, `${script}.json`, disclosing(text, { display }));
    expect(await verdict(page)).toBe('authentic');
    const shown = (await page.locator('main').textContent()) ?? '';
    expect(shown).toContain(script);
    expect(shown).toContain('U+202E');
    expect(shown).toContain('U+200B');
    expect(shown).toContain('U+0000');
    expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
    expect(shown).toContain('Show more (19,000 characters left)');
    expect(await page.locator('main img, main script, main [style]').count()).toBe(0);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);

    await page.goto(`${site.server.url}/`);
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('stays calm over what is no receipt at all', async () => {
    const { page, complaints } = await site.visit('/verify');
    for (const text of ['', '{', '[]', '{"type":"assent/receipt/v1"}']) {
      await choose(page, 'bad.json', text);
      expect(await verdict(page), text).toBe('invalid');
      await page.getByRole('button', { name: 'Check another' }).click();
    }
    for (const [what, times] of [
      ['[', 1_000_000],
      ['a', 20_000_000],
    ] as const) {
      await drop(page, what, times);
      await page.getByText(`${what} ${times}.json`).waitFor();
      expect(await verdict(page), `${what} ${times}`).toBe('invalid');
    }
    for (const fragment of ['#receipt=', '#receipt=%%', '#receipt=AAAA', `#receipt=${'A'.repeat(5_000)}`]) {
      await page.goto('about:blank');
      await page.goto(`${site.server.url}/verify${fragment}`);
      await page.getByText('The receipt in this link is damaged').waitFor();
    }
    expect(complaints).toEqual([]);
  });

  it('reads at every width, in both schemes and in forced colours, without a scroll bar to the side', async () => {
    const looks = [
      { width: 320, colorScheme: 'light' },
      { width: 390, colorScheme: 'dark' },
      { width: 768, forcedColors: 'active' },
      { width: 1440, colorScheme: 'light' },
    ] as const;
    for (const { width, ...look } of looks) {
      const { page, complaints } = await site.visit('/verify?id=0', { viewport: { width, height: 900 }, ...look });
      await verdict(page);
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '');
      });
      for (const path of ['', '/', '/demo']) {
        if (path !== '') await page.goto(site.server.url + path);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${path || '/verify'} at ${width}`).toBeLessThanOrEqual(0);
      }
      expect(complaints).toEqual([]);
    }
  });

  it('shows times where the reader is, with UTC beside them', async () => {
    const { page } = await site.visit('/verify?id=0', { timezoneId: 'Asia/Tokyo' });
    await verdict(page);
    const asked = page.locator('.timeline time').first();
    expect(formatTime(Date.parse((await asked.getAttribute('datetime'))!))).toBe(approval.statement.issued_at);
    const inTokyo = new Date(Date.parse(approval.statement.issued_at) + 9 * 3_600_000).toISOString().slice(11, 19);
    expect(await asked.textContent()).toContain(inTokyo);
    expect(await asked.textContent()).toContain(`${approval.statement.issued_at.slice(11, 19)} UTC`);
  });
});

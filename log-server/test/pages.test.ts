import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { createApproval, createAuthenticator } from '@assent/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltServer, startBuiltServer } from './support/built-server.ts';

const ORIGIN = 'localhost:6962';
type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

describe('the pages over HTTP', () => {
  let server: BuiltServer;

  beforeAll(async () => {
    server = await startBuiltServer(ORIGIN);
  });
  afterAll(() => server?.stop());

  /** fetch would not send a Host, an Origin or a Sec-Fetch-Site of the test's choice. */
  function send(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    send('GET', path, { host: `localhost:${server.port}`, ...headers });

  it('answers every page with a policy that has no room for inline script, style or other origins', async () => {
    for (const path of ['/', '/verify', '/demo', '/docs']) {
      const { status, headers, body } = await get(path);
      expect(status).toBe(200);
      expect(headers['content-type']?.toLowerCase()).toBe('text/html; charset=utf-8');
      const policy = new Map(
        String(headers['content-security-policy'])
          .split('; ')
          .map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]),
      );
      expect(policy.get('default-src')).toBe("'none'");
      for (const directive of ['script-src', 'style-src', 'connect-src']) expect(policy.get(directive)).toBe("'self'");
      for (const directive of ['base-uri', 'frame-ancestors']) expect(policy.get(directive)).toBe("'none'");
      // The front page has the search form, whose answer is a page of this log.
      expect(policy.get('form-action')).toBe(path === '/' ? "'self'" : "'none'");
      // The reference page's library writes markup.
      if (path !== '/docs') expect(policy.get('require-trusted-types-for')).toBe("'script'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['permissions-policy']).toContain('publickey-credentials-get=(self)');
      const html = body.toString('utf8');
      expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
      expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|https?:\/\//);
    }
  });

  it('refuses in its own form what never becomes a request', async () => {
    const answer = await send('GET', `/${'x'.repeat(20_000)}`);
    expect([answer.status, answer.headers['content-type']]).toEqual([431, 'application/problem+json']);
    expect(JSON.parse(answer.body.toString('utf8'))).toMatchObject({ code: 'head_too_large' });
    const hostless = await send('GET', '/livez', { host: 'a b' });
    expect(JSON.parse(hostless.body.toString('utf8'))).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('serves built files for ever, compressed where that is wanted, and by no other name', async () => {
    const page = (await get('/verify')).body.toString('utf8');
    const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1]!);
    expect(paths.length).toBeGreaterThan(1);
    for (const path of paths) {
      const plain = await get(path);
      expect(plain.status).toBe(200);
      expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(plain.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/);
      const packed = await get(path, { 'accept-encoding': 'gzip' });
      const unpacked = packed.headers['content-encoding'] === 'gzip' ? gunzipSync(packed.body) : packed.body;
      expect(unpacked.equals(plain.body)).toBe(true);
      const again = await get(path, { 'if-none-match': String(plain.headers.etag) });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    }
    expect((await get('/favicon.svg')).headers['content-type']).toBe('image/svg+xml');
    expect((await get('/verify')).headers['cache-control']).toBe('no-cache');
    for (const path of [
      '/assets/',
      '/assets/nothing.js',
      '/assets/..%2fverify%2findex.html',
      '/home/index.html',
      '/.vite/manifest.json',
    ]) {
      expect((await get(path)).status, path).toBe(404);
    }
    const head = await send('HEAD', '/verify', { host: `localhost:${server.port}` });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it('hands out the saved copy of /verify to be kept, and says its SHA-256', async () => {
    const copy = await get('/assent-verify.html');
    expect([copy.status, copy.headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="assent-verify.html"',
    ]);
    const sha256 = createHash('sha256').update(copy.body).digest('hex');
    expect((await get('/verify')).body.toString('utf8')).toContain(sha256);
  });

  it('weighs no more than 60 kB compressed on /verify with what draws the code for paper, and 12 more with all that it fetches on demand', async () => {
    const page = await get('/verify', { 'accept-encoding': 'gzip' });
    const html = gunzipSync(page.body).toString('utf8');
    const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg))"/g)].map((match) => match[1]!);
    const bytesOf = async (some: readonly string[]): Promise<number> => {
      const files = await Promise.all(some.map((path) => get(path, { 'accept-encoding': 'gzip' })));
      for (const { status } of files) expect(status).toBe(200);
      return files.reduce((sum, { body }) => sum + body.length, 0);
    };
    const script = (await get(paths.find((path) => path.endsWith('.js'))!)).body.toString('utf8');
    const onDemand = [...script.matchAll(/import\("\.\/([\w-]+\.js)"/g)].map(([, name]) => `/assets/${name}`);
    expect(onDemand).toHaveLength(7);
    // Printing waits for nothing, so this one is fetched after every answer.
    const forPaper = onDemand.filter((path) => path.startsWith('/assets/qr-'));
    expect(forPaper).toHaveLength(1);
    const byItself = page.body.length + (await bytesOf([...paths, ...forPaper]));
    expect(byItself).toBeGreaterThan(10_000);
    expect(byItself).toBeLessThanOrEqual(60_000);
    expect(await bytesOf(onDemand.filter((path) => !forPaper.includes(path)))).toBeLessThanOrEqual(12_000);
  });

  it('shows head and entries without JavaScript, with every word of the log escaped', async () => {
    const empty = (await get('/')).body.toString('utf8');
    expect(empty).toContain('Nothing has been logged yet.');
    const approval = createApproval({ origin: ORIGIN, authenticator: createAuthenticator() });
    const appended = await fetch(`${server.url}/api/v1/entries`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'approval', content: approval.envelope }),
    });
    expect(appended.status).toBe(201);
    const log = (await (await fetch(`${server.url}/api/v1/log`)).json()) as { root: string; vkeys: string[] };
    const html = (await get('/')).body.toString('utf8');
    expect(html).toContain(log.root.slice('sha256:'.length));
    expect(html).toContain(log.vkeys[0]);
    expect(html).toContain('href="/entry/0"');
    expect(html).toContain('payment.refund');
    expect(html).toContain(`approvals.example.com/${approval.statement.id}`);
    expect(html).toMatch(/<time datetime="[0-9T:.-]+Z">/);
    expect(html).not.toContain('<!-- server:');
  });

  describe("the demo's approval service", () => {
    const own = (): Record<string, string> => ({
      host: `localhost:${server.port}`,
      origin: `http://localhost:${server.port}`,
      'content-type': 'application/json',
    });
    const payment = JSON.stringify({ recipient: 'Eve', amount: '1.00' });

    it('asks whoever opens it by address to come by name, and nobody by another name', async () => {
      const { status, headers } = await send('GET', '/demo', { host: `127.0.0.1:${server.port}` });
      expect([status, headers.location]).toEqual([302, `http://localhost:${server.port}/demo`]);
      for (const host of [
        'evil.example',
        `evil.example:${server.port}`,
        'localhost',
        'localhost:1',
        `localhost.:${server.port}`,
      ]) {
        expect((await send('GET', '/demo', { host })).status, host).toBe(403);
      }
    });

    it('acts for its own page alone', async () => {
      expect((await send('POST', '/demo/requests', own(), payment)).status).toBe(201);
      const others: Record<string, string>[] = [
        { host: `127.0.0.1:${server.port}` },
        { host: 'evil.example' },
        { origin: `http://127.0.0.1:${server.port}` },
        { origin: 'http://localhost:1' },
        { origin: 'null' },
        { origin: 'https://evil.example' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ];
      for (const other of others) {
        const answer = await send('POST', '/demo/requests', { ...own(), ...other }, payment);
        expect(answer.status, JSON.stringify(other)).toBe(403);
        expect(JSON.parse(answer.body.toString('utf8'))).toMatchObject({ code: 'forbidden' });
      }
      const { origin: _, ...withoutOrigin } = own();
      expect((await send('POST', '/demo/requests', withoutOrigin, payment)).status).toBe(403);
      expect((await send('POST', '/demo/answers', withoutOrigin, '{}')).status).toBe(403);
    });

    it('reads strictly', async () => {
      const refused = async (body: string, headers = own()): Promise<[number, string]> => {
        const answer = await send('POST', '/demo/requests', headers, body);
        return [answer.status, JSON.parse(answer.body.toString('utf8')).code];
      };
      expect(await refused('{')).toEqual([400, 'invalid_json']);
      expect(await refused('{"amount":"1.00","amount":"2.00","recipient":"Eve"}')).toEqual([400, 'invalid_json']);
      expect(await refused('{"amount":"1.00"}')).toEqual([400, 'invalid_request']);
      expect(await refused('{"amount":"1.00","recipient":"Eve","more":1}')).toEqual([400, 'invalid_request']);
      expect(await refused('{"amount":"1,00","recipient":"Eve"}')).toEqual([400, 'invalid_request']);
      expect(await refused(payment, { ...own(), 'content-type': 'text/plain' })).toEqual([
        415,
        'unsupported_media_type',
      ]);
      expect(await refused(`{"amount":"1.00","recipient":"${'x'.repeat(20_000)}"}`)).toEqual([413, 'too_large']);
    });
  });
});

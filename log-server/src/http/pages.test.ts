import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS, Problem } from '../problems.ts';
import { type PagesDeps, pages } from './pages.ts';

describe('pages', () => {
  let folder: string;
  const warnings: unknown[] = [];
  const logger: PagesDeps['logger'] = { warn: (...words: unknown[]) => void warnings.push(words) };
  const nowhere = async (): Promise<never> => {
    throw new Problem('not_found', 'nothing is <here>');
  };
  const head = { seq: 0, size: 0, root: new Uint8Array(32), timestamp: 0, checkpoint: '' };
  const log: PagesDeps['log'] = {
    origin: 'log.test',
    vkey: 'log.test+00000000+AAAA',
    head: async () => head,
    identityAt: () => ({ vkeys: [], logId: '', successor: undefined, retired: [], closed: undefined }),
    growth: async () => ({ began: 0, until: 0, sizes: [0], lastDay: 0, lastWeek: 0 }),
    witnessing: { status: () => [], hasQuorum: false, kept: { newest: undefined } },
    tree: { readableEntries: async () => [], withheldAmong: async () => [] },
    search: { find: async () => ({ found: [], next: undefined }) },
    proofs: { inclusion: nowhere },
    entry: nowhere,
    find: nowhere,
    findNextTrustRoot: async () => undefined,
    append: async () => {
      throw new Problem('read_only', 'not here');
    },
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'assent-built-'));
    const files = {
      'home/index.html':
        '<!-- server: head --><!-- server: entries --><!-- demo --><a href="/demo">Demo</a><!-- /demo -->',
      'entries/index.html': '<!-- server: search --><!-- server: entries -->',
      'entry/index.html': '<!-- server: heading -->',
      'problem/index.html': '<!-- server: heading --><!-- server: instance -->',
      'verify/index.html': 'verify <!-- demo --><a href="/demo">Demo</a><!-- /demo -->',
      'demo/index.html': 'demo',
      'favicon.svg': '<svg/>',
      'assets/a-1.js': `// ${'a'.repeat(1_000)}`,
      'assets/b-2.js': `// ${'b'.repeat(1_000)}`,
      'assets/b-2.js.gz': 'compressed by the build',
      'assent-verify.html': 'all in one',
      '.vite/manifest.json': '{}',
    };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** As the log's own application mounts them. */
  function open(deps: Partial<PagesDeps> = {}): Hono {
    const app = new Hono();
    app.onError((error) => {
      if (!(error instanceof Problem)) throw error;
      return Response.json({ code: error.code, detail: error.message }, { status: PROBLEMS[error.code].status });
    });
    return app.route('/', pages({ log, demo: true, logger, folder, ...deps }).routes);
  }

  const socket = { localPort: 6962, localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' };
  const from = (other: Partial<typeof socket>) => ({ incoming: { socket: { ...socket, ...other } } });
  const host = { headers: { host: 'localhost:6962' } };

  it('has no trace of the demo where that is off', async () => {
    const app = open({ demo: false });
    for (const path of ['/', '/verify']) {
      const response = await app.request(path);
      expect(response.status).toBe(200);
      expect(await response.text()).not.toContain('/demo');
    }
    expect((await app.request('/demo', host, from({}))).status).toBe(404);
    expect((await app.request('/demo/requests', { method: 'POST', ...host }, from({}))).status).toBe(404);
  });

  it('shows the demo on loopback connections only, whatever the Host says', async () => {
    const app = open();
    for (const address of ['127.0.0.1', '127.0.0.53', '::1', '::ffff:127.0.0.1']) {
      const response = await app.request('/demo', host, from({ localAddress: address, remoteAddress: address }));
      expect(response.status, address).toBe(200);
    }
    const elsewhere = ['192.168.1.4', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '1.127.0.0.1', ''];
    for (const address of elsewhere) {
      expect((await app.request('/demo', host, from({ remoteAddress: address }))).status, address).toBe(403);
      expect((await app.request('/demo', host, from({ localAddress: address }))).status, address).toBe(403);
    }
    expect((await app.request('/demo', host)).status).toBe(403);
  });

  it('still answers when the log has no head to show', async () => {
    const stopped = async (): Promise<never> => {
      throw new Problem('read_only', 'the guard is <missing>');
    };
    const response = await open({ log: { ...log, head: stopped } }).request('/');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('the guard is &lt;missing&gt;');
  });

  it('refuses a list that is asked for twice in different ways, as the JSON interface does', async () => {
    for (const query of ['kind=approval&kind=consumption', 'q=1&q=2', 'after=5&after=5', 'x=1&x=2']) {
      const response = await open().request(`/entries?${query}`);
      expect(response.status, query).toBe(400);
      const name = query.slice(0, query.indexOf('='));
      expect(await response.json()).toEqual({
        code: 'invalid_parameter',
        detail: `The query gives "${name}" more than once.`,
      });
    }
    expect((await open().request('/entries?kind=approval&after=5')).status).toBe(200);
  });

  it('hides no error of its own', async () => {
    const broken = async (): Promise<never> => {
      throw new TypeError('broken');
    };
    const app = open({ log: { ...log, head: broken } });
    await expect(async () => app.request('/')).rejects.toThrow('broken');
  });

  it('hands out the saved copy as a file', async () => {
    const copy = await open().request('/assent-verify.html');
    expect(copy.headers.get('content-disposition')).toBe('attachment; filename="assent-verify.html"');
    expect(await copy.text()).toBe('all in one');
  });

  it('runs without built pages, and says so', async () => {
    const app = open({ folder: join(folder, 'missing') });
    expect((await app.request('/verify')).status).toBe(404);
    expect(JSON.stringify(warnings)).toContain('npm run build:pages');
  });

  it('serves only what it was built with', async () => {
    const app = open();
    for (const path of [
      '/home/index.html',
      '/assets/b.js',
      '/assets/b-2.js.gz',
      '/.vite/manifest.json',
      '/assets/__proto__',
      '/assets/%2e%2e%2ffavicon.svg',
    ]) {
      expect((await app.request(path)).status, path).toBe(404);
    }
  });

  it('compresses for those who ask, and tells the two encodings apart', async () => {
    const ask = (headers: Record<string, string>) => open().request('/assets/a-1.js', { headers });
    const plain = await ask({});
    const packed = await ask({ 'accept-encoding': 'br, gzip;q=0.8' });
    expect(plain.headers.get('content-encoding')).toBe(null);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'));
    expect(packed.headers.get('vary')).toBe('Accept-Encoding');
    expect((await ask({ 'accept-encoding': 'gzip;q=0' })).headers.get('content-encoding')).toBe(null);
    const ready = await open().request('/assets/b-2.js', { headers: { 'accept-encoding': 'gzip' } });
    expect([ready.headers.get('content-encoding'), await ready.text()]).toEqual(['gzip', 'compressed by the build']);
    const etag = plain.headers.get('etag')!;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect((await ask({ 'if-none-match': known })).status, known).toBe(304);
    }
    expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
  });
});

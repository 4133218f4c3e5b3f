import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { createApproval, createServiceKey, createTestLog } from '@assent/test-support';
import {
  type Handler,
  json,
  problem,
  type ScriptedServer,
  startScriptedServer,
} from '@assent/test-support/scripted-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const log = createTestLog({ origin: 'log.example.com' });
const approval = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
const { statement } = approval;
log.append({ content: approval.envelope });
const other = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
log.append({ content: other.envelope });
const receipt = log.receipt(0).receipt;
/** Its key goes between quotes on a line that people paste. */
const shellLog = createTestLog({ origin: "x';reboot;'" });

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

/** A log as it should be, but for what `wrong` answers. */
const honest =
  (receiptText = receipt, wrong: { about?: Handler; receipt?: Handler } = {}): Handler =>
  (response, request, count) => {
    const isAbout = request.path === '/api/v1/log';
    const override = isAbout ? wrong.about : wrong.receipt;
    if (override !== undefined) override(response, request, count);
    else if (isAbout) json(response, 200, { origin: log.origin, vkeys: [log.vkey], size: 2 });
    else response.writeHead(200, { 'content-type': 'application/vnd.assent.receipt+json' }).end(receiptText);
  };

const ask = (reference: string, ...args: string[]) => runAssent(['receipt', reference, '--log', server.url, ...args]);

describe('assent receipt', () => {
  it.each([
    ['0', '/api/v1/receipts/0'],
    [approval.digest, `/api/v1/receipts/${approval.digest}`],
    [`${statement.service}/${statement.id}`, `/api/v1/receipts/${statement.service}/${statement.id}`],
  ])('prints the receipt of %s, checked against a pinned key', async (reference, asked) => {
    server.answer(honest());
    const run = await ask(reference, '--log-key', log.vkey);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toBe(`${receipt}\n`);
    expect(server.seen.map(({ path: seen }) => seen)).toEqual([asked]);
  });

  it('asks the log for its key when none is pinned, and says what that is worth', async () => {
    server.answer(honest());
    const run = await ask('0');
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('taken from the log itself');
    expect(run.stderr).toContain(`--log-key '${log.vkey}'`);
  });

  it('sends the API key of --api-key-file with the question for the receipt, and none from the environment', async () => {
    const apiKey = `assent_0011aabb_${'s'.repeat(43)}`;
    const keyFile = path.join(temporaryFolder(), 'api-key');
    writeFileSync(keyFile, `${apiKey}\n`, { mode: 0o600 });
    const env = { ASSENT_API_KEY: apiKey };
    for (const command of ['receipt', 'verify']) {
      server.answer(honest());
      const args = [command, approval.digest, '--log', server.url];
      expect((await runAssent([...args, '--api-key-file', keyFile])).exitCode).toBe(0);
      const sent = server.seen.map(({ path: asked, authorization }) => [asked, authorization]);
      expect(new Set(sent)).toEqual(
        new Set([
          ['/api/v1/log', undefined],
          [`/api/v1/receipts/${approval.digest}`, `Bearer ${apiKey}`],
        ]),
      );
      server.answer(honest());
      expect((await runAssent(args, { env })).exitCode).toBe(0);
      expect(server.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
    }
    const stray = await runAssent(['verify', path.join(folder, 'none.json'), '--api-key-file', keyFile]);
    expect([stray.exitCode, stray.stderr]).toEqual([2, expect.stringContaining('--api-key-file goes with --log')]);
  });

  it('says of a --log-key that is nothing what it could have been', async () => {
    const run = await ask('0', '--log-key', 'log.example.com+abcd');
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('log.example.com+abcd is neither a key of a log (name+hash+key) nor a file');
  });

  it('writes to a file, whole or not at all', async () => {
    server.answer(honest());
    const target = path.join(folder, 'out.receipt.json');
    writeFileSync(target, 'older');
    const run = await ask('0', '--log-key', log.vkey, '-o', target);
    expect([run.exitCode, run.stdout]).toEqual([0, '']);
    expect(readFileSync(target, 'utf8')).toBe(`${receipt}\n`);

    server.answer(problem(404, 'not_found'));
    expect((await ask('9', '-o', target)).exitCode).toBe(2);
    expect(readFileSync(target, 'utf8')).toBe(`${receipt}\n`);
    expect(readdirSync(folder)).toEqual(['out.receipt.json']);
  });

  it('says that a file cannot be written before it asks anybody', async () => {
    server.answer(honest());
    const run = await ask('0', '-o', path.join(folder, 'no', 'such', 'folder.json'), '--json');
    expect([run.exitCode, jsonOf(run).code, server.seen.length]).toEqual([2, 'file_unwritable', 0]);
    // Elsewhere that is standard output, and here it would be a file that nobody finds.
    const dash = await ask('0', '-o', '-', '--json');
    expect([dash.exitCode, jsonOf(dash).code, server.seen.length]).toEqual([2, 'usage', 0]);
  });

  it('refuses to print a receipt that does not hold, unless told so', async () => {
    server.answer(honest(receipt.replace('agent:support-bot', 'agent:support-bat').replace('ch', 'hc')));
    const run = await ask('0', '--log-key', createTestLog({ origin: log.origin }).vkey, '--json');
    expect(run.exitCode).toBe(1);
    expect(jsonOf(run)).toMatchObject({
      type: 'assent/error/v1',
      code: 'receipt_refused',
      checks: expect.arrayContaining([expect.objectContaining({ id: 'checkpoint', code: 'log_signature_missing' })]),
    });
    const unchecked = await ask('0', '--no-verify');
    expect([unchecked.exitCode, unchecked.stdout.length > 100]).toEqual([0, true]);
    expect(unchecked.stderr).toContain('not verified');
    expect(server.seen.map(({ path: seen }) => seen)).not.toContain('/api/v1/log');
  });

  it.each([
    ['1', 'entry 1'],
    [other.digest, other.digest],
    [`${other.statement.service}/${other.statement.id}`, other.statement.id],
  ])('refuses the good receipt of another entry than %s', async (reference, words) => {
    server.answer(honest());
    for (const command of ['receipt', 'verify']) {
      const run = await runAssent([command, reference, '--log', server.url, '--log-key', log.vkey]);
      expect([run.exitCode, run.stdout]).toEqual([1, '']);
      expect(run.stderr).toContain(words);
      expect(run.stderr).toContain('another entry');
    }
  });

  it.each([['..%2f..'], ['../x/y'], ['a/b/c'], ['-1'], ['07'], ['sha256:00'], ['a b/c']])(
    'does not ask for %j',
    async (reference) => {
      server.answer(honest());
      const run = await runAssent(['receipt', '--log', server.url, '--', reference]);
      expect([run.exitCode, server.seen.length]).toEqual([2, 0]);
      expect(run.stderr).toContain('names no entry');
    },
  );
});

describe('assent verify of a receipt that lies elsewhere', () => {
  it('by index, digest and service/id from the log', async () => {
    for (const reference of ['0', approval.digest, `${statement.service}/${statement.id}`]) {
      server.answer(honest());
      const run = await runAssent(['verify', reference, '--log', `${server.url}/`, '--log-key', log.vkey]);
      expect([run.exitCode, run.stdout.split('\n')[0]]).toEqual([0, '✓ authentic']);
    }
  });

  it('from an address, without trusting that address', async () => {
    server.answer(honest());
    const address = `${server.url}/somewhere/refund.receipt.json`;
    const alone = await runAssent(['verify', address, '--json']);
    expect([alone.exitCode, jsonOf(alone).verdict]).toEqual([2, 'incomplete']);
    expect(server.seen.map(({ path: seen }) => seen)).toEqual(['/somewhere/refund.receipt.json']);
    const pinned = await runAssent(['verify', address, '--log-key', log.vkey, '--json']);
    expect([pinned.exitCode, jsonOf(pinned).verdict]).toEqual([0, 'authentic']);
  });

  it('prefers a file of that name to service/id', async () => {
    server.answer(honest());
    writeFileSync(path.join(folder, statement.service), '');
    const run = await runAssent(
      ['verify', `${path.basename(folder)}/${statement.service}`, '--log', server.url, '--log-key', log.vkey, '--json'],
      {
        cwd: path.dirname(folder),
      },
    );
    expect([run.exitCode, jsonOf(run).verdict, server.seen.length]).toEqual([1, 'invalid', 0]);
  });

  it('is judged by its evidence when it comes with a wrong type, and not at all when it is a page', async () => {
    server.answer((response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(receipt));
    expect((await runAssent(['verify', `${server.url}/r`, '--log-key', log.vkey])).exitCode).toBe(0);
    server.answer((response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'));
    const page = await runAssent(['verify', `${server.url}/r`, '--log-key', log.vkey]);
    expect([page.exitCode, page.stdout]).toEqual([3, '']);
    expect(page.stderr).toContain('web page');
  });
});

describe('a log that cannot be reached, or misbehaves', () => {
  const endless: Handler = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const block = Buffer.alloc(1024 * 1024, ' ');
    const more = (): void => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  };
  const bomb: Handler = (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(64 * 1024 * 1024, ' ')));

  it.each<[string, Handler, number, string, string]>([
    ['an endless body', endless, 3, 'answer_too_large', 'more than'],
    ['a gzip bomb', bomb, 3, 'answer_too_large', 'more than'],
    [
      'a redirect',
      (r) => r.writeHead(302, { location: 'http://elsewhere.example/\u0009x' }).end(),
      3,
      'redirect',
      'elsewhere.example',
    ],
    ['a redirect to nowhere', (r) => r.writeHead(301).end(), 3, 'redirect', 'nowhere'],
    [
      'a web page',
      (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'),
      3,
      'answer_malformed',
      'text/html',
    ],
    ['no type at all', (r) => r.writeHead(200).end(receipt), 3, 'answer_malformed', 'without a type'],
    ['another success', (r) => json(r, 204, ''), 3, 'answer_malformed', '204'],
    [
      'an HTML 404',
      (r) => r.writeHead(404, { 'content-type': 'text/html' }).end('<h1>'),
      2,
      'not_found',
      'is the address right',
    ],
    ['no such entry', problem(404, 'not_found'), 2, 'not_found', 'because not_found'],
    ['a bad request', problem(400, 'invalid_parameter'), 2, 'request_refused', 'because invalid_parameter'],
    ['unauthenticated', problem(401, 'unauthenticated'), 4, 'unauthenticated', 'because unauthenticated'],
    ['forbidden', problem(403, 'forbidden'), 4, 'forbidden', 'because forbidden'],
    [
      'a hostile problem',
      problem(400, 'x\u001b[2J', { detail: '\u202egood \u001b[32mnews' }),
      2,
      'request_refused',
      '\\u{202e}good',
    ],
    [
      'a problem that is none',
      (r) => json(r, 400, '{"code":7,"detail":{},"checks":"x","index":"y"}'),
      2,
      'request_refused',
      '400',
    ],
    ['a wait of an hour', problem(503, 'read_only', {}), 3, 'unavailable', 'because read_only'],
  ])('%s', async (_, handler, exitCode, code, words) => {
    server.answer((response, request, count) => {
      if (code === 'unavailable') response.setHeader('retry-after', '3600');
      handler(response, request, count);
    });
    const run = await ask('0', '--log-key', log.vkey, '--json');
    expect([run.exitCode, jsonOf(run).code]).toEqual([exitCode, code]);
    expect(jsonOf(run).type).toBe('assent/error/v1');
    expect(run.stderr).toContain(words);
    expect(run.stderr.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(server.seen).toHaveLength(1);
  });

  it('nothing listens', async () => {
    const gone = await startScriptedServer();
    await gone.close();
    const run = await runAssent(['receipt', '0', '--log', gone.url, '--json']);
    expect([run.exitCode, jsonOf(run).code]).toEqual([3, 'unreachable']);
    expect(run.stderr).toContain('connection refused');
  });

  it('there is no such host', async () => {
    const run = await runAssent(['receipt', '0', '--log', 'http://no-such-host.invalid', '--json']);
    expect([run.exitCode, jsonOf(run).code]).toEqual([3, 'unreachable']);
  });

  it('an answer that never ends in time', async () => {
    const timers: NodeJS.Timeout[] = [];
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      timers.push(setInterval(() => response.write(' '), 100));
    });
    const run = await ask('0', '--timeout', '1', '--json');
    for (const timer of timers) clearInterval(timer);
    expect([run.exitCode, jsonOf(run).code]).toEqual([3, 'timeout']);
    expect(run.stderr).toContain('within 1 s');
  });

  it('tries again where that can help, as Retry-After says', async () => {
    server.answer(
      honest(receipt, {
        receipt: (response, request, count) =>
          count < 3
            ? json(response, 503, { code: 'overloaded' }, { 'retry-after': '0' })
            : honest()(response, request, count),
      }),
    );
    const run = await ask('0', '--log-key', log.vkey);
    expect(run.exitCode).toBe(0);
    expect(server.seen).toHaveLength(3);
    expect(run.stderr).toMatch(/answered 503; trying again in 0 s \(attempt 2 of 3\)\n/);
  });

  it('gives up after three attempts', async () => {
    server.answer((response) => json(response, 429, { code: 'rate' }, { 'retry-after': '0' }));
    const run = await ask('0', '--json');
    expect([run.exitCode, jsonOf(run).code, server.seen.length]).toEqual([3, 'unavailable', 3]);
    expect(jsonOf(run).problem).toEqual({ status: 429, code: 'rate' });
  });

  it('a connection that is cut is tried again', async () => {
    server.answer((response, request, count) => {
      if (count === 1) response.destroy();
      else honest()(response, request, count);
    });
    const run = await ask('0', '--log-key', log.vkey);
    expect([run.exitCode, server.seen.length]).toEqual([0, 2]);
    expect(run.stderr).toContain('the connection was cut');
  });

  it.each<[string, unknown]>([
    ['no keys', { origin: log.origin, vkeys: [] }],
    ['the key of another log', { origin: 'another.example.com', vkeys: [log.vkey] }],
    ['a name that a shell would run', { origin: shellLog.origin, vkeys: [shellLog.vkey] }],
    ['a broken key', { origin: log.origin, vkeys: [`${log.vkey.slice(0, -4)}AAA=`] }],
    ['no object', [log.vkey]],
    ['duplicate members', `{"origin":"a","origin":"${log.origin}","vkeys":["${log.vkey}"]}`],
  ])('describes itself with %s', async (_, about) => {
    server.answer(honest(receipt, { about: (response) => json(response, 200, about) }));
    const run = await ask('0', '--json');
    expect([run.exitCode, jsonOf(run).code]).toEqual([3, 'answer_malformed']);
  });
});

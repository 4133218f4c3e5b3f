import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LogRefused, LogUnreachable } from '@assent/client';
import { base64Encode, type Intent, parseIntent } from '@assent/verifier';
import { type Context, Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { type Answer, type Approvals, type Approver, NoSuchRequest, Refused, type Request } from './approvals.ts';

export type RouteOptions = {
  readonly approvals: Approvals;
  /** Where this service is, without a slash at the end. */
  readonly url: string;
  readonly rpId: string;
  /** What an agent sends to ask. */
  readonly agentToken: string;
  /** What a person types to enrol. */
  readonly enrolmentCode: string;
};

const PAGE = new URL('../page/', import.meta.url);
/** The verifier has no dependencies: the browser runs the very files that Node does. */
const VERIFIER = new URL('./', import.meta.resolve('@assent/verifier'));
const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

export function routes({ approvals, url, rpId, agentToken, enrolmentCode }: RouteOptions): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof Refused) return c.json({ error: error.message }, error instanceof NoSuchRequest ? 404 : 400);
    // It is signed and stored. Whoever asks again later finds it logged.
    if (error instanceof LogUnreachable)
      return c.json({ error: 'This is signed and kept; the log does not answer now and will have it soon.' }, 503);
    if (error instanceof LogRefused) return c.json({ error: error.message }, 502);
    console.error(error);
    return c.json({ error: 'something failed here' }, 500);
  });
  app.use(bodyLimit({ maxSize: 64 * 1024 }));

  const asAgent = bearerAuth({ token: agentToken });

  app.post('/requests', asAgent, async (c) => {
    const { action, connector, args } = (await body(c)) as Partial<Intent>;
    const intent = parseIntent({ type: 'assent/intent/v1', action, connector, args, salt: 'A'.repeat(22) } as never);
    if (!intent.ok) throw new Refused(intent.detail);
    const request = await approvals.ask(intent.value);
    return c.json({ id: request.id, url: `${url}/approve/${request.id}` }, 201);
  });
  app.get('/requests/:id', asAgent, async (c) => {
    const request = await approvals.find(c.req.param('id'));
    return c.json({ id: request.id, decision: request.decided?.decision ?? null, receipt: request.receipt ?? null });
  });

  app.get('/enrol', (c) => file(c, new URL('enrol.html', PAGE), 'text/html'));
  app.get('/approve/:id', (c) => file(c, new URL('approve.html', PAGE), 'text/html'));
  app.get('/page/:name{[a-z]+\\.js}', (c) => file(c, new URL(c.req.param('name'), PAGE), 'text/javascript'));
  app.get('/page/page.css', (c) => file(c, new URL('page.css', PAGE), 'text/css'));
  app.get('/verifier/:name{([a-z0-9-]+/)?[a-z0-9-]+\\.js}', (c) =>
    file(c, new URL(c.req.param('name'), VERIFIER), 'text/javascript'),
  );

  app.post('/enrol', async (c) => {
    const { code, ...approver } = (await body(c)) as Approver & { code: string };
    if (!equal(String(code), enrolmentCode)) throw new Refused('this is not the code');
    await approvals.enrol(approver);
    return c.json({});
  });
  /** What the approver's page needs, and nothing that helps an agent: whoever has the link may see what is asked. */
  app.get('/approve/:id/request', async (c) => {
    const request = await approvals.find(c.req.param('id'));
    const credentials = (await approvals.approvers()).map(({ credentialId }) => credentialId);
    return c.json({ ...shown(approvals, request), rpId, credentials });
  });
  app.post('/approve/:id', async (c) => {
    const request = await approvals.decide(c.req.param('id'), (await body(c)) as Answer);
    return c.json(shown(approvals, request));
  });
  return app;
}

function shown(approvals: Approvals, request: Request): object {
  return {
    intent: request.intent,
    text: request.text,
    decided: request.decided && { by: request.decided.by, decision: request.decided.decision },
    logged: request.receipt !== undefined,
    statements: {
      approved: base64Encode(approvals.statement(request, 'approved')),
      rejected: base64Encode(approvals.statement(request, 'rejected')),
    },
  };
}

async function body(c: Context): Promise<unknown> {
  const value: unknown = await c.req.json().catch(() => undefined);
  if (typeof value !== 'object' || value === null) throw new Refused('the body is not a JSON object');
  return value;
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a.padEnd(200)), Buffer.from(b.padEnd(200)));
}

async function file(c: Context, path: URL, type: string): Promise<Response> {
  const bytes = await readFile(fileURLToPath(path));
  return c.body(new Uint8Array(bytes), 200, { ...PAGE_HEADERS, 'Content-Type': `${type}; charset=utf-8` });
}

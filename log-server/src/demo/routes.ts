import { type Json, parseJson } from '@assent/verifier';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { readBody } from '../http/read-body.ts';
import { Problem } from '../problems.ts';
import { SERVICE } from '../words/demo.ts';
import type { ApprovalService } from './approval-service.ts';
import { checkSameSite, loopbackPort, relyingPartyOf } from './same-site.ts';

/** An RSA passkey's answer has under 4 kB. */
const MAX_BODY_BYTES = 16 * 1024;

const base64 = z.string().max(4_096);
const payment = z.strictObject({ recipient: z.string().max(200), amount: z.string().max(20) });
const answer = z.strictObject({
  id: z.string().max(64),
  decision: z.enum(['approved', 'rejected']),
  publicKey: base64,
  nonce: z.string().max(128),
  response: z.strictObject({ authenticatorData: base64, clientDataJSON: base64, signature: base64 }),
});

/** `POST /demo/requests` asks for an approval, `POST /demo/answers` takes what the person decided. */
export function demoRoutes(service: ApprovalService): Hono {
  return new Hono()
    .post('/demo/requests', async (c) => {
      checkSameSite(c, loopbackPort(c));
      return created(c, service.ask(await read(c, payment)));
    })
    .post('/demo/answers', async (c) => {
      const port = loopbackPort(c);
      checkSameSite(c, port);
      return created(c, await service.answer(await read(c, answer), relyingPartyOf(port)));
    });
}

async function read<T>(c: Context, shape: z.ZodType<T>): Promise<T> {
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new Problem('unsupported_media_type', SERVICE.mediaType);
  }
  const body = parseJson(await readBody(c, MAX_BODY_BYTES), { maxBytes: MAX_BODY_BYTES, maxDepth: 4 });
  if (!body.ok) throw new Problem('invalid_json', `${body.code}: ${body.detail}`);
  const parsed = shape.safeParse(body.value satisfies Json);
  if (!parsed.success) throw new Problem('invalid_request', z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data;
}

function created(c: Context, value: object): Response {
  c.header('Cache-Control', 'no-store');
  return c.json(value, 201);
}

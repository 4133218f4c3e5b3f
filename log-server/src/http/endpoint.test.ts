import { OpenAPIHono, z } from '@hono/zod-openapi';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { commonHeaders } from './common-headers.ts';
import { createApi, decimal, endpoint } from './endpoint.ts';
import { problemResponse } from './problem-response.ts';

/** What `GET /size` answers: the parameter that it takes, or a refusal. */
async function ask(query: string): Promise<{ status: number; body: unknown }> {
  const api = createApi();
  const spec = { method: 'get', path: '/size', operationId: 'size', tag: 'read', summary: '', responses: {} } as const;
  endpoint(api, { ...spec, query: z.object({ size: decimal.optional(), name: z.string().optional() }) }, (c, input) =>
    c.json(input.query),
  );
  const app = new OpenAPIHono();
  app.onError((error, c) => problemResponse(error, c, pino({ level: 'silent' })));
  app.use(commonHeaders);
  app.route('/', api);
  const response = await app.request(`/size${query}`);
  return { status: response.status, body: await response.json() };
}

describe('a query', () => {
  it.each([
    ['', {}],
    ['?', {}],
    ['?&', {}],
    ['?size=7', { size: 7 }],
    ['?%73ize=%37', { size: 7 }],
    ['?name=a+b%2Bc&size=0', { name: 'a b+c', size: 0 }],
    ['?name=%F0%9F%98%80?&', { name: '😀?' }],
  ])('%s is taken', async (query, taken) => {
    expect(await ask(query)).toEqual({ status: 200, body: taken });
  });

  it.each([
    ['an unknown parameter', '?sise=7', 'There is no parameter "sise" here; there is: size, name.'],
    ['one that objects have', '?constructor=7', 'There is no parameter "constructor" here; there is: size, name.'],
    ['the prototype of objects', '?__proto__=7', 'There is no parameter "__proto__" here; there is: size, name.'],
    ['one without a name', '?=7', 'There is no parameter "" here; there is: size, name.'],
    ['a parameter twice', '?size=7&size=7', 'The query gives "size" more than once.'],
    ['twice, spelt differently', '?size=7&%73ize=7', 'The query gives "size" more than once.'],
    ['the prototype twice', '?__proto__=7&__proto__=7', 'The query gives "__proto__" more than once.'],
    ['bytes that are no text', '?%ff=7', 'There is no parameter "\ufffd" here; there is: size, name.'],
    ['a number that is none', '?size=%ff', 'The query: "size" must be a decimal number without leading zeros.'],
  ])('with %s is refused', async (_, query, detail) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_parameter', detail });
  });
});

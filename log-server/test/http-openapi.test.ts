import { createConsumption, createServiceKey, createTrustVersion } from '@assent/test-support';
import { leafHash } from '@assent/verifier';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { changeLog } from '../src/store/change-log.ts';
import { approve, createTestApp, SERVICE, type TestApp } from './support/test-app.ts';

type Parameter = { readonly name: string; readonly in: 'path' | 'query'; readonly schema: { readonly type?: string } };
type Answer = {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly example?: object }>>;
};
type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, Answer>>;
};
type Document = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
  readonly tags: readonly { readonly name: string }[];
};
/** One good call: what goes into the path and the query, and the body. */
type Good = {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: () => unknown;
  readonly accept?: string;
  readonly status?: number;
};

const boundary = createServiceKey();
const boundaries = [boundary.publicKey.keyid];
const consumable = Array.from({ length: 3 }, () => approve({ boundaries }));
const consumed = consumable[0]!;
let next = 0;
const consume = (approval = consumable[next++ % consumable.length]!) => createConsumption({ approval, key: boundary });

/** The hash of the first entry, in base64. */
let firstLeaf = '';

/** An operation that is not here fails the test: whoever adds one says how it is called. */
const GOOD: Readonly<Record<string, readonly Good[]>> = {
  livez: [{}],
  healthz: [{}],
  readyz: [{}, { query: { verbose: '' } }],
  getOpenApi: [{}],
  getLog: [{}],
  getEntry: [{ path: { index: '0' } }, { path: { index: '0' }, accept: 'application/octet-stream' }],
  getReceipt: [{ path: { entry: '0' } }],
  getReceiptByName: [{ path: { service: SERVICE, id: 'req_first' } }],
  getReceiptByQuery: [{ query: { name: `${SERVICE}/req_first` } }],
  getEvents: [{}, { query: { entries: '1', after: '0' } }],
  getCheckpoint: [{}],
  getTile: [{ path: { level: '0', path: '000.p/1' } }],
  getEntryBundle: [{ path: { path: '000.p/1' } }],
  ctGetSth: [{}],
  ctGetSthConsistency: [{ query: { first: '0', second: '1' } }],
  ctGetProofByHash: [
    {
      get query() {
        return { hash: firstLeaf, tree_size: '1' };
      },
    },
  ],
  ctGetEntries: [{ query: { start: '0', end: '0' } }],
  ctGetEntryAndProof: [{ query: { leaf_index: '0', tree_size: '1' } }],
  appendEntry: [
    { body: () => ({ kind: 'approval', content: approve().envelope }), status: 201 },
    {
      body: () => ({ kind: 'approval', content: approve().envelope }),
      query: { wait: 'signed' },
      status: 201,
    },
    { body: () => ({ kind: 'approval', content: approve().envelope }), query: { wait: 'none' }, status: 202 },
  ],
  appendEntries: [
    { body: () => ({ entries: [{ kind: 'approval', content: approve().envelope }, { kind: 'unknown' }] }) },
    {
      body: () => ({ entries: [{ kind: 'approval', content: approve().envelope }] }),
      query: { wait: 'none' },
    },
  ],
  consumeApproval: [
    { body: () => ({ content: consume().envelope }), status: 201 },
    { body: () => ({ kind: 'consumption', content: consume().envelope }), query: { wait: 'none' }, status: 202 },
    { body: () => ({ content: consume(consumed).envelope }), status: 409 },
  ],
  getInclusionProof: [{ query: { index: '0' } }, { query: { index: '0', size: '1' } }],
  getConsistencyProof: [{ query: { from: '0' } }, { query: { from: '1', to: '1' } }],
  getMetrics: [{}],
  listEntries: [
    {},
    { query: { service: SERVICE, kind: 'approval', limit: '1' } },
    { query: { kind: 'trust-root' } },
    { query: { keyid: `sha256:${'0'.repeat(64)}` } },
  ],
};

/** Not numbers as an index or a size is written. */
const BAD_NUMBERS = ['x', '-1', '01', '1.5', '1e3', '0x1', ' 1', '', '99999999999999999999'];

describe('the OpenAPI document', () => {
  let test: TestApp;
  let document: Document;
  let operations: { readonly method: string; readonly path: string; readonly operation: Operation }[];

  beforeAll(async () => {
    test = await createTestApp();
    const first = await test.post({ kind: 'approval', content: approve({ id: 'req_first' }).envelope });
    expect(first.status).toBe(201);
    for (const { envelope } of consumable) await test.post({ kind: 'approval', content: envelope });
    const trustRoot = { kind: 'trust-root', content: createTrustVersion({ rootKeys: [boundary] }).envelope };
    const keeper = { authorization: `Bearer ${await test.addKey({ trustRoots: ['*'] })}` };
    expect((await test.post(trustRoot, keeper)).status).toBe(201);
    firstLeaf = Buffer.from(leafHash(await test.log.entry(0))).toString('base64');
    document = (await (await test.app.request('/openapi.json')).json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    );
  });
  afterAll(() => test.remove());

  it('is OpenAPI 3.1, and names each operation once', async () => {
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true });
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    // A summary is plain text, and no reader can tell two operations apart by one.
    const summaries = operations.map(({ operation }) => operation.summary);
    expect(summaries.filter((summary) => /[`*]/.test(summary))).toEqual([]);
    expect(new Set(summaries).size).toBe(summaries.length);
    const tags = new Set(operations.flatMap(({ operation }) => operation.tags));
    expect([...tags].every((tag) => document.tags.some(({ name }) => name === tag))).toBe(true);
  });

  it('describes every route that the server has, and no other', () => {
    const served = test.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/*')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`);
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(new Set(served)).toEqual(new Set(described));
  });

  it('shows each refusal as it is answered: its code, and what that code says everywhere', () => {
    let shown = 0;
    for (const { operation } of operations) {
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        const what = `${operation.operationId} ${status}`;
        for (const { schema, example } of Object.values(content ?? {})) {
          if (example !== undefined) expect(schemaErrors(schema, example), what).toEqual([]);
        }
        const refusal = content?.['application/problem+json'];
        if (refusal === undefined) continue;
        const example = refusal.example as { readonly code: keyof typeof PROBLEMS; readonly type: string };
        const { title } = PROBLEMS[example.code];
        const type = `urn:assent:problem:${example.code}`;
        expect(example, what).toMatchObject({ type, title, status: Number(status) });
        expect(description, what).toMatch(new RegExp(`(^|; or )${example.code}(,|$)`));
        shown++;
      }
    }
    expect(shown).toBeGreaterThan(operations.length);
  });

  it('every operation answers good input as it says', async () => {
    expect(operations.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(GOOD).sort());
    for (const { method, path, operation } of operations) {
      for (const good of GOOD[operation.operationId] ?? []) {
        const response = await call(method, path, good);
        const what = `${operation.operationId} ${JSON.stringify(good)}`;
        // A stream has no end to wait for.
        const endless = response.headers.get('content-type') === 'text/event-stream';
        const text = endless ? 'a stream' : await response.clone().text();
        expect(response.status, `${what}: ${text}`).toBe(good.status ?? 200);
        await expectDescribed(response, operation, what);
        if (endless) await response.body?.cancel();
      }
    }
  });

  it('every operation refuses bad parameters, and says so in the form that it promises', async () => {
    let refused = 0;
    for (const { method, path, operation } of operations) {
      const good = GOOD[operation.operationId]?.[0] ?? {};
      const bad: Good[] = [];
      for (const { name, in: place, schema } of operation.parameters ?? []) {
        const values = schema.type === 'integer' ? BAD_NUMBERS : place === 'query' ? ['\u0000', 'x'.repeat(5000)] : [];
        for (const value of values) {
          // An empty segment is another path.
          if (place === 'path' && value === '') continue;
          if (operation.operationId === 'readyz') continue;
          bad.push({ ...good, [place]: { ...good[place], [name]: value } });
        }
      }
      const takesAny =
        operation.tags.some((tag) => tag === 'tlog-tiles' || tag === 'operations') &&
        operation.operationId !== 'readyz';
      if (!takesAny) {
        bad.push({ ...good, query: { ...good.query, no_such_parameter: '1' } });
      }
      for (const input of bad) {
        const response = await call(method, path, input);
        await expectProblem(
          response,
          operation,
          'invalid_parameter',
          `${operation.operationId} ${JSON.stringify(input)}`,
        );
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(8);
  });

  it('every operation that needs a key refuses a call without one, and with a wrong one', async () => {
    // Where no key is needed and one shows more, an empty alternative stands beside it.
    const secured = operations.filter(({ operation }) => operation.security?.every((way) => 'apiKey' in way));
    expect(secured.length).toBeGreaterThan(0);
    for (const { method, path, operation } of secured) {
      const good = GOOD[operation.operationId]![0]!;
      for (const authorization of [undefined, 'Bearer assent_00000000_', `Bearer ${test.key.slice(0, -2)}xx`]) {
        const response = await call(method, path, good, { authorization });
        await expectProblem(response, operation, 'unauthenticated', operation.operationId);
      }
    }
  });

  it('every operation with a body refuses what is no such body', async () => {
    const withBody = operations.filter(({ operation }) => operation.requestBody !== undefined);
    expect(withBody.length).toBeGreaterThan(0);
    for (const { method, path, operation } of withBody) {
      for (const [text, code] of [
        ['', 'invalid_json'],
        ['{', 'invalid_json'],
        ['{"kind":"approval","kind":"approval"}', 'invalid_json'],
        ['[]', 'invalid_request'],
        ['null', 'invalid_request'],
        ['{"no_such_member":1}', 'invalid_request'],
      ] as const) {
        const response = await call(method, path, { body: () => text });
        await expectProblem(response, operation, code, `${operation.operationId} ${text}`);
      }
      const response = await call(method, path, { body: () => '{}' }, { 'content-type': 'text/plain' });
      await expectProblem(response, operation, 'unsupported_media_type', operation.operationId);
    }
  });

  // The last one: it stays closed.
  it('says with a refusal of a closed log where it goes on', async () => {
    const successor = 'log.example.com/next';
    await changeLog(test.database, () => ({ kind: 'close', successor, reason: undefined }));
    for (const name of ['appendEntry', 'appendEntries', 'consumeApproval']) {
      const { method, path, operation } = operations.find(({ operation: { operationId } }) => operationId === name)!;
      const response = await call(method, path, GOOD[name]![0]!);
      expect(await response.clone().json(), name).toMatchObject({ successor });
      await expectProblem(response, operation, 'closed', name);
    }
  });

  function call(
    method: string,
    path: string,
    { path: params = {}, query = {}, body, accept }: Good,
    headers: Record<string, string | undefined> = {},
  ): Promise<Response> {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      // Tile paths hold slashes; anything else that is not a name of ours has to arrive as it is.
      (params[name] ?? '').split('/').map(encodeURIComponent).join('/'),
    );
    const search = new URLSearchParams(query).toString();
    const content = body?.();
    const all = {
      host: 'localhost',
      ...(accept !== undefined && { accept }),
      ...(body && { authorization: `Bearer ${test.key}`, 'content-type': 'application/json' }),
      ...headers,
    };
    const sent = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return Promise.resolve(
      test.app.request(
        search === '' ? filled : `${filled}?${search}`,
        {
          method: method.toUpperCase(),
          headers: Object.fromEntries(sent),
          ...(body && { body: typeof content === 'string' ? content : JSON.stringify(content) }),
        },
        // Metrics are for callers on the same machine.
        { incoming: { socket: { remoteAddress: '127.0.0.1' } } },
      ),
    );
  }

  async function expectProblem(response: Response, operation: Operation, code: string, what: string): Promise<void> {
    const problem = (await response.clone().json()) as { code: keyof typeof PROBLEMS };
    expect(problem.code, `${what}: ${JSON.stringify(problem)}`).toBe(code);
    expect(response.status, what).toBe(PROBLEMS[problem.code].status);
    await expectDescribed(response, operation, what);
  }

  /** The status, the media type and, where it is JSON, the shape are what the document says. */
  async function expectDescribed(response: Response, operation: Operation, what: string): Promise<void> {
    const mediaType = response.headers.get('content-type')?.split(';')[0] ?? '';
    const schema = operation.responses[response.status]?.content?.[mediaType]?.schema;
    expect(schema, `${what}: ${response.status} ${mediaType} is not described`).toBeDefined();
    if (!/json$/.test(mediaType)) return;
    expect(schemaErrors(schema!, await response.json()), what).toEqual([]);
  }

  /** Many answers are of one form, and to compile it takes longer than to check an answer. */
  const validators = new Map<string, ValidateFunction>();

  /** A member that no schema names is one that nobody is told about. */
  function schemaErrors(schema: object, value: unknown): readonly object[] {
    const form = JSON.stringify(schema);
    const strict = { allOf: [schema], unevaluatedProperties: false, components: document.components };
    const validate = validators.get(form) ?? new Ajv2020({ strict: false, validateFormats: false }).compile(strict);
    validators.set(form, validate);
    validate(value);
    return validate.errors ?? [];
  }
});

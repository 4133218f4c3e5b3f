import { createConsumption, createServiceKey } from '@assent/test-support';
import {
  agentmintToken,
  cosignetApproval,
  dsseEnvelope,
  inTotoAttestation,
  keyEnvelope,
  signedApprovalDecision,
} from '@assent/test-support/foreign-evidence';
import {
  APPROVAL_PAYLOAD_TYPE,
  base64Decode,
  base64Encode,
  base64urlEncode,
  CONSUMPTION_PAYLOAD_TYPE,
  createSalt,
  FOREIGN_PAYLOAD_TYPES,
  foreignDigest,
  type JsonObject,
  openReceipt,
  parseReceipt,
  TRUST_ROOT_PAYLOAD_TYPE,
  verifyReceipt,
} from '@assent/verifier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approve, createTestApp, type TestApp } from './support/test-app.ts';

const OWN = [APPROVAL_PAYLOAD_TYPE, CONSUMPTION_PAYLOAD_TYPE, TRUST_ROOT_PAYLOAD_TYPE];

let test: TestApp;
/** May append evidence of other systems, and statements of one service. */
let foreignKey: string;
/** May append for every service. */
let everyKey: string;
let size: number;
beforeAll(async () => {
  test = await createTestApp();
  foreignKey = await test.addKey({ foreign: true });
  everyKey = await test.addKey({ services: ['*'] });
});
afterAll(() => test.remove());
beforeEach(async () => {
  size = await test.size();
});

const by = (key: string) => ({ authorization: `Bearer ${key}` });
const post = (content: JsonObject, more: object = {}) =>
  test.post({ kind: 'approval', content, ...more }, by(foreignKey));
const indexOf = (response: Response): number => Number(response.headers.get('location')?.split('/').at(-1));
const payloadOf = ({ payload }: JsonObject): Uint8Array => {
  const bytes = base64Decode(payload as string);
  return bytes.ok ? bytes.value : new Uint8Array();
};
const digestOf = (envelope: JsonObject): string => foreignDigest(envelope.payloadType as string, payloadOf(envelope));
const keyidOf = ({ signatures }: JsonObject): string => String((signatures as readonly JsonObject[])[0]!.keyid);
const expectProblem = async (response: Response, status: number, code: string): Promise<Record<string, unknown>> => {
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  return body;
};

describe('evidence of other systems', () => {
  it.each([
    ['Cosignet', () => cosignetApproval()],
    ['SignedApproval', () => signedApprovalDecision()],
    ['AgentMint', () => agentmintToken()],
    ['in-toto', () => inTotoAttestation()],
    ['DSSE', () => dsseEnvelope('text/plain', createSalt())],
  ])('of %s is appended, found, and verified', async (format, make) => {
    const envelope = make();
    const response = await post(envelope);
    expect(response.status).toBe(201);
    const report = await verifyReceipt(await response.text(), { logKeys: [test.log.vkey], at: Date.now() });
    expect(report.verdict, report.summary).toBe('authentic');
    expect(report.foreign).toMatchObject({ format, digest: digestOf(envelope) });

    const found = await test.app.request(`/api/v1/receipts/${digestOf(envelope)}`);
    const byDigest = parseReceipt(await found.text());
    expect(byDigest.ok && JSON.parse(byDigest.value.entry).content).toEqual(envelope);
    for (const query of [`approval=${digestOf(envelope)}`, `keyid=${keyidOf(envelope)}`]) {
      const list = (await (await test.app.request(`/api/v1/entries?${query}`)).json()) as { entries: object[] };
      expect(list.entries, query).toMatchObject([
        {
          index: indexOf(response),
          kind: 'approval',
          visibility: 'open',
          keyids: [keyidOf(envelope)],
          foreign: { digest: digestOf(envelope), payload_type: envelope.payloadType },
        },
      ]);
      expect(list.entries[0]).not.toHaveProperty('statement');
    }
  });

  it('is stored once: the same again is that entry, with other signatures or in another spelling a conflict', async () => {
    const [key, other] = [createServiceKey(), createServiceKey()];
    const payload = createSalt();
    const envelope = dsseEnvelope('text/plain', payload, key);
    const first = await post(envelope);
    const again = await post(envelope);
    expect([first.status, again.status, indexOf(again)]).toEqual([201, 200, indexOf(first)]);
    const respelled = { ...envelope, payload: base64urlEncode(payload) };
    for (const content of [dsseEnvelope('text/plain', payload, other), respelled]) {
      expect(await expectProblem(await post(content), 409, 'identity_conflict')).toMatchObject({
        index: indexOf(first),
      });
    }
    expect(await test.size()).toBe(size + 1);
  });

  it('of one payload under two types is two entries, and takes no statement’s place', async () => {
    const { payload, envelope, digest } = approve();
    expect((await post(dsseEnvelope('text/plain', payload))).status).toBe(201);
    expect((await post(dsseEnvelope('text/other', payload))).status).toBe(201);
    const response = await test.post({ kind: 'approval', content: envelope });
    expect(response.status).toBe(201);
    expect((await test.app.request(`/api/v1/receipts/${digest}`)).status).toBe(200);
    expect(await test.size()).toBe(size + 3);
  });

  it('takes a key that may append it, or one for every service', async () => {
    for (const key of [test.key, test.strangersKey]) {
      const response = await test.post({ kind: 'approval', content: signedApprovalDecision() }, by(key));
      await expectProblem(response, 403, 'forbidden');
    }
    const response = await test.post({ kind: 'approval', content: signedApprovalDecision() }, by(everyKey));
    expect(response.status).toBe(201);
    // The right is for that alone.
    const stranger = await test.addKey({ services: ['other.example.com'], foreign: true });
    await expectProblem(
      await test.post({ kind: 'approval', content: approve().envelope }, by(stranger)),
      403,
      'forbidden',
    );
  });

  it('is refused where it does not verify, with the checks', async () => {
    const decision = payloadOf(signedApprovalDecision());
    const type = 'application/vnd.signedapproval.decision.v1+json';
    const tried: readonly [JsonObject, string, string][] = [
      [keyEnvelope(type, decision, createSalt(), createServiceKey()), 'signatures', 'signature_invalid'],
      [keyEnvelope(type, decision, decision, createServiceKey('es256')), 'signatures', 'wrong_signer'],
      [signedApprovalDecision({ members: { decision: 'perhaps' } }), 'content', 'bad_value'],
      [dsseEnvelope('', createSalt()), 'content', 'bad_value'],
    ];
    for (const [content, id, code] of tried) {
      const body = await expectProblem(await post(content), 422, 'content_refused');
      expect(body.checks).toMatchObject([{ id, status: 'fail', code }]);
    }
    // A later version can't be read, and what can't be read is not taken.
    await expectProblem(await post(signedApprovalDecision({ members: { v: 2 } })), 422, 'payload_type_refused');
    const revealed = await post(cosignetApproval(), { visibility: 'revealed', intent: approve().intent });
    await expectProblem(revealed, 422, 'content_refused');
    expect(await test.size()).toBe(size);
  });

  it('is sealed like anything else, and found by its digest by those who may append it', async () => {
    const content = signedApprovalDecision({ members: { decision: 'rejected' } });
    const salt = base64Encode(createSalt());
    const response = await post(content, { visibility: 'sealed', salt });
    expect(response.status).toBe(201);
    const receipt = await response.text();
    const closed = await verifyReceipt(receipt, { logKeys: [test.log.vkey] });
    expect([closed.verdict, closed.foreign]).toEqual(['incomplete', undefined]);
    const opened = openReceipt(receipt, { content, salt });
    const report = await verifyReceipt(opened.ok ? opened.value : '', { logKeys: [test.log.vkey] });
    expect(report.verdict).toBe('refused');
    expect(report.foreign).toMatchObject({ decision: 'rejected', digest: digestOf(content) });

    const again = await post(content, { visibility: 'sealed', salt });
    expect([again.status, indexOf(again)]).toEqual([200, indexOf(response)]);
    await expectProblem(await post(content), 409, 'identity_conflict');
    const { rows } = await test.database.pool.query(
      'select service, id, decision, boundaries from sealed where idx = $1',
      [indexOf(response)],
    );
    expect(rows).toEqual([{ service: null, id: null, decision: null, boundaries: [] }]);
    const ask = async (headers = {}) =>
      (await test.app.request(`/api/v1/receipts/${digestOf(content)}`, { headers })).status;
    expect([await ask(), await ask(by(test.key)), await ask(by(foreignKey)), await ask(by(everyKey))]).toEqual([
      404, 404, 200, 200,
    ]);
  });

  it('cannot be consumed, in the open or sealed', async () => {
    const boundary = createServiceKey();
    const key = await test.addKey({ services: ['*'], boundaries: ['*'] });
    const [open, sealed] = [cosignetApproval(), cosignetApproval()];
    await post(open);
    await post(sealed, { visibility: 'sealed', salt: base64Encode(createSalt()) });
    for (const envelope of [open, sealed]) {
      const approval = { ...approve(), digest: digestOf(envelope) };
      const content = createConsumption({ approval, key: boundary }).envelope;
      const response = await test.app.request('/api/v1/consumptions', {
        method: 'POST',
        headers: { ...by(key), 'content-type': 'application/json' },
        body: JSON.stringify({ content }),
      });
      expect(((await response.json()) as { code: string }).code).toBe('approval_unknown');
    }
  });

  it('goes into a batch beside statements', async () => {
    const entries = [approve().envelope, inTotoAttestation(), cosignetApproval()].map((content) => ({
      kind: 'approval',
      content,
    }));
    const response = await test.postBatch({ entries }, by(foreignKey));
    expect(response.status).toBe(200);
    expect(await test.size()).toBe(size + 3);
  });
});

describe('the payload types that a log accepts', () => {
  const types = async ({ app }: TestApp): Promise<unknown> =>
    ((await (await app.request('/api/v1/log')).json()) as { payload_types: unknown }).payload_types;

  it('are all of them, unless the operator says otherwise', async () => {
    expect(await types(test)).toEqual([...OWN, ...FOREIGN_PAYLOAD_TYPES, '*']);
  });

  it.each([
    ['known', [...OWN, ...FOREIGN_PAYLOAD_TYPES], [201, 201, 422]],
    ['own', OWN, [201, 422, 422]],
  ] as const)('are fewer under %s', async (payloads, listed, statuses) => {
    const strict = await createTestApp({ payloads });
    try {
      expect(await types(strict)).toEqual(listed);
      const key = await strict.addKey({ foreign: true });
      const contents = [approve().envelope, cosignetApproval(), dsseEnvelope('text/plain', createSalt())];
      for (const [i, content] of contents.entries()) {
        const response = await strict.post({ kind: 'approval', content }, by(key));
        expect(response.status).toBe(statuses[i]);
        if (response.status === 422) {
          const body = await expectProblem(response, 422, 'payload_type_refused');
          expect(body.detail).toContain(`It accepts ${listed.join(', ')}.`);
        }
      }
    } finally {
      await strict.remove();
    }
  });
});

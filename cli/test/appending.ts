import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createApproval, createAuthenticator, createTestLog } from '@assent/test-support';
import { type Handler, json, type ScriptedServer, startScriptedServer } from '@assent/test-support/scripted-server';
import { formatSealedEntry, type Json } from '@assent/verifier';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Run, runAssent, temporaryFolder } from './run-assent.ts';

/** What the tests of `append` share: files, a signed approval, and a log that takes it. Importing it registers its hooks. */
export const API_KEY = `assent_0011aabb_${'s'.repeat(43)}`;
export const folder = temporaryFolder();
export const file = (name: string, content: string, mode = 0o600): string => {
  const target = path.join(folder, name);
  writeFileSync(target, content);
  chmodSync(target, mode);
  return target;
};

export const log = createTestLog({ origin: 'log.example.com' });
export const approval = createApproval({ origin: log.origin, authenticator: createAuthenticator() });
export const envelopeFile = file('envelope.json', JSON.stringify(approval.envelope, null, 2));
export const intentFile = file('intent.json', JSON.stringify(approval.intent, null, 2));
export const apiKeyFile = file('api-key', `${API_KEY}\n`);
export const keyFile = path.join(folder, 'service.pem');
const { intent: _, ...rest } = approval.statement;
export const withoutIntent = rest;
export const statementFile = file('statement.json', JSON.stringify(withoutIntent, null, 2));

export let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
  await runAssent(['keygen', '-o', keyFile]);
});
afterAll(() => server.close());

type Sent = { kind: string; content: Json; visibility?: string; intent?: Json; salt?: string; sealed?: string };
export const sent = (): Sent | undefined => {
  const post = server.seen.find(({ method }) => method === 'POST');
  return post && (JSON.parse(post.body) as Sent);
};

/** A log that takes whatever it is sent; the real one's rules are tested end to end. */
export const obliging: Handler = (response, request) => {
  if (request.method === 'GET') return json(response, 200, { origin: log.origin, vkeys: [log.vkey], size: 0 });
  const { content, intent, salt, sealed } = JSON.parse(request.body) as Sent;
  const { receipt } =
    sealed !== undefined
      ? log.appendBytes(formatSealedEntry({ loggedAt: Date.now(), sealed }))
      : log.append({
          content,
          ...(salt !== undefined && { salt: Buffer.from(salt, 'base64') }),
          ...(intent !== undefined && { reveal: { intent } }),
        });
  json(response, 201, receipt);
};

export const append = (...args: string[]): Promise<Run> =>
  runAssent(['append', '--log', server.url, '--log-key', log.vkey, '--api-key-file', apiKeyFile, ...args]);

beforeEach(() => server.answer(obliging));

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { keysOnFirstUse, LogClient } from '@assent/client';
import { parseVkey } from '@assent/verifier';
import { getRequestListener } from '@hono/node-server';
import { Approvals } from './approvals.ts';
import { routes } from './routes.ts';
import { Store } from './store.ts';

const {
  LOG_URL = 'http://localhost:6962',
  API_KEY_FILE = 'data/first-api-key',
  SERVICE = 'approvals.example.com',
  PORT = '8080',
  DATA = 'data/approval-service',
  AGENT_TOKEN = randomBytes(24).toString('base64url'),
  ENROLMENT_CODE = randomBytes(6).toString('hex'),
} = process.env;

// Trust on first use, remembered. A service in earnest pins the keys, or a policy with witnesses, from another source.
const pins = new Store<readonly string[]>(DATA);
console.log(`log               ${LOG_URL}`);
const logKeys = (await pins.read('log-keys')) ?? (await keysOnFirstUse(LOG_URL));
await pins.write('log-keys', logKeys);
const key = parseVkey(logKeys[0] ?? '');
if (!key.ok) throw new Error(`${DATA}/log-keys.json: ${key.detail}`);

const apiKey = readFileSync(API_KEY_FILE, 'utf8').trim();
const server = createServer();
server.on('error', (error) => {
  console.error(`cannot listen at port ${PORT}: ${error.message}`);
  process.exit(1);
});
// PORT=0 takes a free one, so the address is known once it listens; nothing is awaited before requests are taken.
server.listen(Number(PORT), '127.0.0.1', async () => {
  const address = server.address();
  const url = `http://localhost:${typeof address === 'object' && address !== null ? address.port : PORT}`;
  const approvals = new Approvals({
    // A person waits at the other end: what the log does not take in five seconds is sent later.
    log: new LogClient({ url: LOG_URL, apiKey, trust: { logKeys }, timeoutMs: 5_000 }),
    origin: key.value.name,
    service: SERVICE,
    folder: DATA,
    relyingParty: { id: 'localhost', origin: url },
  });
  const app = routes({ approvals, url, rpId: 'localhost', agentToken: AGENT_TOKEN, enrolmentCode: ENROLMENT_CODE });
  server.on('request', getRequestListener(app.fetch));
  await sendPending(approvals);
  // Said when it is so: whoever reads the address may call it at once.
  console.log(`approval service  ${url}
enrol a passkey   ${url}/enrol   code ${ENROLMENT_CODE}
the agent's token ${AGENT_TOKEN}`);
});

async function sendPending(approvals: Approvals): Promise<void> {
  for (const { id, error } of await approvals.sendPending()) {
    console.error(`${id} is signed and not logged yet: ${error instanceof Error ? error.message : error}`);
  }
  setTimeout(sendPending, 10_000, approvals);
}

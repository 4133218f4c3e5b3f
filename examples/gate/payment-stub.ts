/** A payment provider to try the gate with: it writes each refund into a ledger, once for an idempotency key. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [ledger, port = '0'] = process.argv.slice(2);
if (ledger === undefined) {
  console.error('usage: node payment-stub.js LEDGER_FILE [PORT]');
  process.exit(2);
}

type Line = { readonly key: string; readonly refund: unknown };

function find(key: string): Line | undefined {
  if (!existsSync(ledger!)) return undefined;
  const lines = readFileSync(ledger!, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Line).find((line) => line.key === key);
}

const server = createServer(async (request, response) => {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || request.url !== '/refunds' || typeof key !== 'string') {
    response.writeHead(404).end();
    return;
  }
  let body = '';
  for await (const chunk of request) body += String(chunk);
  if (find(key) === undefined) appendFileSync(ledger, `${JSON.stringify({ key, refund: JSON.parse(body) })}\n`);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ refunded: key }));
});
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`payments at http://127.0.0.1:${typeof address === 'object' ? address?.port : port}`);
});

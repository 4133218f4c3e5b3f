import { createRandom, createRecordMaker, httpRequest, type ServerProcess } from '@assent/test-support/fault/index';
import { verifyReceipt } from '@assent/verifier';

const nextRecord = createRecordMaker('log.test/keys', createRandom('keys', 'records'));

export async function append(server: ServerProcess, apiKey: string, body = nextRecord().body) {
  const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' };
  const answer = await httpRequest({ method: 'POST', url: `${server.url}/api/v1/entries`, headers, body });
  return { status: answer.status, text: answer.body.toString('utf8') };
}

export async function logInfo(server: ServerProcess): Promise<Record<string, unknown> & { vkeys: string[] }> {
  return JSON.parse((await httpRequest({ url: `${server.url}/api/v1/log` })).body.toString('utf8'));
}

/** What verifiers say that pin the old key alone, the new one alone, and both. */
export async function verdicts(receipt: string, [old, next]: readonly [string, string]): Promise<readonly string[]> {
  const reports = await Promise.all([[old], [next], [old, next]].map((logKeys) => verifyReceipt(receipt, { logKeys })));
  return reports.map(({ verdict }) => verdict);
}

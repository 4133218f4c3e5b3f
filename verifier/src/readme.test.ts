/** The examples of the README run as they stand there, but for the names that a reader would fill in. */
import { readFileSync } from 'node:fs';
import { createAuthenticator } from '@assent/test-support/authenticator';
import { createTestLog } from '@assent/test-support/receipts';
import { unwrap } from '@assent/test-support/results';
import { describe, expect, it, vi } from 'vitest';
import * as verifier from './index.ts';

const log = createTestLog({ origin: 'log.example.com/approvals' });
const authenticator = createAuthenticator({ rpId: 'approvals.example.com' });
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const [verifying, building, sealing] = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);

/** Runs an example with its imports and the reader's names filled in; resolves to the variable that it ends with. */
async function run(code: string, names: Readonly<Record<string, unknown>>, result: string): Promise<unknown> {
  const scope: Readonly<Record<string, unknown>> = { ...verifier, ...names };
  const body = code.replace(/^import [^;]*;$/gm, '').replace(/'log\.example\.com\/approvals\+[^']*'/, `'${log.vkey}'`);
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  return AsyncFunction(...Object.keys(scope), `${body}\nreturn ${result};`)(...Object.values(scope));
}

describe('the README', () => {
  it('builds an approval, verifies the receipt of it, and opens a sealed one', async () => {
    const enrolledKey = unwrap(verifier.parsePublicKey(authenticator.spki));
    const askPasskey = async ({ challenge }: { challenge: string }) => {
      const { signature, ...parts } = authenticator.assert({ challenge: unwrap(verifier.base64urlDecode(challenge)) });
      const { authenticatorData, clientDataJSON } = parts;
      const encode = verifier.base64urlEncode;
      return {
        response: {
          authenticatorData: encode(authenticatorData),
          clientDataJSON: encode(clientDataJSON),
          signature: encode(signature),
        },
      };
    };
    const made = await run(building!, { enrolledKey, askPasskey }, '{ content, intent }');
    const { content, intent } = made as { content: verifier.JsonObject; intent: verifier.Intent };
    const files: Readonly<Record<string, string>> = {
      'refund.receipt.json': log.append({ content }).receipt,
      'refund.intent.json': JSON.stringify(intent),
    };
    const print = { log: vi.fn() };
    const report = await run(verifying!, { readFile: async (name: string) => files[name], console: print }, 'report');
    expect(report).toMatchObject({ verdict: 'authentic', approval: { decision: 'approved', id: 'req_8f2' } });
    expect(print.log).toHaveBeenCalledTimes(1 + 13 + 1);

    const salt = verifier.createSalt();
    const { receipt } = log.append({ content, salt });
    const opened = await run(sealing!, { createSalt: () => salt, receipt, content, intent }, 'opened.value');
    expect((await verifier.verifyReceipt(String(opened), { logKeys: [log.vkey] })).verdict).toBe('authentic');
    const others = { receipt: log.append({ content }).receipt, content, intent };
    await expect(run(sealing!, others, 'opened.value')).rejects.toThrow('not sealed');
  });
});

// What the four examples share: one envelope into a log, and its receipt verified before anybody believes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { base64Encode, parsePublicKey, verifyReceipt } from '@assent/verifier';

/** A signature as envelopes hold it: the key comes along, and is named by its hash. What the system itself called it is dropped. */
export function signature(spki, sig, webauthn) {
  const key = parsePublicKey(new Uint8Array(spki));
  if (!key.ok) throw new Error(key.detail);
  return { keyid: key.value.keyid, publicKey: base64Encode(key.value.spki), sig, ...(webauthn && { webauthn }) };
}

/** Appends it, prints what the receipt proves and what it can't, and keeps the receipt. */
export async function logAndVerify(envelope) {
  const [url, apiKeyFile, receiptFile] = process.argv.slice(2);
  if (receiptFile === undefined) {
    console.error(`usage: node ${process.argv[1]} LOG_URL API_KEY_FILE RECEIPT_FILE`);
    process.exit(2);
  }
  const response = await fetch(`${url}/api/v1/entries`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${readFileSync(apiKeyFile, 'utf8').trim()}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ kind: 'approval', visibility: 'open', content: envelope }),
  });
  const receipt = await response.text();
  if (!response.ok) throw new Error(`the log refused: ${receipt}`);

  // The log's own word for its key will do for a first try. Whoever relies on a receipt pins the key.
  const { vkeys } = await (await fetch(`${url}/api/v1/log`)).json();
  const report = await verifyReceipt(receipt, { logKeys: vkeys, at: Date.now() });
  console.log(`${report.verdict}: ${report.summary}`);
  for (const limit of report.foreign?.cannot_prove ?? []) console.log(`not proven: ${limit}`);
  if (report.verdict !== 'authentic') process.exit(1);
  writeFileSync(receiptFile, receipt);
}

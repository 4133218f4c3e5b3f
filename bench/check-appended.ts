import { canonicalJson, type JsonObject, parseReceipt, verifyReceipt } from '@assent/verifier';
import { unwrap } from '../test-support/src/results.ts';

/** Records that are looked up after a load. */
const SAMPLE = 500;
const PER_BATCH = 100;

/** Of the newest signed head. */
export async function treeSize(port: number): Promise<number> {
  return ((await get(port, '/ct/v1/get-sth')) as { tree_size: number }).tree_size;
}

type Submission = { readonly content: JsonObject } | { readonly sealed: string };
type Result = { readonly status: number; readonly receipt: unknown };

/**
 * Checks that a log has grown by exactly these records, and that a random sample of them, sent once more, is answered as
 * what is there already, each with a receipt that verifies and holds what was sent. Throws an Error if not.
 */
export async function checkAppended({
  port,
  apiKey,
  before,
  records,
}: {
  readonly port: number;
  readonly apiKey: string;
  /** The log's size before. */
  readonly before: number;
  /** As they were sent, in JSON; all of them new. */
  readonly records: readonly string[];
}): Promise<void> {
  const grown = (await treeSize(port)) - before;
  if (grown !== records.length)
    throw new Error(`the log grew by ${grown}, and ${records.length} appends were answered`);
  const { vkeys } = (await get(port, '/api/v1/log')) as { vkeys: string[] };
  const sample = Array.from({ length: SAMPLE }, () => records[Math.floor(Math.random() * records.length)]!);
  for (let first = 0; first < SAMPLE; first += PER_BATCH) {
    const sent = sample.slice(first, first + PER_BATCH);
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/entries/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: `{"entries":[${sent.join(',')}]}`,
    });
    const { results } = (await response.json()) as { results: Result[] };
    for (const [i, { status, receipt }] of results.entries()) {
      if (status !== 200) throw new Error(`a record that was appended answers ${status} when it is sent again`);
      await checkReceipt(JSON.stringify(receipt), JSON.parse(sent[i]!) as Submission, vkeys);
    }
  }
}

async function checkReceipt(receipt: string, sent: Submission, logKeys: readonly string[]): Promise<void> {
  const { checks, summary } = await verifyReceipt(receipt, { logKeys });
  const passed = checks.filter(({ status }) => status === 'pass').map(({ id }) => id);
  const needed = 'content' in sent ? [...EVIDENCE, 'content', 'signatures'] : EVIDENCE;
  if (checks.some(({ status }) => status === 'fail') || needed.some((id) => !passed.some((each) => each === id))) {
    throw new Error(`the receipt of a record that was appended does not verify: ${summary}`);
  }
  const entry = JSON.parse(unwrap(parseReceipt(receipt)).entry) as Submission;
  const isSame =
    'content' in sent
      ? 'content' in entry && canonicalJson(entry.content) === canonicalJson(sent.content)
      : 'sealed' in entry && entry.sealed === sent.sealed;
  if (!isSame) throw new Error('the receipt of a record that was appended holds something else');
}

const EVIDENCE = ['receipt', 'entry', 'inclusion', 'checkpoint'];

async function get(port: number, path: string): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).json();
}

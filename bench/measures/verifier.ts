/** What the verifier itself takes: a receipt under every pin, its first verification in a page, and the hashing of proofs. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  checkInclusion,
  leafHash,
  nodeHash,
  parseIntent,
  parseLogPolicy,
  sha256,
  type VerifyOptions,
  verifyReceipt,
  verifyTrustRoot,
} from '@assent/verifier';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { launchBrowser } from '../../test-support/src/browser.ts';
import { unwrap } from '../../test-support/src/results.ts';
import { AT, approvalPolicy, approve, fullPins, LOG_POLICY, logged, version1 } from '../../test-vectors/src/world.ts';
import { buildSingleFile } from '../../verifier/build-single-file.ts';
import { median } from '../statistics.ts';
import { bareVerifications } from './bare-verifications.ts';
import { eachRun, type MeasureGroup } from './measure-group.ts';

const ROUNDS = 2_000;
const HASHES = 30;
/** Each in a page of its own. */
const PAGES = 15;

export const verifier: MeasureGroup = {
  name: 'verifier',
  rows: [
    {
      key: 'trusted ratio',
      name: 'Verification under log policy, trust root and approval policy (a passkey, the log, two witnesses), as a multiple of its four bare WebCrypto calls',
      unit: '×',
      atMost: 1.3,
    },
    { key: 'trusted', name: 'the same', unit: 'µs', atMost: 1_000 },
    { key: 'page', name: 'The same in a fresh page, with the loading of the verifier', unit: 'ms', atMost: 50 },
    { key: 'sha 65', name: 'Synchronous SHA-256 of 65 bytes, as a multiple of @noble/hashes', unit: '×', atMost: 1 },
    { key: 'sha 1024', name: 'of 1024 bytes', unit: '×', atMost: 1 },
    { key: 'inclusion', name: 'An inclusion proof of 30 hashes', unit: 'µs', atMost: 60 },
  ],
  measure: eachRun(async (note) => {
    const { whole, bare } = await measureTrusted();
    note('trusted', whole);
    note('trusted ratio', whole / bare);
    for (const length of [65, 1024]) note(`sha ${length}`, measureSha256(length));
    note('inclusion', measureInclusion());
    note('page', await measurePage());
  }),
};

const approval = approve();
const receipt = JSON.stringify(logged({ content: approval.envelope }, { before: 999 }));

/** Medians of one run in µs, alternating, so that both see the same machine. What a gate keeps between receipts is parsed beforehand. */
async function measureTrusted(): Promise<{ readonly whole: number; readonly bare: number }> {
  const logPolicy = unwrap(parseLogPolicy(LOG_POLICY));
  const options: VerifyOptions = {
    logPolicy,
    trustRoot: unwrap(await verifyTrustRoot(version1.digest, [version1.item])),
    approvalPolicy,
    intent: { ...unwrap(parseIntent({ ...approval.intent })) },
    at: AT,
  };
  const bareCalls = await bareVerifications(receipt, logPolicy);
  const whole: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const report = await verifyReceipt(receipt, options);
    const between = performance.now();
    await bareCalls();
    bare.push((performance.now() - between) * 1000);
    whole.push((between - start) * 1000);
    const open = report.checks.filter(({ status }) => status !== 'pass').map(({ id }) => id);
    if (open.join() !== 'use') throw new Error(`not checked: ${open.join(', ')}: ${report.summary}`);
  }
  return { whole: median(whole), bare: median(bare) };
}

/** How many times as long as noble's; medians of alternating batches. */
function measureSha256(length: number): number {
  const data = Uint8Array.from({ length }, (_, index) => index % 256);
  const batch = (hash: (data: Uint8Array) => Uint8Array) => {
    const start = performance.now();
    for (let i = 0; i < 500; i++) hash(data);
    return performance.now() - start;
  };
  const ours: number[] = [];
  const nobles: number[] = [];
  for (let round = 0; round < 200; round++) {
    ours.push(batch(sha256));
    nobles.push(batch(nobleSha256));
  }
  return median(ours) / median(nobles);
}

/** µs, of the leftmost leaf of a tree with 2^30. */
function measureInclusion(): number {
  const leaf = leafHash(new Uint8Array(100));
  const proof = Array.from({ length: HASHES }, (_, index) => leafHash(Uint8Array.of(index)));
  const root = proof.reduce((hash, sibling) => nodeHash(hash, sibling), leaf);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const checked = checkInclusion({ index: 0, size: 2 ** HASHES, leafHash: leaf, proof, root });
    times.push((performance.now() - start) * 1000);
    if (!checked.ok) throw new Error(checked.detail);
  }
  return median(times);
}

/** ms, from the import of the single file to the report, each in a page that was just opened. */
async function measurePage(): Promise<number> {
  const { code } = await buildSingleFile();
  const { intent, ...pins } = fullPins(approval) as Record<string, unknown> & { readonly intent: { text: string } };
  const input = JSON.stringify({ receipt, pins, intent: intent.text });
  const files: Readonly<Record<string, readonly [string, string | Uint8Array]>> = {
    '/': ['text/html', '<!doctype html><title>bench</title>'],
    '/assent-verifier.mjs': ['text/javascript', code],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, body] = files[url] ?? ['text/plain', ''];
    response.writeHead(body === '' ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launchBrowser();
  try {
    const times: number[] = [];
    for (let round = 0; round < PAGES; round++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const [took, verdict] = (await page.evaluate(`(async () => {
        const { receipt, pins, intent } = ${input};
        const start = performance.now();
        const { verifyReceipt } = await import('/assent-verifier.mjs');
        const { verdict } = await verifyReceipt(receipt, {
          logPolicy: pins.log_policy,
          trustRoot: { rootId: pins.trust_root.root_id, versions: pins.trust_root.versions },
          approvalPolicy: pins.approval_policy,
          intent: new TextEncoder().encode(intent),
          at: pins.at,
        });
        return [performance.now() - start, verdict];
      })()`)) as [number, string];
      if (verdict !== 'authentic') throw new Error(`the receipt is ${verdict} in a page`);
      times.push(took);
      await context.close();
    }
    return median(times);
  } finally {
    await browser.close();
    server.close();
  }
}

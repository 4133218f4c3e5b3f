import {
  hexEncode,
  leafHash,
  parseCheckpoint,
  parseNote,
  parseReceipt,
  parseTlogProof,
  type Result,
  utf8Encode,
  verifyTlogProof,
} from '@assent/verifier';
import { readOwnersApiKey } from '../api-key.ts';
import type { TreeFlags } from '../commands/tree.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { withKeysOf } from '../keys-of-evidence.ts';
import { parseLogUrl } from '../log-url.ts';
import { readPinned } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt } from '../receipt-source.ts';
import { printJson, printText } from '../terminal/output.ts';
import { painter } from '../terminal/paint.ts';
import { checkLines, line } from '../terminal/report-text.ts';
import { type MerklePath, merklePath, type PathNode } from '../tree/merkle-path.ts';
import { isUtf8Locale, treeLines } from '../tree/tree-text.ts';

const COLUMNS = 100;

export async function tree(argument: string, flags: TreeFlags): Promise<ExitCode> {
  refuseStdinTwice(argument, flags.logPolicy, ...(flags.logKey ?? []));
  const log = flags.log === undefined ? undefined : parseLogUrl(flags.log);
  if (flags.offline && log !== undefined) {
    throw new CommandFailure('usage', '--offline makes no request, so --log cannot be used');
  }
  const source = findReceipt(argument, { log: log !== undefined, offline: flags.offline === true });
  const pinned = await readPinned(flags);
  const timeoutMs = flags.timeout * 1000;
  const client = log && new LogClient(log, timeoutMs, await readOwnersApiKey(flags.apiKeyFile, log));
  const bytes = await readReceipt(source, client, timeoutMs);
  const receipt = readable(parseReceipt(bytes));
  const proof = readable(parseTlogProof(receipt.proof));
  const { origin, size, root } = readable(parseCheckpoint(readable(parseNote(proof.checkpoint)).text));
  const entry = utf8Encode(receipt.entry);
  const path = readable(merklePath(proof.index, size, leafHash(entry), proof.proof));
  const {
    checks,
    verdict,
    log: signed,
  } = await verifyTlogProof(receipt.proof, {
    ...(await withKeysOf(pinned, client, 'receipt', bytes)),
    entry,
    primitives,
  });
  if (flags.json) printJson({ ...treeJson(path, origin, root), checks });
  else {
    const paint = painter(process.stdout);
    const ascii = flags.ascii === true || !isUtf8Locale(process.env);
    const { columns = COLUMNS } = process.stdout;
    // Who signed the root stands on top of it, and below the entry whether the way holds.
    const [inclusion, ...signatures] = checks.map((check) => checkLines(check, paint));
    const drawn = treeLines(path, { width: columns, ascii, paint });
    const witnesses = signed?.witnesses ?? [];
    const signers = [
      line('log', origin),
      ...witnesses.map(({ name, time }) => line('cosigned by', `${name} at ${time}`)),
    ];
    printText(`${[...signatures.flat(), ...signers, '', ...drawn, '', ...inclusion!].join('\n')}\n`);
  }
  return verdict === 'invalid' ? EXIT.bad : EXIT.ok;
}

function readable<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CommandFailure('evidence_refused', `there is no tree to draw: ${result.detail} (${result.code})`);
}

function treeJson(
  { index, size, leafHash: leaf, steps, root: computed }: MerklePath,
  origin: string,
  root: Uint8Array,
) {
  return {
    type: 'assent/tree/v1',
    origin,
    index,
    size,
    leaf_hash: digest(leaf),
    root: digest(root),
    computed_root: digest(computed),
    path: steps
      .map(({ node, sibling, side }) => ({
        side,
        sibling: digest(sibling.hash),
        sibling_entries: entriesOf(sibling),
        hash: digest(node.hash),
      }))
      .reverse(),
  };
}

function entriesOf({ start, end }: PathNode): readonly [number, number] {
  return [start, end - 1];
}

function digest(hash: Uint8Array): string {
  return `sha256:${hexEncode(hash)}`;
}

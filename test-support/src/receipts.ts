/** A log in memory that signs its tree heads and hands out receipts: for tests that need receipts and no server. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  type Disclosures,
  type EntryKind,
  foldRoot,
  formatCheckpoint,
  formatEntry,
  formatNote,
  formatReceipt,
  formatSealedEntry,
  formatSignatureLine,
  formatTlogProof,
  formatVkey,
  inclusionNodes,
  type Json,
  leafHash,
  MemoryTree,
  type NoteVerifier,
  parseVkey,
  sealContent,
  utf8Encode,
} from '@assent/verifier';
import { unwrap } from './results.ts';

export type TestEntry = {
  readonly content: Json;
  readonly kind?: EntryKind;
  readonly reveal?: { readonly intent: Json };
  /** With it the entry holds the commitment alone. */
  readonly salt?: Uint8Array;
  /** Milliseconds. Default: now. */
  readonly loggedAt?: number;
};

export type TestReceipt = {
  readonly index: number;
  readonly entry: Uint8Array;
  /** The tlog-proof. */
  readonly proof: string;
  /** The receipt's JSON text. */
  readonly receipt: string;
};

export type TestLog = {
  readonly origin: string;
  readonly vkey: string;
  readonly tree: MemoryTree;
  append(entry: TestEntry, disclosures?: Disclosures): TestReceipt;
  /** Appends bytes that need not be an entry. */
  appendBytes(entry: Uint8Array, disclosures?: Disclosures): TestReceipt;
  /** The signed note over the tree of this size. Default: now's. */
  checkpoint(size?: number): string;
  /** Signs any text as a note, as a log that misbehaves could. */
  signNote(text: string): string;
  /** Against the tree of this size. Default: now's. */
  receipt(index: number, disclosures?: Disclosures, size?: number): TestReceipt;
};

export type TestLogOptions = {
  readonly origin?: string;
  /** For the same key each time. Default: a new key. */
  readonly privateKey?: KeyObject;
};

export function createTestLog({
  origin = 'localhost:6962',
  privateKey = generateKeyPairSync('ed25519').privateKey,
}: TestLogOptions = {}): TestLog {
  const publicKey = createPublicKey(privateKey);
  const raw = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })).slice(-32);
  const vkey = formatVkey(origin, raw);
  const { keyId }: NoteVerifier = unwrap(parseVkey(vkey));
  const tree = new MemoryTree();
  const entries: Uint8Array[] = [];

  const signNote = (text: string) => {
    const signature = new Uint8Array(sign(null, utf8Encode(text), privateKey));
    return formatNote(text, [formatSignatureLine(origin, keyId, signature)]);
  };
  const checkpoint = (size = tree.size) => signNote(formatCheckpoint({ origin, size, root: tree.root(size) }));
  const receipt = (index: number, disclosures?: Disclosures, size = tree.size): TestReceipt => {
    const hashes = inclusionNodes(index, size).map((nodes) => foldRoot(tree.hashes(nodes)));
    const proof = formatTlogProof({ index, proof: hashes, checkpoint: checkpoint(size) });
    const entry = entries[index]!;
    return { index, entry, proof, receipt: formatReceipt({ entry, proof, ...(disclosures && { disclosures }) }) };
  };
  const appendBytes = (entry: Uint8Array, disclosures?: Disclosures) => {
    entries.push(entry);
    return receipt(tree.append(leafHash(entry)), disclosures);
  };
  const append = (
    { content, kind = 'approval', reveal, salt, loggedAt = Date.now() }: TestEntry,
    disclosures?: Disclosures,
  ) => {
    const entry =
      salt === undefined
        ? formatEntry({ kind, loggedAt, content, ...(reveal && { reveal }) })
        : formatSealedEntry({ loggedAt, sealed: sealContent(content, salt) });
    return appendBytes(entry, disclosures);
  };
  return { origin, vkey, tree, append, appendBytes, checkpoint, signNote, receipt };
}

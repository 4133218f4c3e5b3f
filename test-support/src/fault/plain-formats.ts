/** What a log serves, read without the project's own parsers: C2SP signed-note, tlog-checkpoint and tlog-tiles. */
import { createPublicKey, verify } from 'node:crypto';

export type PlainCheckpoint = { readonly origin: string; readonly size: number; readonly root: string };

/** Origin, size and root (base64) of a checkpoint that the key signed. @throws {Error} for any other. */
export function openCheckpoint(note: string, vkey: string): PlainCheckpoint {
  const end = note.indexOf('\n\n');
  if (end < 0) throw new Error('a checkpoint has no signatures');
  const text = note.slice(0, end + 1);
  const [name, , key] = splitVkey(vkey);
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key, 'base64').subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  const signed = note
    .slice(end + 2)
    .split('\n')
    .filter((line) => line.startsWith(`— ${name} `))
    .map((line) => Buffer.from(line.slice(`— ${name} `.length), 'base64').subarray(4))
    .some((signature) => verify(null, Buffer.from(text), publicKey, signature));
  if (!signed) throw new Error(`a checkpoint is not signed by ${name}:\n${note}`);
  const [origin = '', size = '', root = '', ...rest] = text.slice(0, -1).split('\n');
  if (origin !== name || rest.length > 0 || !/^(0|[1-9][0-9]*)$/.test(size)) throw new Error(`no checkpoint:\n${note}`);
  return { origin, size: Number(size), root };
}

function splitVkey(vkey: string): [string, string, string] {
  const [, name, hash, key] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  if (name === undefined || hash === undefined || key === undefined) throw new TypeError('vkey: not name+hash+key');
  return [name, hash, key];
}

/** The entries of a bundle: each with its length as two bytes, big-endian, before it. */
export function readBundle(bundle: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length; ) {
    const length = bundle.readUInt16BE(at);
    if (at + 2 + length > bundle.length) throw new Error('a bundle ends inside an entry');
    entries.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

/** `1234067` is `x001/x234/067`, and a tile that is not full ends in `.p/<width>`. */
export function tilePath(kind: string, index: number, width: number): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift((rest % 1000).toString().padStart(3, '0'));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `/tile/${kind}/${number}${width < 256 ? `.p/${width}` : ''}`;
}

export type PlainReceipt = { readonly index: number; readonly entry: string; readonly checkpoint: string };

/** The parts of a receipt that the ledger keeps. Whether it verifies is for the verifier to say. */
export function readReceipt(text: string): PlainReceipt {
  const receipt: unknown = JSON.parse(text);
  if (typeof receipt !== 'object' || receipt === null) throw new Error('a receipt is not an object');
  const { entry, proof } = receipt as { entry?: unknown; proof?: unknown };
  const index = typeof proof === 'string' ? /^index (0|[1-9][0-9]*)$/m.exec(proof)?.[1] : undefined;
  if (typeof entry !== 'string' || typeof proof !== 'string' || index === undefined) {
    throw new Error('a receipt has no entry or no proof');
  }
  return { index: Number(index), entry, checkpoint: proof.slice(proof.indexOf('\n\n') + 2) };
}

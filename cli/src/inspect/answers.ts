/** What a log answers over HTTP (docs/http-api.md), RFC 6962's calls among it. */
import { type JsonObject, parseSignedTreeHead, utf8Encode } from '@assent/verifier';
import { type Inspection, type Look, problemOf } from './inspection.ts';
import { bytes, document, encoded, milliseconds } from './readers.ts';
import { type ToldByMembers, tell } from './told-by-members.ts';

const ANSWERS: readonly ToldByMembers[] = [
  {
    kind: 'sth',
    title: 'A signed tree head (STH)',
    where: 'RFC 6962 §4.3',
    has: ['tree_size', 'timestamp', 'sha256_root_hash', 'tree_head_signature'],
    members: {
      tree_size: 'how many entries the tree has',
      timestamp: ['by the clock of the log', milliseconds],
      sha256_root_hash: ['the hash of the whole tree', bytes],
      tree_head_signature: ['two bytes of algorithm (8, 7: Ed25519), two of length, the signature', bytes],
    },
  },
  {
    kind: 'entry-and-proof',
    title: 'An entry and its place in the tree',
    where: 'RFC 6962 §4.8',
    has: ['leaf_input', 'audit_path'],
    members: {
      leaf_input: ['the bytes of the entry', encoded],
      extra_data: 'empty in logs of Assent',
      audit_path: 'from the leaf’s sibling up',
    },
  },
  {
    kind: 'inclusion-proof',
    title: 'The place of a leaf in the tree',
    where: 'RFC 6962 §4.5',
    has: ['leaf_index', 'audit_path'],
    members: { leaf_index: '', audit_path: 'from the leaf’s sibling up' },
  },
  {
    kind: 'consistency-proof',
    title: 'A consistency proof: hashes that lead from one tree to another',
    where: 'RFC 6962 §4.4',
    has: ['consistency'],
    members: { consistency: '' },
  },
  {
    kind: 'consistency-proof',
    title: 'A consistency proof: hashes that lead from one tree to another',
    where: 'docs/http-api.md',
    has: ['from_root', 'to_root', 'proof'],
    members: { '**': '' },
  },
  {
    kind: 'inclusion-proof',
    title: 'The place of an entry in the tree',
    where: 'docs/http-api.md',
    has: ['leaf_hash', 'root', 'proof'],
    members: { '**': '' },
  },
  {
    kind: 'ct-entries',
    title: 'Entries of a log',
    where: 'RFC 6962 §4.6',
    has: ['entries'],
    members: {
      entries: '',
      'entries[]': '',
      'entries[].leaf_input': ['the bytes of the entry', encoded],
      'entries[].extra_data': 'empty in logs of Assent',
      '**': '',
    },
  },
  {
    kind: 'log-description',
    title: 'What a log says about itself',
    where: 'docs/http-api.md',
    has: ['origin', 'vkeys', 'size'],
    members: {
      vkeys: 'the keys that sign its heads: compare them with a copy that reached you in another way',
      'witnesses.policy': ['a log policy, to be compared and pinned', encodedText],
      timestamp: 'of its newest head',
      '**': '',
    },
  },
  {
    kind: 'batch',
    title: 'Answers to a batch of appends, in their order',
    where: 'docs/http-api.md',
    has: ['results'],
    members: { 'results[].receipt': ['', document], '**': '' },
  },
  {
    kind: 'promise',
    title: 'The promise of a receipt, which nobody can check',
    where: 'docs/http-api.md',
    has: ['index', 'state', 'location'],
    members: { index: '', state: 'stored, or signed and not cosigned yet', location: 'where the receipt will be' },
  },
  {
    kind: 'problem',
    title: 'A problem: why a request was refused',
    where: 'RFC 9457',
    has: ['title', 'status'],
    members: {
      type: '',
      title: '',
      status: 'of HTTP',
      code: 'what a program goes by',
      detail: '',
      instance: 'the request, as the log’s own notes name it',
      receipt: ['of the entry that stands in the way', document],
      '**': '',
    },
  },
];

function encodedText(value: unknown, look: Look): { value: string; inside?: Inspection } {
  if (typeof value !== 'string' || /[\ud800-\udfff]/u.test(value)) return { value: String(value) };
  return { value: 'text', inside: look.inside(utf8Encode(value)) };
}

export function answer(json: JsonObject, look: Look): Inspection | undefined {
  const found = tell(ANSWERS, json, look);
  const parsed = found?.kind === 'sth' ? parseSignedTreeHead(JSON.stringify(json)) : undefined;
  return found && { ...found, ...(parsed !== undefined && !parsed.ok && problemOf(parsed)) };
}

/** C2SP's formats are lines of text, so each line is shown, and beside it what it means. */
import {
  base64Decode,
  COSIGNATURE_ED25519,
  formatTime,
  hexEncode,
  type NoteSignature,
  parseCheckpoint,
  parseLogPolicy,
  parseNote,
  parseTlogProof,
  utf8Encode,
} from '@assent/verifier';
import { countOf } from '../terminal/count-of.ts';
import { bytesText, problemOf, type Recognise, type Row } from './inspection.ts';

const EM_DASH = '\u2014 ';

export const note: Recognise<string> = (text) => {
  if (!text.includes(`\n\n${EM_DASH}`) && !text.startsWith(EM_DASH)) return undefined;
  const parsed = parseNote(text);
  if (!parsed.ok) {
    return {
      kind: 'note',
      title: 'A signed note',
      where: 'C2SP signed-note',
      ...problemOf(parsed),
      rows: text
        .split('\n')
        .slice(0, 20)
        .map((line) => ({ label: 'line', value: line })),
    };
  }
  const { text: body, signatures } = parsed.value;
  const checkpoint = parseCheckpoint(body);
  const lines = body.slice(0, -1).split('\n');
  const signed = signatures.map((signature) => signatureRow(signature, lines[0] ?? ''));
  if (!checkpoint.ok && lines.length < 3) {
    const rows = [...lines.map((line) => ({ label: 'text', value: line })), ...signed];
    return { kind: 'note', title: 'A signed note', where: 'C2SP signed-note', rows };
  }
  const [origin = '', size = '', root = '', ...extensions] = lines;
  return {
    kind: 'checkpoint',
    title: 'A checkpoint: the head of a log’s tree, signed',
    where: 'C2SP tlog-checkpoint',
    ...(!checkpoint.ok && problemOf(checkpoint)),
    rows: [
      { label: 'origin', value: origin, note: 'the name of the log' },
      { label: 'size', value: size, note: 'how many entries the tree has' },
      { label: 'root', value: root, note: rootNote(root) },
      ...extensions.map((line) => ({
        label: 'extension',
        value: line,
        note: 'for this log to say what it means; logs of Assent have none',
      })),
      ...signed,
    ],
  };
};

function rootNote(root: string): string {
  const hash = base64Decode(root);
  return hash.ok ? `the hash of the whole tree: ${hexEncode(hash.value)}` : 'the hash of the whole tree';
}

/** What a line is can be told from its length alone, as the key is not here: so it says "looks like". */
function signatureRow({ name, keyId, signature }: NoteSignature, origin: string): Row {
  const id = keyId.toString(16).padStart(8, '0');
  const value = `${name}, key id ${id}, ${bytesText(signature)}`;
  if (signature.length === 64) {
    const whose = name === origin ? 'the log’s own, as it seems' : 'not under the name of the log';
    return { label: 'signature', value, note: `as long as one with Ed25519; ${whose}` };
  }
  if (signature.length === 72 || signature.length === 8 + 2420) {
    const seconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
    const time = seconds > 0 && seconds < 253_402_300_800 ? formatTime(seconds * 1000) : 'at no time that counts';
    const algorithm = signature.length === 72 ? `Ed25519, type ${COSIGNATURE_ED25519}` : 'ML-DSA-44, type 6';
    return {
      label: 'cosignature',
      value,
      note: `as long as a witness’s (${algorithm}): it says that it saw this tree ${time}`,
    };
  }
  return { label: 'signature', value, note: 'of a kind that is not known here' };
}

export const tlogProof: Recognise<string> = (text, look) => {
  if (!text.startsWith('c2sp.org/tlog-proof@')) return undefined;
  const parsed = parseTlogProof(text);
  const end = text.indexOf('\n\n');
  const [header = '', ...lines] = text.slice(0, end < 0 ? text.length : end).split('\n');
  const checkpoint = end < 0 ? '' : text.slice(end + 2);
  let hashes = 0;
  const proof = lines.slice(0, 64).map((line): Row => {
    if (line.startsWith('index ')) return { label: 'index', value: line.slice(6), note: 'which entry of the log' };
    if (line.startsWith('extra '))
      return { label: 'extra', value: line.slice(6), note: 'signed by nobody: it means nothing' };
    hashes++;
    const what =
      hashes === 1 ? 'the leaf beside the entry’s, or the tree beside it' : 'the tree beside that of the hashes before';
    return { label: `hash ${hashes}`, value: line, note: what };
  });
  return {
    kind: 'tlog-proof',
    title: 'The place of an entry in a log (tlog-proof)',
    where: 'C2SP tlog-proof',
    ...(!parsed.ok && problemOf(parsed)),
    rows: [
      { label: 'format', value: header },
      ...proof,
      {
        label: 'checkpoint',
        value: countOf(utf8Length(checkpoint), 'byte'),
        ...(checkpoint !== '' && { inside: look.inside(utf8Encode(checkpoint)) }),
      },
    ],
  };
};

const POLICY_LINES: Readonly<Record<string, string>> = {
  log: 'a log whose checkpoints are accepted: its key, and where it is',
  witness: 'a witness: a name for this file, its key, and where it is',
  group: 'has seen a checkpoint when so many of its members have',
  quorum: 'who has to have cosigned; none: nobody',
};

export const logPolicy: Recognise<string> = (text) => {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const keywords = lines.map((line) => line.trim().split(/[ \t]/)[0]!);
  if (!keywords.includes('quorum') || !Object.hasOwn(POLICY_LINES, keywords[0]!)) return undefined;
  const parsed = parseLogPolicy(text);
  return {
    kind: 'log-policy',
    title: 'A log policy: which logs are accepted, and which witnesses have to have cosigned',
    where: 'C2SP tlog-policy',
    ...(!parsed.ok && problemOf(parsed)),
    rows: lines.slice(0, 400).map((line) => {
      const [keyword = '', ...items] = line.trim().split(/[ \t]+/);
      return { label: keyword, value: items.join(' '), note: POLICY_LINES[keyword] ?? 'not a line that policies have' };
    }),
  };
};

/** An empty line more, and `extra`: a witness is sent this (C2SP tlog-witness). */
export const addCheckpointRequest: Recognise<string> = (text, look) => {
  const old = /^old ([0-9]{1,16})\n/.exec(text);
  const end = text.indexOf('\n\n');
  if (old === null || end < 0) return undefined;
  const hashes = text
    .slice(old[0].length, end)
    .split('\n')
    .filter((line) => line !== '');
  return {
    kind: 'add-checkpoint',
    title: 'What a witness is asked to cosign',
    where: 'C2SP tlog-witness',
    rows: [
      { label: 'old', value: old[1]!, note: 'the size of the tree that the witness cosigned last' },
      ...hashes
        .slice(0, 64)
        .map((hash, i) => ({ label: `hash ${i + 1}`, value: hash, note: 'of the consistency proof' })),
      { label: 'checkpoint', inside: look.inside(utf8Encode(text.slice(end + 2))) },
    ],
  };
};

function utf8Length(text: string): number {
  return utf8Encode(text).length;
}

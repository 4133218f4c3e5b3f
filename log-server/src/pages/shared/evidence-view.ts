/** The parts of a receipt, member by member, as they stand there: each with what it is for. It judges nothing. */
import {
  base64Encode,
  canonicalJson,
  equalBytes,
  hexEncode,
  type Json,
  type JsonObject,
  parseAuthenticatorData,
  parseClientData,
  parseJson,
  parseNote,
  parseTlogProof,
  preAuthEncoding,
  type Receipt,
  sha256,
} from '@assent/verifier';
import { TEXT } from '../../words/common.ts';
import { EVIDENCE, MEMBERS } from '../../words/evidence.ts';
import { append, type Child, digest, element, facts, more, note as noteView, said, tag } from './dom.ts';
import { bytesAt, isObject, objectAt } from './json-members.ts';
import { timeText } from './times.ts';

type Row = readonly [name: Child, value: Child];

/** Longer ones are told by what they are, and shown to those who ask. */
const MAX_RAW = 300;
/** No honest document has so many members. */
const MAX_ROWS = 60;

/**
 * @param receipt whose frame could be read; nothing in it has to be good
 * @param witnesses that were asked for, as `name+key id`
 */
export function evidenceParts(receipt: Receipt, witnesses: ReadonlySet<string>): HTMLElement[] {
  const entry = readObject(receipt.entry);
  const content = objectAt(entry, 'content') ?? receipt.disclosures?.content;
  const { disclosures, trust, policy, consumption } = receipt;
  const carried = { trust: trust && [...trust], policy, consumption };
  return [
    noteView(EVIDENCE.lead),
    element(
      'div',
      {},
      ...(content ? contentParts(content) : []),
      part(EVIDENCE.entry, () => entry && memberRows(entry)),
      part(EVIDENCE.proof, () => proofRows(receipt.proof)),
      part(EVIDENCE.note, () => noteRows(receipt.proof, witnesses)),
      ...(disclosures ? [part(EVIDENCE.disclosed, () => memberRows({ ...disclosures }))] : []),
      ...((trust ?? policy ?? consumption) ? [part(EVIDENCE.carried, () => memberRows(carried))] : []),
    ),
  ];
}

function contentParts(content: JsonObject): HTMLElement[] {
  const payload = bytesAt(content, 'payload');
  const payloadType = typeof content.payloadType === 'string' ? content.payloadType : '';
  const statement = payload && readObject(payload);
  const signed = payload && sha256(preAuthEncoding(payloadType, payload));
  const signatures = Array.isArray(content.signatures) ? content.signatures.slice(0, 16) : [];
  const isOurs = payloadType.startsWith('application/vnd.assent.');
  const [title, about, foreign] = EVIDENCE.statement;
  return [
    part(
      [title, isOurs ? about : foreign],
      () => statement && [...memberRows({ payloadType }), ...memberRows(statement, { isForeign: !isOurs })],
    ),
    ...signatures.map((signature, index) => signaturePart(signature, index + 1, signed)),
  ];
}

function signaturePart(signature: Json, number: number, signed: Uint8Array | undefined): HTMLElement {
  const [title, byKey, byPasskey] = EVIDENCE.signature;
  const webauthn = objectAt(signature, 'webauthn');
  return part(
    [`${title} ${number}`, webauthn === undefined ? byKey : byPasskey],
    () =>
      isObject(signature)
        ? memberRows({
            keyid: signature.keyid,
            publicKey: signature.publicKey,
            sig: signature.sig,
            nonce: webauthn?.nonce,
          })
        : undefined,
    () =>
      webauthn === undefined
        ? []
        : [
            element('h3', {}, EVIDENCE.clientData),
            rowsView(clientDataRows(bytesAt(webauthn, 'clientDataJSON'), signed)),
            element('h3', {}, EVIDENCE.authenticator),
            rowsView(authenticatorRows(bytesAt(webauthn, 'authenticatorData'))),
          ],
  );
}

function clientDataRows(bytes: Uint8Array | undefined, signed: Uint8Array | undefined): Row[] | undefined {
  const json = bytes && readObject(bytes);
  const parsed = bytes && parseClientData(bytes);
  if (json === undefined || parsed?.ok !== true) return undefined;
  const holds = signed !== undefined && equalBytes(parsed.value.challenge.slice(-signed.length), signed);
  const mark = tag(holds ? 'pass' : 'warn', holds ? EVIDENCE.matches : EVIDENCE.differs);
  return memberRows(json, { marks: { challenge: mark } });
}

function authenticatorRows(bytes: Uint8Array | undefined): Row[] | undefined {
  const parsed = bytes && parseAuthenticatorData(bytes);
  if (parsed?.ok !== true) return undefined;
  const { rpIdHash, signCount, userPresent, userVerified, backupEligible, backedUp } = parsed.value;
  const flags = Object.entries({ UP: userPresent, UV: userVerified, BE: backupEligible, BS: backedUp });
  return [
    memberRow('rpIdHash', digest(`sha256:${hexEncode(rpIdHash)}`)),
    ...flags.map(([name, isSet]) => memberRow(name, isSet ? EVIDENCE.yes : EVIDENCE.no)),
    memberRow('signCount', rawView(signCount)),
  ];
}

function proofRows(text: string): Row[] | undefined {
  const proof = parseTlogProof(text);
  return proof.ok
    ? [
        memberRow('index', rawView(proof.value.index)),
        ...proof.value.proof.map((hash, at): Row => [`${EVIDENCE.hash} ${at + 1}`, digest(base64Encode(hash))]),
      ]
    : undefined;
}

/** Line by line, as they stand there. Whom a signature names is said; whether it is good is for the checks to say. */
function noteRows(text: string, witnesses: ReadonlySet<string>): Row[] | undefined {
  const proof = parseTlogProof(text);
  const note = proof.ok ? parseNote(proof.value.checkpoint) : proof;
  if (!note.ok) return undefined;
  const lines = note.value.text.trimEnd().split('\n');
  const named = ({ name, keyId }: { readonly name: string; readonly keyId: number }): string =>
    name === lines[0] ? EVIDENCE.byLog : witnesses.has(`${name}+${keyId}`) ? EVIDENCE.byWitness : EVIDENCE.byOther;
  return [
    ...lines.map((line, at) => {
      const [name, about] = EVIDENCE.lines[at] ?? EVIDENCE.furtherLine;
      return explained(name, digest(line), about);
    }),
    ...note.value.signatures.map((signature) =>
      explained(EVIDENCE.noteSignature, digest(signature.line.trimEnd()), named(signature)),
    ),
  ];
}

/** Its body is made when it is opened first: most are not, and a receipt may hold megabytes. */
function part(
  [title, about]: readonly [title: string, about: string],
  rows: () => readonly Row[] | undefined,
  more: () => readonly Child[] = () => [],
): HTMLElement {
  const body = element('div', { class: 'check-body' });
  const view = element(
    'details',
    { class: 'check part' },
    element('summary', { class: 'check-summary' }, element('span', { class: 'check-title' }, title)),
    body,
  );
  const fill = (): void => {
    const made = rows();
    const words = element('p', { class: 'soft' }, made === undefined ? EVIDENCE.unreadable : about);
    append(body, [words, rowsView(made), ...more()]);
  };
  view.addEventListener('toggle', fill, { once: true });
  return view;
}

function rowsView(rows: readonly Row[] | undefined): HTMLElement | undefined {
  return rows && facts('facts well members', rows);
}

/** @param options `marks` stand behind values, by their members' names; `isForeign`: another system's, which alone can say what it means */
function memberRows(
  value: { readonly [name: string]: Json | undefined },
  {
    marks = {},
    isForeign = false,
  }: { readonly marks?: { readonly [name: string]: Child }; readonly isForeign?: boolean } = {},
): Row[] {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const rows = members.slice(0, MAX_ROWS).map(([name, member = null]): Row => {
    const raw = element('div', {}, rawView(member), ' ', Object.hasOwn(marks, name) && marks[name]);
    return isForeign
      ? explained(element('code', {}, said(name)), raw, undefined)
      : memberRow(name, raw, timeText(name === 'logged_at' ? Number(member) : member));
  });
  return members.length > MAX_ROWS ? [...rows, ['…', members.length - MAX_ROWS + TEXT.moreRows]] : rows;
}

/** @param inWords the same for people */
function memberRow(name: string, raw: Child, inWords?: string): Row {
  const about = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined;
  return explained(element('code', {}, said(name)), raw, about, inWords);
}

function explained(name: Child, raw: Child, about: string | undefined, inWords?: string): Row {
  return [
    name,
    element('div', {}, raw, inWords !== undefined && noteView(inWords), about !== undefined && noteView(about)),
  ];
}

/** As it stands there. */
function rawView(value: Json): Child {
  const text = typeof value === 'string' ? value : canonicalJson(value);
  if (typeof value !== 'string' && text.length > MAX_RAW) return more(EVIDENCE.raw, said(text, 'said mono'));
  return /^sha256:|^[\w+/-]{22,}=*$/.test(text) ? digest(text) : said(text, 'said mono');
}

function readObject(text: string | Uint8Array): JsonObject | undefined {
  const value = parseJson(text, { maxBytes: 16 * 1024 * 1024, maxDepth: 64 });
  return value.ok && isObject(value.value) ? value.value : undefined;
}

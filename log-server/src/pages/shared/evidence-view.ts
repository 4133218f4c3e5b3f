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
import { EVIDENCE, MEMBERS } from '../../words/receipts.ts';
import { append, type Child, digest, element, facts, note as noteView, said, tag } from './dom.ts';
import { bytesAt, isObject, objectAt } from './json-members.ts';
import { timeView } from './times.ts';

/** `isForeign`: another system's, which alone can say what it means. */
type Row = readonly [name: string, value: Child, isForeign?: boolean];

/** No honest document has so many members. */
const MAX_ROWS = 60;

/** @param receipt whose frame could be read; nothing in it has to be good. */
export function evidenceView(receipt: Receipt): HTMLElement {
  const entry = readObject(receipt.entry);
  const content = objectAt(entry, 'content') ?? receipt.disclosures?.content;
  const { disclosures, trust, policy, consumption } = receipt;
  const carried = { trust: trust && [...trust], policy, consumption };
  return element(
    'section',
    { class: 'card evidence' },
    element('h2', {}, EVIDENCE.title),
    noteView(EVIDENCE.lead),
    element(
      'div',
      {},
      ...(content ? contentParts(content) : []),
      part(EVIDENCE.entry, () => entry && memberRows(entry)),
      part(EVIDENCE.proof, () => proofRows(receipt.proof)),
      part(EVIDENCE.note, () => noteRows(receipt.proof)),
      disclosures && part(EVIDENCE.disclosed, () => memberRows({ ...disclosures })),
      (trust ?? policy ?? consumption) && part(EVIDENCE.carried, () => memberRows(carried)),
    ),
  );
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
      () =>
        statement && [
          ['payloadType', said(payloadType)],
          ...memberRows(statement).map(([name, value]): Row => [name, value, !isOurs]),
        ],
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
        ? memberRows({ keyid: signature.keyid, sig: signature.sig, nonce: webauthn?.nonce })
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
  return memberRows(json).map(([name, value]) =>
    name === 'challenge' ? [name, element('span', {}, value, ' ', mark)] : [name, value],
  );
}

function authenticatorRows(bytes: Uint8Array | undefined): Row[] | undefined {
  const parsed = bytes && parseAuthenticatorData(bytes);
  if (parsed?.ok !== true) return undefined;
  const { rpIdHash, signCount, userPresent, userVerified, backupEligible, backedUp } = parsed.value;
  const flags = Object.entries({ UP: userPresent, UV: userVerified, BE: backupEligible, BS: backedUp });
  return [
    ['rpIdHash', digest(`sha256:${hexEncode(rpIdHash)}`)],
    ...flags.map(([name, isSet]): Row => [name, isSet ? EVIDENCE.yes : EVIDENCE.no]),
    ['signCount', String(signCount)],
  ];
}

function proofRows(text: string): Row[] | undefined {
  const proof = parseTlogProof(text);
  return proof.ok
    ? [
        ['index', String(proof.value.index)],
        ...proof.value.proof.map((hash, at): Row => [`${EVIDENCE.hash} ${at + 1}`, digest(base64Encode(hash))]),
      ]
    : undefined;
}

function noteRows(text: string): Row[] | undefined {
  const proof = parseTlogProof(text);
  const note = proof.ok ? parseNote(proof.value.checkpoint) : proof;
  if (!note.ok) return undefined;
  const [origin, ...lines] = note.value.text.trimEnd().split('\n');
  return [
    ...[origin, ...lines].map((line = '', at): Row => [EVIDENCE.lines[at] ?? '+', digest(line)]),
    ...note.value.signatures.map(
      ({ name, keyId, signature }): Row => [
        `— ${keyId.toString(16).padStart(8, '0')}`,
        element(
          'div',
          {},
          said(name),
          noteView(name === origin ? EVIDENCE.byLog : EVIDENCE.byOther),
          digest(base64Encode(signature)),
        ),
      ],
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
  return (
    rows &&
    facts(
      'facts well fields',
      rows.map(([name, value, isForeign]) => [
        element('code', {}, said(name)),
        element('div', {}, value, !isForeign && Object.hasOwn(MEMBERS, name) && noteView(MEMBERS[name])),
      ]),
    )
  );
}

function memberRows(value: { readonly [name: string]: Json | undefined }): Row[] {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const rows = members
    .slice(0, MAX_ROWS)
    .map(([name, member]): Row => [name, TIMES.has(name) ? timedView(member) : valueView(member)]);
  return members.length > MAX_ROWS ? [...rows, ['…', members.length - MAX_ROWS + TEXT.moreRows]] : rows;
}

const TIMES = new Set(['issued_at', 'expires_at', 'logged_at', 'at']);

/** As it stands there, and as people read it. */
function timedView(value: Json | undefined): Child {
  const time = new Date(typeof value === 'number' || typeof value === 'string' ? value : Number.NaN);
  if (Number.isNaN(time.getTime())) return valueView(value);
  return element('div', {}, valueView(value), element('p', { class: 'soft' }, timeView(time.toISOString())));
}

function valueView(value: Json | undefined): Child {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return said(canonicalJson(value), 'said mono');
  return /^sha256:|^[\w+/-]{22,}=*$/.test(value) ? digest(value) : said(value);
}

function readObject(text: string | Uint8Array): JsonObject | undefined {
  const value = parseJson(text, { maxBytes: 16 * 1024 * 1024, maxDepth: 64 });
  return value.ok && isObject(value.value) ? value.value : undefined;
}

/** What an entry of a log says, as far as its own evidence holds. */
import {
  checkContent,
  type Entry,
  type EntryKind,
  formatTime,
  hexEncode,
  leafHash,
  type OpenEntry,
  type Primitives,
  parseEntry,
  type VerifiedSignature,
} from '@assent/verifier';

export type KeyFacts = {
  readonly keyid: string;
  readonly kind: VerifiedSignature['kind'];
  /** Whose it is: a holder's, a service's or a boundary's name in the trust root. */
  readonly holder?: string;
};

/** Members as in the events of a monitor. */
export type EntryFacts = {
  readonly index: number;
  readonly kind: EntryKind;
  readonly visibility: 'open' | 'revealed' | 'sealed';
  readonly logged_at: string;
  readonly leaf_hash: string;
  /** Whose signatures verified; none of a sealed entry. */
  readonly keys: readonly KeyFacts[];
  readonly statement_digest?: string;
  readonly organization?: string;
  /** Its digest. */
  readonly intent?: string;
  readonly service?: string;
  readonly id?: string;
  readonly action?: string;
  readonly connector?: string;
  readonly requester?: string;
  readonly decision?: string;
  readonly use?: string;
  readonly expires_at?: string;
  readonly boundaries?: readonly string[];
  /** Who approved by a service's word. */
  readonly attested?: readonly string[];
  /** Of a consumption: the statement digest, and the boundary's name. */
  readonly approval?: string;
  readonly boundary?: string;
  /** Of evidence of another system. */
  readonly format?: string;
  readonly trust_root?: {
    readonly name: string;
    readonly version: number;
    readonly digest: string;
    readonly previous?: string;
  };
};

export type ReadEntry =
  | { readonly facts: EntryFacts; readonly loggedAt: number }
  /** invalid: no log may take that. unsupported: of a kind that this version does not know. */
  | { readonly problem: 'invalid' | 'unsupported'; readonly detail: string };

/** Never rejects for bad evidence. @param origin the log's, which statements have to name. */
export async function readEntry(
  bytes: Uint8Array,
  index: number,
  origin: string,
  primitives: Primitives,
): Promise<ReadEntry> {
  const entry = parseEntry(bytes);
  if (!entry.ok) {
    const problem = entry.code === 'unsupported' ? 'unsupported' : 'invalid';
    return { problem, detail: `${entry.detail} (${entry.code})` };
  }
  const { kind, loggedAt } = entry.value;
  const base = {
    index,
    kind,
    visibility: visibilityOf(entry.value),
    logged_at: formatTime(loggedAt),
    leaf_hash: `sha256:${hexEncode(leafHash(bytes, primitives.sha256))}`,
  };
  if (!('content' in entry.value)) return { facts: { ...base, keys: [] }, loggedAt };
  const said = await readContent(entry.value, origin, primitives);
  return 'problem' in said ? said : { facts: { ...base, ...said }, loggedAt };
}

function visibilityOf(entry: Entry): EntryFacts['visibility'] {
  if (!('content' in entry)) return 'sealed';
  return entry.reveal === undefined ? 'open' : 'revealed';
}

type Said = Omit<EntryFacts, 'index' | 'kind' | 'visibility' | 'logged_at' | 'leaf_hash'>;

async function readContent(
  { kind, content, reveal }: OpenEntry,
  origin: string,
  primitives: Primitives,
): Promise<Said | Extract<ReadEntry, { problem: string }>> {
  const evidence = await checkContent({ kind, content, origin, ...(reveal && { intent: reveal.intent }) }, primitives);
  const bad = [evidence.content, evidence.signatures].find(({ status }) => status !== 'pass');
  if (bad !== undefined) {
    const problem = bad.status === 'fail' ? 'invalid' : 'unsupported';
    return { problem, detail: `${bad.detail} (${bad.code})` };
  }
  const { statement, consumption, trustRoot, foreign, statementDigest, signers = [] } = evidence;
  const keys = signers.map(({ kind: by, publicKey }) => ({ keyid: publicKey.keyid, kind: by }));
  const digest = statementDigest === undefined ? {} : { statement_digest: statementDigest };
  if (statement !== undefined) {
    const { organization, service, id, intent, requester, decision, use, expires_at, boundaries, attested } = statement;
    return {
      keys,
      ...digest,
      ...(organization !== undefined && { organization }),
      intent: intent.digest,
      service,
      id,
      action: intent.action,
      connector: intent.connector,
      requester,
      decision,
      use,
      expires_at,
      ...(boundaries && { boundaries }),
      ...(attested && { attested: attested.map(({ approver }) => approver) }),
    };
  }
  if (consumption !== undefined) {
    const { approval, boundary, intent } = consumption;
    return { keys, approval, boundary, intent };
  }
  if (trustRoot !== undefined && statementDigest !== undefined) {
    const { name, version, previous } = trustRoot;
    const link = previous === undefined ? {} : { previous };
    return { keys, trust_root: { name, version, digest: statementDigest, ...link } };
  }
  const { format, action, decision } = foreign ?? {};
  return {
    keys,
    ...digest,
    ...(format !== undefined && { format }),
    ...(action !== undefined && { action }),
    ...(decision !== undefined && { decision }),
  };
}

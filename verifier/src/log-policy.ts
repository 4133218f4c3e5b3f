/**
 * Log policies (https://c2sp.org/tlog-policy): which logs' checkpoints are accepted, which witnesses are known, and which
 * of them have to have cosigned.
 *
 *     log log.example.com/approvals+7b48e9c0+Ae1J… https://log.example.com/
 *     witness X1 witness.example.com/x1+fad66e91+BMqT…        # a name, only for use in this file; a vkey; a URL if wanted
 *     witness X2 witness.example.com/x2+ca1a6506+BG56…
 *     witness Y witness.example.org/y+4a95ba42+BIqH…
 *     group X any X1 X2                                       # any, all, or a number of the members
 *     group X-and-Y all X Y
 *     quorum X-and-Y                                          # a witness, a group, or `none`
 *
 * (Comments stand on lines of their own in a real file.) Groups and the quorum name what stands above them, and each name
 * is a member of at most one group, so the groups form a tree and every witness has one way to count.
 *
 * Stricter than the specification in one point: the text is UTF-8, as the names in keys must be anyway.
 */
import { hasLoneSurrogate, utf8Decode } from './bytes.ts';
import { type Cosigner, parseCosignerVkey } from './cosigner-key.ts';
import { parseDecimal } from './decimal.ts';
import { type Failure, fail, ok, type Result } from './result.ts';
import { type Sha256, sha256 } from './sha256.ts';
import { formatVkey, type NoteVerifier, parseVkey } from './vkey.ts';

export type PolicyLog = { readonly key: NoteVerifier; readonly url?: string };
export type PolicyWitness = { readonly name: string; readonly key: Cosigner; readonly url?: string };
/** Has seen a checkpoint if at least `threshold` of its members have. */
export type PolicyGroup = { readonly name: string; readonly threshold: number; readonly members: readonly string[] };

/** From {@link parseLogPolicy} or {@link bareKeyPolicy}. Make one in no other way: its rules are not checked again. */
export type LogPolicy = {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** A group stands after its members. */
  readonly groups: readonly PolicyGroup[];
  /** The name of a witness or group, or {@link NO_QUORUM}. */
  readonly quorum: string;
};

/** The quorum of a policy that asks for no witness. */
export const NO_QUORUM = 'none';

/** The specification: at least 32 of each. A note has at most 100 signatures, so more witnesses could not be shown. */
const MAX_OF_A_KIND = 100;
const MAX_BYTES = 1_000_000;

type Draft = {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly groups: PolicyGroup[];
  quorum?: string;
  /** Witnesses and groups share their names. */
  readonly names: Set<string>;
  /** Who is a member of a group already. */
  readonly members: Set<string>;
};

type LineReader = (draft: Draft, items: readonly string[], sha: Sha256) => Failure | undefined;

const LINE_READERS: ReadonlyMap<string, LineReader> = new Map([
  ['log', readLog],
  ['witness', readWitness],
  ['group', readGroup],
  ['quorum', readQuorum],
]);

/**
 * @param policy the policy's text. @returns `log_policy_malformed`, `vkey_malformed`, `key_unsupported`, `not_utf8`,
 *   `too_large` (over 1 MB, or 100 of a kind); the detail names the line.
 */
export function parseLogPolicy(policy: string | Uint8Array, sha: Sha256 = sha256): Result<LogPolicy> {
  if (policy.length > MAX_BYTES) return fail('too_large', `log policy: over ${MAX_BYTES} bytes`);
  const text = typeof policy === 'string' ? ok(policy) : utf8Decode(policy);
  if (!text.ok) return fail('not_utf8', 'log policy: not UTF-8');
  if (!isPolicyText(text.value)) return malformed('a control character or broken Unicode');
  // Were the last line's end optional, a file that was cut short could name another quorum.
  if (!text.value.endsWith('\n')) return malformed('the last line does not end in a newline');
  const draft: Draft = { logs: [], witnesses: [], groups: [], names: new Set([NO_QUORUM]), members: new Set() };
  for (const [index, line] of text.value.slice(0, -1).split('\n').entries()) {
    const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
    if (keyword === undefined || keyword.startsWith('#')) continue;
    const read = LINE_READERS.get(keyword);
    const failure = read === undefined ? malformed(`unknown keyword ${quote(keyword)}`) : read(draft, items, sha);
    if (failure !== undefined) return fail(failure.code, `line ${index + 1}: ${failure.detail}`);
  }
  const { logs, witnesses, groups, quorum } = draft;
  return quorum === undefined ? malformed('no quorum line') : ok({ logs, witnesses, groups, quorum });
}

/**
 * The policy's text, which reads back as the same policy.
 *
 * @throws TypeError for a policy that was put together by hand and could not be read.
 */
export function formatLogPolicy({ logs, witnesses, groups, quorum }: LogPolicy): string {
  const lines = [
    ...logs.map(({ key, url }) => ['log', formatVkey(key.name, key.publicKey.raw), ...withUrl(url)]),
    ...witnesses.map(({ name, key, url }) => ['witness', name, key.vkey, ...withUrl(url)]),
    ...groups.map(({ name, threshold, members }) => ['group', name, String(threshold), ...members]),
    ['quorum', quorum],
  ];
  const text = lines.map((items) => `${items.join(' ')}\n`).join('');
  // An item with white space would be read as two, or begin a line of its own.
  const parsed = lines.flat().some((item) => item === '' || /[ \t\n]/.test(item)) ? undefined : parseLogPolicy(text);
  if (!parsed?.ok) throw new TypeError(`policy: could not be read back${parsed ? ` (${parsed.detail})` : ''}`);
  return text;
}

/**
 * The policy of someone who pins keys of logs and asks for no witness: `quorum none`.
 *
 * @param logKeys vkeys; one that is repeated counts once. @throws TypeError for one that is none.
 */
export function bareKeyPolicy(logKeys: readonly string[]): LogPolicy {
  const keys = logKeys.map((vkey, index) => {
    const key = parseVkey(vkey);
    if (!key.ok) throw new TypeError(`logKeys[${index}]: ${key.detail}`);
    return { vkey, key: key.value };
  });
  const logs = [...new Map(keys.map(({ vkey, key }) => [vkey, { key }])).values()];
  return { logs, witnesses: [], groups: [], quorum: NO_QUORUM };
}

function readLog(draft: Draft, [vkey, url, ...rest]: readonly string[], sha: Sha256): Failure | undefined {
  if (vkey === undefined || rest.length > 0) return malformed('not "log <vkey> [<url>]"');
  if (draft.logs.length === MAX_OF_A_KIND) return tooMany('logs');
  const key = parseVkey(vkey, sha);
  if (!key.ok) return key;
  // The same key under two names is a duplicate too: its checkpoints would be good for both.
  if (draft.logs.some((log) => log.key.publicKey.keyid === key.value.publicKey.keyid)) {
    return malformed('a log with the same public key stands above');
  }
  draft.logs.push({ key: key.value, ...(url !== undefined && { url }) });
  return undefined;
}

function readWitness(draft: Draft, [name, vkey, url, ...rest]: readonly string[], sha: Sha256): Failure | undefined {
  if (name === undefined || vkey === undefined || rest.length > 0)
    return malformed('not "witness <name> <vkey> [<url>]"');
  if (draft.witnesses.length === MAX_OF_A_KIND) return tooMany('witnesses');
  if (draft.names.has(name)) return malformed(`the name ${quote(name)} is taken`);
  const key = parseCosignerVkey(vkey, sha);
  if (!key.ok) return key;
  // One signature must not count as two witnesses. (Types differ in the length of their keys.)
  const raw = String(key.value.raw);
  if (draft.witnesses.some((witness) => String(witness.key.raw) === raw)) {
    return malformed('a witness with the same public key stands above');
  }
  draft.names.add(name);
  draft.witnesses.push({ name, key: key.value, ...(url !== undefined && { url }) });
  return undefined;
}

function readGroup(draft: Draft, [name, threshold, ...members]: readonly string[]): Failure | undefined {
  if (name === undefined || threshold === undefined || members.length === 0) {
    return malformed('not "group <name> all|any|<number> <name>…"');
  }
  if (draft.groups.length === MAX_OF_A_KIND) return tooMany('groups');
  if (draft.names.has(name)) return malformed(`the name ${quote(name)} is taken`);
  for (const member of members) {
    if (member === NO_QUORUM || !draft.names.has(member)) return malformed(`no ${quote(member)} stands above`);
    if (draft.members.has(member)) return malformed(`${quote(member)} is a member of a group already`);
    draft.members.add(member);
  }
  const number = threshold === 'any' ? ok(1) : threshold === 'all' ? ok(members.length) : parseDecimal(threshold);
  if (!number.ok || number.value < 1 || number.value > members.length) {
    return malformed(`the threshold is not all, any, or a number from 1 to ${members.length}`);
  }
  draft.names.add(name);
  draft.groups.push({ name, threshold: number.value, members });
  return undefined;
}

function readQuorum(draft: Draft, [name, ...rest]: readonly string[]): Failure | undefined {
  if (name === undefined || rest.length > 0) return malformed('not "quorum <name>"');
  if (draft.quorum !== undefined) return malformed('a second quorum line');
  if (!draft.names.has(name)) return malformed(`no ${quote(name)} stands above`);
  draft.quorum = name;
  return undefined;
}

/** Tab, newline, and everything from the space up but for DEL. */
function isPolicyText(text: string): boolean {
  if (hasLoneSurrogate(text)) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if ((unit < 0x20 && unit !== 0x09 && unit !== 0x0a) || unit === 0x7f) return false;
  }
  return true;
}

function withUrl(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [url];
}

function quote(name: string): string {
  return JSON.stringify(name.length > 128 ? `${name.slice(0, 128)}…` : name);
}

function tooMany(what: string): Failure {
  return fail('too_large', `over ${MAX_OF_A_KIND} ${what}`);
}

function malformed(detail: string): Failure {
  return fail('log_policy_malformed', detail);
}

import { formatVkey, NO_QUORUM, parseLogPolicy, parseVkey } from '@assent/verifier';
import { SERVER_ANSWERED } from '../../words/common.ts';

/** What this origin's log says about itself. It is the log's own word: a reader who doubts the log pins its key. */
export type ServedLog = {
  readonly origin: string;
  readonly vkeys: readonly string[];
  /** Keys that it signed with once, and until when (RFC 3339). */
  readonly retired: readonly { readonly vkey: string; readonly until: string }[];
  readonly size: number;
  /** A tlog-policy, where the log has witnesses that its receipts wait for. */
  readonly policy?: string;
};

/** What this page's log answers to a GET, as JSON; undefined if it does not, or answers something else. */
export async function askLog(path: string): Promise<unknown> {
  try {
    const response = await fetch(path, { headers: { accept: 'application/json' } });
    return response.ok ? await response.json() : undefined;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined; // offline, or not JSON
    throw error;
  }
}

/** The entries that a search of the log finds, unread; undefined as above. */
export async function searchLog(query: string): Promise<readonly unknown[] | undefined> {
  const page = await askLog(`/api/v1/entries?${query}`);
  const entries = typeof page === 'object' && page !== null && 'entries' in page ? page.entries : undefined;
  return Array.isArray(entries) ? entries : undefined;
}

/** Undefined if the log cannot be asked, or answers something else: the page then needs a pinned key. */
export async function fetchServedLog(): Promise<ServedLog | undefined> {
  return readServedLog(await askLog('/api/v1/log'));
}

function readServedLog(value: unknown): ServedLog | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { origin, vkeys, size, witnesses, retired }: { readonly [name: string]: unknown } = { ...value };
  if (typeof origin !== 'string' || !Array.isArray(vkeys) || !Number.isSafeInteger(size)) return undefined;
  // A key that cannot be read is no key; the verifier takes it for a mistake of its caller.
  const usable = vkeys.filter(isVkey);
  if (usable.length === 0) return undefined;
  const policy = readPolicy(witnesses, usable);
  return {
    origin,
    vkeys: usable,
    retired: Array.isArray(retired) ? retired.filter(isRetired) : [],
    size: Number(size),
    ...(policy !== undefined && { policy }),
  };
}

function isVkey(value: unknown): value is string {
  return typeof value === 'string' && parseVkey(value).ok;
}

function isRetired(value: unknown): value is ServedLog['retired'][number] {
  const { vkey, until }: { vkey?: unknown; until?: unknown } = { ...Object(value) };
  return isVkey(vkey) && typeof until === 'string' && Date.parse(until) > 0;
}

/** Undefined if it asks for no witness, or is not about this log's keys: then it says nothing that could be checked. */
function readPolicy(witnesses: unknown, vkeys: readonly string[]): string | undefined {
  const text =
    typeof witnesses === 'object' && witnesses !== null && 'policy' in witnesses ? witnesses.policy : undefined;
  const policy = typeof text === 'string' ? parseLogPolicy(text) : undefined;
  if (typeof text !== 'string' || policy?.ok !== true || policy.value.quorum === NO_QUORUM) return undefined;
  const listed = policy.value.logs.map(({ key }) => formatVkey(key.name, key.publicKey.raw));
  return vkeys.every((vkey) => listed.includes(vkey)) ? text : undefined;
}

/** Why the log did not answer, in words for the person who asked. */
export async function problemText(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    if (typeof problem === 'object' && problem !== null && 'detail' in problem && typeof problem.detail === 'string') {
      return problem.detail;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // no JSON: the status has to do
  }
  return `${SERVER_ANSWERED} ${response.status}.`;
}

import { parseVkey } from '@assent/verifier';

/** What this origin's log says about itself. It is the log's own word: a reader who doubts the log pins its key. */
export type ServedLog = { readonly origin: string; readonly vkeys: readonly string[]; readonly size: number };

/** Undefined if the log cannot be asked, or answers something else: the page then needs a pinned key. */
export async function fetchServedLog(): Promise<ServedLog | undefined> {
  try {
    const response = await fetch('/api/v1/log', { headers: { accept: 'application/json' } });
    return response.ok ? readServedLog(await response.json()) : undefined;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined; // offline, or not JSON
    throw error;
  }
}

function readServedLog(value: unknown): ServedLog | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { origin, vkeys, size }: { origin?: unknown; vkeys?: unknown; size?: unknown } = value;
  if (typeof origin !== 'string' || !Array.isArray(vkeys) || !Number.isSafeInteger(size)) return undefined;
  // A key that cannot be read is no key; the verifier takes it for a mistake of its caller.
  const usable = vkeys.filter((vkey): vkey is string => typeof vkey === 'string' && parseVkey(vkey).ok);
  return usable.length > 0 ? { origin, vkeys: usable, size: Number(size) } : undefined;
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
  return `The server answered ${response.status}.`;
}

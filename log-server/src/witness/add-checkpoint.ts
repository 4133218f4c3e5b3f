/**
 * The call `add-checkpoint` of C2SP tlog-witness (https://c2sp.org/tlog-witness): what is sent, and what comes back.
 *
 *     POST <submission prefix>/add-checkpoint        200: note signature lines, the witness's cosignatures
 *                                                    409, text/x.tlog.size: "20852014\n", the size that it cosigned last
 *     old 20852014
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=   consistency proof, at most 63 lines
 *
 *     example.com/behind-the-sofa                    the signed checkpoint
 *     …
 *
 * And `GET <monitoring prefix>/<SHA-256 of the origin in hex>/checkpoint`, its "Monitor Retrieval Mechanism". The policy
 * file names one prefix per witness, so both are taken to be the same.
 */
import { base64Encode, parseDecimal, utf8Decode } from '@assent/verifier';

const MAX_PROOF = 63;
/** Some cosignature lines; one with ML-DSA-44 takes 3.3 kB. */
const MAX_ANSWER_BYTES = 64 * 1024;

export type WitnessAnswer = {
  readonly status: number;
  /** Media type without parameters, lower case. */
  readonly contentType: string;
  readonly text: string;
  /** Seconds that it asks to wait. */
  readonly retryAfter?: number;
};

export type CallFailure = { readonly failure: 'unreachable' | 'timeout' | 'invalid'; readonly detail: string };

/** @throws RangeError for a proof that the specification does not let a client send. */
export function formatAddCheckpoint(oldSize: number, proof: readonly Uint8Array[], checkpoint: string): string {
  if (proof.length > MAX_PROOF) throw new RangeError(`proof: over ${MAX_PROOF} hashes`);
  return `old ${oldSize}\n${proof.map((hash) => `${base64Encode(hash)}\n`).join('')}\n${checkpoint}`;
}

/** The size in a 409, or undefined when the answer holds none in the form that the specification asks for. */
export function conflictSize({ contentType, text }: WitnessAnswer): number | undefined {
  if (contentType !== 'text/x.tlog.size' || !text.endsWith('\n')) return undefined;
  const size = parseDecimal(text.slice(0, -1));
  return size.ok ? size.value : undefined;
}

export function postCheckpoint(
  prefix: string,
  body: string,
  signal: AbortSignal,
): Promise<WitnessAnswer | CallFailure> {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return call(`${prefix}/add-checkpoint`, { method: 'POST', body, headers }, signal);
}

export function getCheckpoint(
  prefix: string,
  originHash: string,
  signal: AbortSignal,
): Promise<WitnessAnswer | CallFailure> {
  return call(`${prefix}/${originHash}/checkpoint`, { method: 'GET' }, signal);
}

/** Never rejects. No redirect is followed: the operator named this address, and another one is not asked in its name. */
async function call(url: string, init: RequestInit, signal: AbortSignal): Promise<WitnessAnswer | CallFailure> {
  try {
    const response = await fetch(url, {
      ...init,
      // Compressed answers could unfold beyond every limit, and there is nothing to gain with a few lines.
      headers: { accept: 'text/plain, text/x.tlog.size', 'accept-encoding': 'identity', ...init.headers },
      redirect: 'manual',
      signal,
    });
    const bytes = await readAtMost(response, MAX_ANSWER_BYTES);
    if (bytes === undefined) return { failure: 'invalid', detail: `it answered with over ${MAX_ANSWER_BYTES} bytes` };
    const text = utf8Decode(bytes);
    if (!text.ok) return { failure: 'invalid', detail: 'it answered with what is not UTF-8' };
    const contentType = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
    const retryAfter = parseDecimal(response.headers.get('retry-after') ?? '');
    return {
      status: response.status,
      contentType,
      text: text.value,
      ...(retryAfter.ok && { retryAfter: retryAfter.value }),
    };
  } catch (error) {
    if (signal.aborted) return { failure: 'timeout', detail: 'it did not answer in time' };
    return { failure: 'unreachable', detail: codeOf(error) };
  }
}

async function readAtMost(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `fetch` hides the reason in the cause. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : 'the request failed';
}

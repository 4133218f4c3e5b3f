import { MaintenanceFailure } from './maintenance-failure.ts';

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;

/**
 * What a static server or a log has at an address, at most `most` bytes; undefined where it has nothing (404, 410, 451).
 * Throws {MaintenanceFailure} `unreachable`, after three attempts, and `refused` for a body that is longer.
 */
export async function fetchBytes(url: string, most: number): Promise<Uint8Array | undefined> {
  let failure: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if ([404, 410, 451].includes(response.status)) return undefined;
      if (response.ok) return await readBody(response, url, most);
      failure = new Error(`status ${response.status}`);
    } catch (error) {
      if (error instanceof MaintenanceFailure) throw error;
      failure = error;
    }
  }
  const why = failure instanceof Error ? failure.message : 'unknown error';
  throw new MaintenanceFailure('unreachable', `${url} does not answer: ${why}.`, { cause: failure });
}

/** Counted while it arrives: whoever serves it may not stop. */
async function readBody(response: Response, url: string, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    const bytes: Uint8Array = chunk;
    length += bytes.length;
    if (length > most) throw new MaintenanceFailure('refused', `${url} serves more than ${most} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

import { parseVkey } from '@assent/verifier';

const STORAGE_NAME = 'assent.seen-head';

/** What this browser keeps of the log: a head that the log signed, and the keys that it is known by. */
export type SeenHead = {
  readonly origin: string;
  readonly vkeys: readonly string[];
  /** The signed note, verbatim: evidence, if the log ever contradicts it. */
  readonly checkpoint: string;
  readonly size: number;
  /** ms since the epoch, by this browser's clock. */
  readonly at: number;
};

/** `undefined`: nothing yet, or nothing that can be used. `unavailable`: the browser keeps nothing for this page. */
export function readSeen(): SeenHead | undefined | 'unavailable' {
  const stored = withStorage((storage) => storage.getItem(STORAGE_NAME));
  if (stored === 'unavailable') return stored;
  return stored.value === null ? undefined : parseSeen(stored.value);
}

export function writeSeen(seen: SeenHead | undefined): void {
  withStorage((storage) => {
    if (seen === undefined) storage.removeItem(STORAGE_NAME);
    else storage.setItem(STORAGE_NAME, JSON.stringify(seen));
  });
}

/** A browser may forbid storage. */
function withStorage<T>(use: (storage: Storage) => T): { readonly value: T } | 'unavailable' {
  try {
    return { value: use(localStorage) };
  } catch (error) {
    if (error instanceof DOMException) return 'unavailable';
    throw error;
  }
}

/** Strictly: what another page of this origin wrote must not become a memory. */
export function parseSeen(text: string): SeenHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { origin, vkeys, checkpoint, size, at } = value as Partial<Record<keyof SeenHead, unknown>>;
  if (typeof origin !== 'string' || typeof checkpoint !== 'string') return undefined;
  if (!Number.isSafeInteger(size) || Number(size) < 0 || !Number.isSafeInteger(at)) return undefined;
  if (!Array.isArray(vkeys) || vkeys.length === 0) return undefined;
  const known = vkeys.filter((vkey): vkey is string => {
    const parsed = typeof vkey === 'string' ? parseVkey(vkey) : undefined;
    return parsed?.ok === true && parsed.value.name === origin;
  });
  return known.length === vkeys.length
    ? { origin, vkeys: known, checkpoint, size: Number(size), at: Number(at) }
    : undefined;
}

import { formatVkey, parseLogPolicy, parseVkey } from '@assent/verifier';

/** Where /verify keeps what the visitor pins. */
export const PINS_STORAGE = 'assent.pins';

type Stored = { readonly [name: string]: unknown };

/** By their names, nothing of it checked. */
export function readStoredPins(): Stored {
  return storedObject(PINS_STORAGE);
}

/** What the browser keeps under this name; empty where it forbids storage. */
export function storedObject(name: string): Stored {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? '{}');
    return typeof kept === 'object' && kept !== null ? { ...kept } : {};
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The log keys that the visitor pinned, by themselves or in a log policy; what cannot be read is none. */
export function pinnedLogKeys({ logKey, logPolicy }: Stored): readonly string[] {
  if (typeof logKey === 'string') return logKey.split('\n').filter((vkey) => parseVkey(vkey).ok);
  const policy = typeof logPolicy === 'string' ? parseLogPolicy(logPolicy) : undefined;
  return policy?.ok === true ? policy.value.logs.map(({ key }) => formatVkey(key.name, key.publicKey.raw)) : [];
}

import { hash, randomBytes } from 'node:crypto';

/** An API key taken apart. The text itself is shown once and stored nowhere. */
export type ApiKeyText = {
  /** 8 hexadecimal digits; public, names the key in lists. */
  readonly id: string;
  /** SHA-256 of the whole text, 32 bytes: what the database holds. The secret has 256 bits, so no salt or slow hash. */
  readonly hash: Uint8Array;
};

const PATTERN = /^assent_([0-9a-f]{8})_[A-Za-z0-9_-]{43}$/;

/** `assent_<8 hex digits>_<base64url of 32 random bytes>`; the prefix lets scanners find keys that leaked into code. */
export function createApiKeyText(): string {
  return `assent_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`;
}

/** @returns undefined if the text has not the form of a key */
export function parseApiKeyText(text: string): ApiKeyText | undefined {
  const id = PATTERN.exec(text)?.[1];
  return id === undefined ? undefined : { id, hash: new Uint8Array(hash('sha256', text, 'buffer')) };
}

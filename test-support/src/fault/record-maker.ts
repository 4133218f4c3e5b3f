import { createApproval, createServiceKey } from '../approvals.ts';
import { createAuthenticator } from '../authenticator.ts';
import type { Random } from './run-parameters.ts';

/** A submission that any log of that origin must take. */
export type TestRecord = {
  /** `sha256:<hex>` of the statement. */
  readonly digest: string;
  /** The body of `POST /api/v1/entries`. */
  readonly body: string;
};

/** Makes approvals without end: signed by passkeys of both common kinds, by keys, by both; some with their intent. */
export function createRecordMaker(origin: string, random: Random): () => TestRecord {
  const passkeys = [createAuthenticator({ algorithm: 'ES256' }), createAuthenticator({ algorithm: 'EdDSA' })];
  const keys = [createServiceKey('ed25519'), createServiceKey('es256')];
  const pick = <T>(items: readonly T[]): T => items[random.integer(0, items.length - 1)]!;
  return () => {
    const kind = random.next();
    const { envelope, intent, digest } = createApproval({
      origin,
      ...(kind < 0.7 && { authenticator: pick(passkeys) }),
      ...(kind >= 0.6 && { serviceKey: pick(keys) }),
      overrides: { decision: random.next() < 0.9 ? 'approved' : 'rejected' },
    });
    const revealed = random.next() < 0.2;
    const body = { kind: 'approval', content: envelope, ...(revealed && { visibility: 'revealed', intent }) };
    return { digest, body: JSON.stringify(body) };
  };
}

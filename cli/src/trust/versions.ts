/** Versions of a trust root in a file: a JSON list of `{ envelope, members, salt }`, as receipts carry it and verifiers take it. */
import {
  type Json,
  type JsonObject,
  parseEnvelope,
  parseTrustRoot,
  trustRootDigest,
  verifyTrustRoot,
} from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import type { TrustVersions } from './draft.ts';
import { trustRefusal } from './refusal.ts';

/** From version 1 up, whatever that one's digest is: whoever pins a root id compares it with the chain's. */
export async function verifyVersions(versions: readonly Json[], file: string): Promise<TrustVersions> {
  const items = versions.filter((item): item is JsonObject => isObject(item));
  const rootId = items.map(digestOfFirst).find((digest) => digest !== undefined);
  if (rootId === undefined || items.length !== versions.length) {
    const message = `${file} holds no versions of a trust root from version 1 up, as {envelope, members, salt}`;
    throw new CommandFailure('file_malformed', message);
  }
  const verified = await verifyTrustRoot(rootId, items);
  if (!verified.ok) {
    const { code, detail } = verified;
    throw trustRefusal(`the versions of the trust root in ${file} do not hold`, { code, detail });
  }
  return { items, verified: verified.value };
}

export function formatVersions(items: readonly JsonObject[]): string {
  return `${JSON.stringify(items, null, 2)}\n`;
}

/** If it is version 1. */
function digestOfFirst({ envelope }: JsonObject): string | undefined {
  const read = parseEnvelope(envelope ?? null);
  const trustRoot = read.ok ? parseTrustRoot(read.value.payload) : read;
  return read.ok && trustRoot.ok && trustRoot.value.version === 1 ? trustRootDigest(read.value.payload) : undefined;
}

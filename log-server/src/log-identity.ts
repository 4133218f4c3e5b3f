import { ed25519Spki, keyidOf } from '@assent/verifier';
import type { LogState } from './log-timeline.ts';

/** Who signs a log's heads, and whether it has ended; times in ms since the epoch. */
export type LogIdentity = {
  /** Of the keys that sign; two during a rotation, the older one first. */
  readonly vkeys: readonly string[];
  /** `sha256:<hex>`, the LogID of RFC 6962 §3.2: of the SPKI of the key that signs tree heads, the older one. */
  readonly logId: string;
  /** During a rotation: the key that will sign alone, and since when it signs as well. */
  readonly successor: { readonly vkey: string; readonly since: number } | undefined;
  readonly retired: readonly { readonly vkey: string; readonly until: number }[];
  readonly closed:
    | { readonly at: number; readonly successor: string | undefined; readonly reason: string | undefined }
    | undefined;
};

export function describeIdentity(state: LogState, vkeyOf: (publicKey: Uint8Array) => string): LogIdentity {
  const { current, successor, retired, closed } = state;
  const next = successor && { vkey: vkeyOf(successor.publicKey), since: successor.at };
  return {
    vkeys: [vkeyOf(current), ...(next === undefined ? [] : [next.vkey])],
    logId: keyidOf(ed25519Spki(current)),
    successor: next,
    retired: retired.map(({ publicKey, at }) => ({ vkey: vkeyOf(publicKey), until: at })),
    closed: closed && { at: closed.at, successor: closed.successor, reason: closed.reason },
  };
}

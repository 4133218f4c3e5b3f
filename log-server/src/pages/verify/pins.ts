/**
 * What the visitor trusts, kept in the browser: a log key, a log policy with witnesses, a trust root, an approval policy. What is
 * not pinned is either taken from the log that serves this page, and called its own word, or not checked at all.
 */
import {
  canonicalJson,
  fail,
  formatVkey,
  type Json,
  type LogPolicy,
  NO_QUORUM,
  ok,
  parseJson,
  parseLogPolicy,
  parsePolicy,
  parseVkey,
  type Result,
  trustRootDigest,
  type VerifyOptions,
  verifyTrustRoot,
} from '@assent/verifier';
import { PINS } from '../../words/verify.ts';
import { bytesAt, memberOf, objectAt } from '../shared/json-members.ts';
import type { ServedLog } from '../shared/served-log.ts';

/** Each as text, as it was given: a vkey, a tlog-policy, versions of a trust root or a root id, a policy's JSON. */
export type PinName = 'logKey' | 'logPolicy' | 'trustRoot' | 'approvalPolicy';
export type Pins = { readonly [name in PinName]?: string };

export const PIN_NAMES: readonly PinName[] = ['logKey', 'logPolicy', 'trustRoot', 'approvalPolicy'];

/** A pin that was read: good, in the form that is kept. */
type Readers = { readonly [name in PinName]: (text: string, others: Pins) => Promise<Result<string>> };

const MAX_JSON = { maxBytes: 16 * 1024 * 1024, maxDepth: 64 } as const;

const READERS: Readers = {
  logKey: async (text, { logPolicy }) => {
    const vkeys = text.trim().split(/\s+/);
    const policy = logPolicy === undefined ? undefined : policyOf(logPolicy);
    for (const vkey of vkeys) {
      const key = parseVkey(vkey);
      if (!key.ok) return key;
      if (policy !== undefined && !lists(policy, vkey)) return fail('vkey_malformed', PINS.otherPolicy);
    }
    return ok(vkeys.join('\n'));
  },
  logPolicy: async (text, { logKey }) => {
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    const policy = parseLogPolicy(whole);
    if (!policy.ok) return policy;
    return !keysOf(logKey).every((vkey) => lists(policy.value, vkey))
      ? fail('log_policy_malformed', PINS.otherKey)
      : ok(whole);
  },
  trustRoot: async (text) => {
    const pinned = await readTrustRoot(text);
    return pinned.ok ? ok(pinned.value.kept) : pinned;
  },
  approvalPolicy: async (text) => {
    const policy = parsePolicy(text);
    return policy.ok ? ok(text.trim()) : policy;
  },
};

/** Fails with the verifier's own reason if `text` is no such pin, or contradicts another one. */
export function readPin(name: PinName, text: string, others: Pins): Promise<Result<string>> {
  return READERS[name](text, others);
}

/** @param served of the log that this page is from; undefined in a saved copy, and when the log is silent. */
export async function optionsOf(pins: Pins, served: ServedLog | undefined): Promise<VerifyOptions> {
  const trustRoot = pins.trustRoot === undefined ? undefined : await readTrustRoot(pins.trustRoot);
  return {
    ...logOptions(pins, served),
    ...(trustRoot?.ok && { trustRoot: trustRoot.value.pinned }),
    ...(pins.approvalPolicy !== undefined && { approvalPolicy: pins.approvalPolicy }),
  };
}

function logOptions(pins: Pins, served: ServedLog | undefined): VerifyOptions {
  const { logKey, logPolicy } = pins;
  if (logPolicy !== undefined) {
    const logKeys = namesLog(pins) ? keysOf(logKey) : (served?.vkeys ?? []);
    return { logKeys, logPolicy };
  }
  if (logKey !== undefined) return { logKeys: keysOf(logKey) };
  if (served === undefined) return {};
  return { logKeys: served.vkeys, ...(served.policy !== undefined && { logPolicy: served.policy }) };
}

/** The same for a receipt that a key signed which the log has replaced, and which counts for this receipt. */
export function retiredOptions(options: VerifyOptions, vkey: string): VerifyOptions {
  const policy = typeof options.logPolicy === 'string' ? policyOf(options.logPolicy) : undefined;
  // The log's policy names its keys of now; the witnesses that it asks for are the same.
  return { ...options, logKeys: [vkey], ...(policy && { logPolicy: { ...policy, logs: [] } }) };
}

function namesLog({ logKey, logPolicy = '' }: Pins): boolean {
  return logKey !== undefined || (policyOf(logPolicy)?.logs.length ?? 0) > 0;
}

/** Whose word the check of the log rests on. */
export function sourceOfLog(pins: Pins, served: ServedLog | undefined): 'pinned' | 'served' | 'none' {
  return namesLog(pins) ? 'pinned' : served === undefined ? 'none' : 'served';
}

/** Of a log that has replaced its key one pins both, each on a line. */
export function keysOf(logKey = ''): readonly string[] {
  return logKey === '' ? [] : logKey.split('\n');
}

export function policyOf(text: string): LogPolicy | undefined {
  const policy = parseLogPolicy(text);
  return policy.ok ? policy.value : undefined;
}

/** Whether it is pinned, and the log says something else. */
export function differsFrom(name: PinName, { logKey, logPolicy }: Pins, served: ServedLog | undefined): boolean {
  if (served === undefined) return false;
  if (name === 'logKey') {
    const keys = keysOf(logKey);
    return keys.length > 0 && !served.vkeys.some((vkey) => keys.includes(vkey));
  }
  return (
    name === 'logPolicy' &&
    logPolicy !== undefined &&
    served.policy !== undefined &&
    orderless(served.policy) !== orderless(logPolicy)
  );
}

/** The lines of a log policy that say something, in whatever order they stand. */
function orderless(policy: string): string {
  const lines = policy.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .sort()
    .join('\n');
}

/** How many of how many witnesses a policy asks for, where that says all of it: there may be groups within groups. */
export function quorumText({ quorum, witnesses, groups }: LogPolicy): string {
  const isWitness = (name: string) => witnesses.some((witness) => witness.name === name);
  if (quorum === NO_QUORUM) return PINS.policyNone;
  if (isWitness(quorum)) return PINS.policyAsks(1, 1);
  const group = groups.find(({ name }) => name === quorum);
  return group?.members.every(isWitness) ? PINS.policyAsks(group.threshold, group.members.length) : PINS.policyGroups;
}

/** Those that are counted on, as `name+key id`: under these they sign. */
export function witnessesOf({ logPolicy = '' }: VerifyOptions): readonly string[] {
  const policy = typeof logPolicy === 'string' ? policyOf(logPolicy) : logPolicy;
  return (policy?.witnesses ?? []).map(({ key }) => `${key.name}+${key.keyId}`);
}

/** A policy that lists no log accepts any whose key is given. */
function lists({ logs }: LogPolicy, vkey: string): boolean {
  return logs.length === 0 || logs.some(({ key }) => formatVkey(key.name, key.publicKey.raw) === vkey);
}

export type PinnedTrust = {
  readonly rootId: string;
  /** Absent where the root id alone is pinned. */
  readonly newest?: {
    readonly name: string;
    readonly version: number;
    readonly expires_at: string;
    readonly people: number;
    /** Of those in charge of it. */
    readonly rootKeys: readonly string[];
  };
};
type ReadTrust = PinnedTrust & { readonly kept: string; readonly pinned: NonNullable<VerifyOptions['trustRoot']> };

/**
 * A root id, or a list of versions: `[{ envelope, members, salt }, …]`, whose version 1 then says the root id. The
 * visitor has to compare that id with what the organization publishes; nobody else can.
 */
export async function readTrustRoot(text: string): Promise<Result<ReadTrust>> {
  const id = text.trim();
  if (/^sha256:[0-9a-f]{64}$/.test(id)) return ok({ rootId: id, kept: id, pinned: { rootId: id } });
  const json = parseJson(text, MAX_JSON);
  if (!json.ok) return json;
  const versions = Array.isArray(json.value) ? json.value : [json.value];
  const rootId = firstDigest(versions);
  if (rootId === undefined) return fail('trust_chain_broken', PINS.noFirstVersion);
  const verified = await verifyTrustRoot(rootId, versions);
  if (!verified.ok) return verified;
  const { chain, payloads } = verified.value;
  const { name, version, expires_at, members } = chain.versions.at(-1) ?? chain.versions[0];
  return ok({
    rootId,
    newest: {
      name,
      version,
      expires_at,
      people: members.approvers.size,
      rootKeys: [...(payloads.at(-1) ?? payloads[0]).root.keys.keys()],
    },
    kept: canonicalJson(versions),
    pinned: verified.value,
  });
}

/** Of the payload that names no version before it. */
function firstDigest(versions: readonly Json[]): string | undefined {
  for (const version of versions) {
    const bytes = bytesAt(objectAt(version, 'envelope'), 'payload');
    const root = bytes && parseJson(bytes, MAX_JSON);
    if (bytes !== undefined && root?.ok === true && memberOf(root.value, 'version') === 1)
      return trustRootDigest(bytes);
  }
  return undefined;
}

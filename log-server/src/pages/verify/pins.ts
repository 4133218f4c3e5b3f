/**
 * What the visitor trusts, kept in the browser: a log key, a log policy with witnesses, a trust root, an approval policy. What is
 * not pinned is either taken from the log that serves this page, and called its own word, or not checked at all.
 */
import {
  base64Decode,
  canonicalJson,
  fail,
  formatVkey,
  type Json,
  type JsonObject,
  type LogPolicy,
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
    const key = parseVkey(text.trim());
    if (!key.ok) return key;
    const policy = logPolicy === undefined ? undefined : policyOf(logPolicy);
    return policy !== undefined && !lists(policy, text.trim())
      ? fail('vkey_malformed', 'the log policy that you pinned does not list this log')
      : ok(text.trim());
  },
  logPolicy: async (text, { logKey }) => {
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    const policy = parseLogPolicy(whole);
    if (!policy.ok) return policy;
    return logKey !== undefined && !lists(policy.value, logKey)
      ? fail('log_policy_malformed', 'it does not list the log whose key you pinned: remove that key first')
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

function logOptions({ logKey, logPolicy }: Pins, served: ServedLog | undefined): VerifyOptions {
  if (logPolicy !== undefined) {
    const named = (policyOf(logPolicy)?.logs.length ?? 0) > 0;
    const logKeys = logKey !== undefined ? [logKey] : named ? [] : (served?.vkeys ?? []);
    return { logKeys, logPolicy };
  }
  if (logKey !== undefined) return { logKeys: [logKey] };
  if (served === undefined) return {};
  return { logKeys: served.vkeys, ...(served.policy !== undefined && { logPolicy: served.policy }) };
}

/** Whose word the check of the log rests on. */
export function sourceOfLog({ logKey, logPolicy }: Pins, served: ServedLog | undefined): 'pinned' | 'served' | 'none' {
  const named = logKey !== undefined || (logPolicy !== undefined && (policyOf(logPolicy)?.logs.length ?? 0) > 0);
  return named ? 'pinned' : served === undefined ? 'none' : 'served';
}

export function policyOf(text: string): LogPolicy | undefined {
  const policy = parseLogPolicy(text);
  return policy.ok ? policy.value : undefined;
}

/** A policy that lists no log accepts any whose key is given. */
function lists({ logs }: LogPolicy, vkey: string): boolean {
  return logs.length === 0 || logs.some(({ key }) => formatVkey(key.name, key.publicKey.raw) === vkey);
}

/** Names of the logs that are accepted. */
export function logNames(options: VerifyOptions): readonly string[] {
  const keys = (options.logKeys ?? []).map((vkey) => vkey.slice(0, vkey.indexOf('+')));
  const policy = typeof options.logPolicy === 'string' ? policyOf(options.logPolicy) : undefined;
  return [...new Set([...keys, ...(policy?.logs ?? []).map(({ key }) => key.name)])];
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
  if (rootId === undefined) return fail('trust_chain_broken', 'there is no version 1 of a trust root in it');
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
    const payload = memberOf(memberOf(version, 'envelope'), 'payload');
    const bytes = typeof payload === 'string' ? base64Decode(payload) : undefined;
    const root = bytes?.ok === true ? parseJson(bytes.value, MAX_JSON) : undefined;
    if (bytes?.ok === true && root?.ok === true && memberOf(root.value, 'version') === 1)
      return trustRootDigest(bytes.value);
  }
  return undefined;
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What a caller pins about logs, from the two ways to say it: bare log keys, or a log policy (formats.md §5 and §11).
 *
 * A policy says which logs are accepted and which witnesses are asked for. Log keys beside it say which of its logs is
 * meant; a policy that lists none gets its log from them. They never widen it: a key that the policy does not list is a
 * contradiction between two things that the caller pinned, and the caller has to settle it.
 */
import { bareKeyPolicy, type LogPolicy, parseLogPolicy } from './log-policy.ts';
import type { NoteVerifier } from './vkey.ts';

export type PinnedLogs = {
  /** Whose checkpoints are accepted. None: nothing was pinned, and no checkpoint can be. */
  readonly logKeys: readonly NoteVerifier[];
  /** Every log key that the caller has named, accepted or not. */
  readonly knownLogKeys: readonly NoteVerifier[];
  readonly policy: LogPolicy;
};

/** @throws TypeError for a key or a policy that is none, and for a key that the policy does not list. */
export function pinLogs(logKeys: readonly string[] = [], logPolicy?: string | LogPolicy): PinnedLogs {
  const bare = bareKeyPolicy(logKeys);
  const keys = bare.logs.map(({ key }) => key);
  if (logPolicy === undefined) return { logKeys: keys, knownLogKeys: keys, policy: bare };
  const policy = typeof logPolicy === 'string' ? readPolicy(logPolicy) : logPolicy;
  // From JavaScript: what the compiler would have refused is a mistake to be named all the same.
  if (!Array.isArray(policy?.logs)) throw new TypeError('logPolicy: neither text nor a log policy that was parsed');
  const listed = policy.logs.map(({ key }) => key);
  if (keys.length === 0) return { logKeys: listed, knownLogKeys: listed, policy };
  const isListed = (key: NoteVerifier) =>
    listed.some(({ name, publicKey }) => name === key.name && publicKey.keyid === key.publicKey.keyid);
  const unlisted = keys.find((key) => !isListed(key));
  if (listed.length > 0 && unlisted !== undefined) {
    throw new TypeError(`logKeys: logPolicy lists logs, and not this key of ${unlisted.name}`);
  }
  return { logKeys: keys, knownLogKeys: [...listed, ...keys], policy };
}

function readPolicy(text: string): LogPolicy {
  const policy = parseLogPolicy(text);
  if (!policy.ok) throw new TypeError(`logPolicy: ${policy.detail}`);
  return policy.value;
}

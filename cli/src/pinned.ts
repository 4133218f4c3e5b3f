/** What the user pins about logs: keys, and a log policy, which names witnesses as well. */
import { formatVkey, type LogPolicy, parseLogPolicy } from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import { readInput } from './files/read-input.ts';
import type { LogClient, RetiredKey } from './http/log-client.ts';
import { fetchLogKeys, readPinnedKeys } from './log-keys.ts';

const MAX_POLICY_BYTES = 1024 * 1024;

/** As the verifier takes them. None of both: nothing is pinned. */
export type Pinned = {
  /** Of several, any may have signed. */
  readonly logKeys: readonly string[];
  readonly logPolicy?: LogPolicy;
  /**
   * Keys with which the log says that it signed once; only where the others are its own word as well. A head of now by one of
   * them is none.
   */
  readonly retiredKeys?: readonly RetiredKey[];
};

/** The keys of `--log-key`, else those of the policy's logs. A key that the policy does not list is refused. */
export async function readPinned(flags: {
  readonly logKey?: readonly string[];
  readonly logPolicy?: string;
}): Promise<Pinned> {
  const logKeys = await readPinnedKeys(flags.logKey ?? []);
  if (flags.logPolicy === undefined) return { logKeys };
  const logPolicy = await readLogPolicy(flags.logPolicy);
  const listed = logPolicy.logs.map(({ key }) => formatVkey(key.name, key.publicKey.raw));
  const unlisted = logKeys.find((key) => !listed.includes(key));
  if (listed.length > 0 && unlisted !== undefined) {
    throw new CommandFailure('usage', `${flags.logPolicy} lists logs, and not the one of --log-key ${unlisted}`);
  }
  return { logKeys: logKeys.length > 0 ? logKeys : listed, logPolicy };
}

/** With the keys that the log names itself, where none is pinned. */
export async function withLogKeys(pinned: Pinned, client: LogClient | undefined): Promise<Pinned> {
  if (pinned.logKeys.length > 0 || client === undefined) return pinned;
  const { vkeys, retired } = await fetchLogKeys(client);
  return { ...pinned, logKeys: vkeys, retiredKeys: retired };
}

/** For heads that were believed once, or are to be shown to contradict others: keys of the past are as good as those of now. */
export function withRetiredKeys({ retiredKeys = [], ...pinned }: Pinned): Pinned {
  return { ...pinned, logKeys: [...pinned.logKeys, ...retiredKeys.map(({ vkey }) => vkey)] };
}

async function readLogPolicy(path: string): Promise<LogPolicy> {
  const bytes = await readInput(path, MAX_POLICY_BYTES);
  if (bytes.length === 0) throw new CommandFailure('file_malformed', `${path} is no log policy: it is empty`);
  const policy = parseLogPolicy(bytes);
  if (policy.ok) return policy.value;
  throw new CommandFailure('file_malformed', `${path} is no log policy: ${policy.detail} (${policy.code})`);
}

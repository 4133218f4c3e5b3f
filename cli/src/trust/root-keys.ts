/** Who makes the next version. */
import { MAX_THRESHOLD, type PublicKey, type RootKeys } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';

export function rootKeys(keys: readonly PublicKey[], threshold: number): RootKeys {
  const byId = new Map(keys.map((key) => [key.keyid, key]));
  if (byId.size !== keys.length) throw new CommandFailure('usage', 'one root key was given twice');
  if (threshold > byId.size || threshold > MAX_THRESHOLD) {
    const most = Math.min(byId.size, MAX_THRESHOLD);
    throw new CommandFailure(
      'usage',
      `the threshold is ${threshold}, and of ${byId.size} root keys at most ${most} can be asked for`,
    );
  }
  return { keys: byId, threshold };
}

/** @param removed keyids. */
export function rotateRoot(
  { keys, threshold }: RootKeys,
  added: readonly PublicKey[],
  removed: readonly string[],
  newThreshold: number | undefined,
): RootKeys {
  const unknown = removed.find((keyid) => !keys.has(keyid));
  if (unknown !== undefined) throw new CommandFailure('usage', `--remove: ${unknown} is none of the root keys`);
  const kept = [...keys.values()].filter(({ keyid }) => !removed.includes(keyid));
  return rootKeys([...kept, ...added], newThreshold ?? threshold);
}

import { equalBytes } from '@assent/verifier';
import { activeKeys, type LogState } from './log-timeline.ts';
import { WrongLog } from './store/wrong-log.ts';

/**
 * A process signs with every active key or not at all: one that held only some would sign other bytes than its peers.
 * Keys are told by what they are, not by the setting that named their file: after a rotation the files may stay where they
 * are until the next restart.
 *
 * @param held public keys that this process can sign with
 * @throws {WrongLog} that says which file is needed
 */
export function checkHeldKeys(
  state: LogState,
  held: readonly Uint8Array[],
  vkeyOf: (publicKey: Uint8Array) => string,
): void {
  const holds = (key: Uint8Array): boolean => held.some((candidate) => equalBytes(candidate, key));
  const missing = activeKeys(state).filter((key) => !holds(key));
  if (missing.length === 0) return;
  const retired = state.retired.find(({ publicKey }) => holds(publicKey));
  if (missing.length === activeKeys(state).length) {
    throw new WrongLog(
      retired === undefined
        ? 'This database holds a log that signs with another key. Give the server the log key file that was made with it (ASSENT_LOG_KEY_FILE), or another database.'
        : `The log key ${vkeyOf(retired.publicKey)} was retired on ${new Date(retired.at).toISOString()}. This log signs with ${vkeyOf(state.current)} now: give the server the file of that key (ASSENT_LOG_KEY_FILE).`,
    );
  }
  throw new WrongLog(
    `A rotation of the log key is under way, in which each server signs with both keys, and this one holds one of them. Give it the file of ${missing.map(vkeyOf).join(', ')} too (ASSENT_LOG_KEY_FILE for the older key, ASSENT_NEXT_LOG_KEY_FILE for the newer).`,
  );
}

import { base64Encode } from '@assent/verifier';
import type { InitFlags, ServeFlags, ShowFlags } from '../commands/witness.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { safeText } from '../terminal/safe-text.ts';
import { serveWitness } from '../witness/serve-witness.ts';
import { loadWitnessKeys } from '../witness/witness-key.ts';
import { WitnessState } from '../witness/witness-state.ts';

export async function initWitness({ key, state, json }: InitFlags): Promise<ExitCode> {
  const keys = await loadWitnessKeys(key);
  const witnesses = keys.map(({ cosigner }) => cosigner.vkey);
  await WitnessState.create(state, witnesses);
  if (json) printJson({ type: 'assent/witness-init/v1', state, witnesses });
  say(`${state} is the memory of ${witnesses.join(', ')} from now on: never replace it by an older copy`);
  return EXIT.ok;
}

/** To be stopped is how it ends, so that is no failure. */
export async function runWitness({ key, state, logs, listen, metrics, json }: ServeFlags): Promise<ExitCode> {
  const options = {
    keyFiles: key,
    stateFolder: state,
    logsFile: logs,
    ...listen,
    ...(metrics && { metrics }),
    json: json === true,
  };
  await interruptible((signal) => serveWitness(options, signal));
  return EXIT.ok;
}

export async function showWitness({ state, json }: ShowFlags): Promise<ExitCode> {
  const { witnesses, newest } = await WitnessState.read(state);
  const logs = newest.map(({ origin, size, root, time }) => ({
    origin,
    size,
    root: base64Encode(root),
    time: new Date(time * 1000).toISOString(),
  }));
  if (json) printJson({ type: 'assent/witness-logs/v1', witnesses, logs });
  for (const log of json ? [] : logs) {
    printText(`${safeText(`${log.time}  ${log.size}  ${log.root}  ${log.origin}`)}\n`);
  }
  return EXIT.ok;
}

import { base64Encode } from '@assent/verifier';
import type { KeygenFlags } from '../commands/keygen.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { createSigningKey } from '../signing-key.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { createWitnessKey } from '../witness/witness-key.ts';

export async function keygen({ output, witness, mlDsa = false, json }: KeygenFlags): Promise<ExitCode> {
  if (mlDsa && witness === undefined) {
    throw new CommandFailure('usage', '--ml-dsa is for keys of witnesses: give the name with --witness');
  }
  if (witness === undefined) await serviceKey(output, json === true);
  else await witnessKey(output, witness, mlDsa, json === true);
  return EXIT.ok;
}

async function serviceKey(output: string, json: boolean): Promise<void> {
  const { keyid, spki, algorithm } = await createSigningKey(output);
  const publicKey = base64Encode(spki);
  if (json) printJson({ type: 'assent/key/v1', algorithm, keyid, publicKey, file: output });
  else printText(`keyid      ${keyid}\npublicKey  ${publicKey}\n`);
  say(`the private key is in ${output}; there is no other copy, and whoever has it signs in your name`);
}

async function witnessKey(output: string, name: string, mlDsa: boolean, json: boolean): Promise<void> {
  const vkey = await createWitnessKey(output, name, { mlDsa });
  const algorithm = mlDsa ? 'ml-dsa-44' : 'ed25519';
  if (json) printJson({ type: 'assent/key/v1', algorithm, vkey, file: output });
  else printText(`${vkey}\n`);
  say(`the private key is in ${output}; there is no other copy, and whoever has it cosigns in your name`);
}

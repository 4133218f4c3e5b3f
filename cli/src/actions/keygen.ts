import { base64Encode } from '@assent/verifier';
import type { KeygenFlags } from '../commands/keygen.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { createSigningKey } from '../signing-key.ts';
import { printJson, printText, say } from '../terminal/output.ts';

export async function keygen({ output, json }: KeygenFlags): Promise<ExitCode> {
  const { keyid, spki, algorithm } = await createSigningKey(output);
  const publicKey = base64Encode(spki);
  if (json) printJson({ type: 'assent/key/v1', algorithm, keyid, publicKey, file: output });
  else printText(`keyid      ${keyid}\npublicKey  ${publicKey}\n`);
  say(`the private key is in ${output}; there is no other copy, and whoever has it signs in your name`);
  return EXIT.ok;
}

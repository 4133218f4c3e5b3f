import { utf8Decode } from '@assent/verifier';
import { CommandFailure } from './failure.ts';
import type { OutputFile } from './files/output-file.ts';
import { printJsonText } from './terminal/output.ts';

/** To the file of `-o`, as the log sent it, else to standard output, where a terminal may be listening. */
export async function emitReceipt(receiptBytes: Uint8Array, output: OutputFile | undefined): Promise<void> {
  const text = utf8Decode(receiptBytes);
  if (!text.ok) throw new CommandFailure('answer_malformed', 'the log answered with bytes that are no text');
  if (output === undefined) printJsonText(text.value);
  else await output.commit(text.value.endsWith('\n') ? text.value : `${text.value}\n`);
}

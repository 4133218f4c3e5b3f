import { MAX_RECEIPT_BYTES } from '@assent/verifier';
import type { InspectFlags } from '../commands/inspect.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { readInput } from '../files/read-input.ts';
import { inspect } from '../inspect/inspect.ts';
import { inspectionText } from '../inspect/inspection-text.ts';
import { countOf } from '../terminal/count-of.ts';
import { printJson, printText } from '../terminal/output.ts';

/** A bundle has 256 entries of 64 KiB at most. */
const MAX_BYTES = MAX_RECEIPT_BYTES + 64 * 1024;

export async function inspectFile(file: string, { json }: InspectFlags): Promise<ExitCode> {
  const bytes = await readInput(file, MAX_BYTES);
  if (bytes.length > MAX_BYTES) {
    throw new CommandFailure(
      'file_malformed',
      `${file} is larger than anything that is known here: over ${MAX_BYTES} bytes`,
    );
  }
  const inspection = inspect(bytes);
  if (json) printJson({ type: 'assent/inspection/v1', verified: false, bytes: bytes.length, ...inspection });
  else {
    const name = file === '-' ? 'standard input' : file;
    printText(inspectionText(inspection, `${name}, ${countOf(bytes.length, 'byte')}`, process.stdout));
  }
  return inspection.kind === 'unknown' || inspection.problem !== undefined ? EXIT.bad : EXIT.ok;
}

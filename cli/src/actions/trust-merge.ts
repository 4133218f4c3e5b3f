import type { MergeFlags } from '../commands/trust-merge.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { refuseStdinTwice } from '../files/read-input.ts';
import { writeDraft } from '../trust/change.ts';
import type { TrustDraft } from '../trust/draft.ts';
import { printDraft } from '../trust/draft-status.ts';
import { mergeDraft } from '../trust/merge-draft.ts';
import { readDraft } from '../trust/trust-file.ts';

export async function trustMerge(files: readonly string[], flags: MergeFlags): Promise<ExitCode> {
  refuseStdinTwice(...files);
  const [first, ...others] = files;
  if (first === undefined) throw new TypeError('files: none');
  let merged = await readCopy(first, flags);
  for (const file of others) merged = mergeDraft(merged, await readCopy(file, flags), { first, file });
  printDraft(await writeDraft(flags.output ?? first, merged), flags.json);
  return EXIT.ok;
}

/** Of several files it matters which one does not hold. */
async function readCopy(file: string, { trustRoot }: MergeFlags): Promise<TrustDraft> {
  try {
    return await readDraft(file, trustRoot);
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.message.includes(file)) throw error;
    throw new CommandFailure(error.kind, `${file}: ${error.message}`, error.extras);
  }
}

import type { ShowFlags } from '../commands/trust-show.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { painter } from '../terminal/paint.ts';
import { readTrustToShow } from '../trust/trust-file.ts';
import { trustText } from '../trust/trust-text.ts';
import { viewTrustFile } from '../trust/trust-view.ts';

export async function trustShow(file: string, { version, trustRoot, json }: ShowFlags): Promise<ExitCode> {
  const { isFromReceipt, ...read } = await readTrustToShow(file, trustRoot);
  const shown = viewTrustFile(read, version);
  if (json) printJson(shown.view);
  else printText(trustText(shown, painter(process.stdout), Date.now()));
  if (isFromReceipt && trustRoot === undefined) {
    say(
      'these versions came with the receipt, so whoever made it chose them: compare the root id with one that you know,',
      'or pass that with --trust-root. There may be newer versions, with revocations.',
    );
  }
  return EXIT.ok;
}

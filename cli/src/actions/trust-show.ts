import type { ShowFlags } from '../commands/trust-show.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printJson, printText } from '../terminal/output.ts';
import { painter } from '../terminal/paint.ts';
import { readTrustFile } from '../trust/trust-file.ts';
import { trustText } from '../trust/trust-text.ts';
import { viewTrustFile } from '../trust/trust-view.ts';

export async function trustShow(file: string, { version, trustRoot, json }: ShowFlags): Promise<ExitCode> {
  const shown = viewTrustFile(await readTrustFile(file, trustRoot), version);
  if (json) printJson(shown.view);
  else printText(trustText(shown, painter(process.stdout), Date.now()));
  return EXIT.ok;
}

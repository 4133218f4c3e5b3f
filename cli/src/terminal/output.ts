/** Stdout is data, stderr is the rest. Both take text that may come from outside, so both escape it. */
import { EXIT } from '../exit-codes.ts';
import { safeJson, safeText } from './safe-text.ts';

/** Text that was made for a terminal: whoever made it escaped what it quotes. */
export function printText(text: string): void {
  process.stdout.write(text);
}

/** JSON text as it is but for characters that a terminal would obey, which are escaped; the value is the same. */
export function printJsonText(json: string): void {
  const safe = safeJson(json);
  process.stdout.write(safe.endsWith('\n') ? safe : `${safe}\n`);
}

export function printJson(value: unknown): void {
  printJsonText(JSON.stringify(value, null, 2));
}

/** A line for the person at the terminal; further lines are indented below it. */
export function say(...lines: readonly string[]): void {
  const [first = '', ...rest] = lines.map(safeText);
  process.stderr.write([`assent: ${first}`, ...rest.map((line) => `        ${line}`), ''].join('\n'));
}

/**
 * A reader that goes away (`| head`) is no error, and the exit code stays what the command found out. A disk that is full
 * is one: a script must not take half of a receipt for a whole one.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    say(`the output could not be written: ${error.message}`);
    process.exit(EXIT.usage);
  });
  // When there is nobody left to tell, there is nothing left to do about it.
  process.stderr.on('error', () => undefined);
}

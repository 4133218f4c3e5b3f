import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { CommandFailure, FAILURES } from './failure.ts';
import { createProgram } from './program.ts';
import { printJson, say, watchOutput } from './terminal/output.ts';

const ERROR_TYPE = 'assent/error/v1';

/** Runs the command line and returns its exit code; says why on stderr, and with --json on stdout as well. */
async function run(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help and version, printed because they were asked for.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const failure = asFailure(error);
    explain(failure);
    if (wantsJson(argv)) printJson(asJson(failure));
    return FAILURES[failure.kind];
  }
}

function asFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof CommanderError) {
    const missing = error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '');
    return new CommandFailure('usage', missing, { cause: error });
  }
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CommandFailure('internal', `this is a bug in assent, please report it: ${detail}`, { cause: error });
}

function explain({ message, kind, cause, extras: { checks = [], index } }: CommandFailure): void {
  const lines = message.split('\n');
  for (const { id, code, detail, expected, computed } of checks) {
    lines.push(`✗ ${id}: ${detail} (${code})`);
    if (expected !== undefined) lines.push(`  expected  ${expected}`);
    if (computed !== undefined) lines.push(`  computed  ${computed}`);
  }
  if (index !== undefined) lines.push(`the entry that is there: ${index}`);
  if (kind === 'internal' && cause instanceof Error) lines.push(...(cause.stack ?? '').split('\n').slice(1));
  if (cause instanceof CommanderError) lines.push('"assent --help" and "assent help COMMAND" say more.');
  say(...lines);
}

function asJson({ kind, message, extras: { problem, checks, index } }: CommandFailure): object {
  return {
    type: ERROR_TYPE,
    code: kind,
    message,
    ...(problem && { problem }),
    ...(checks && { checks }),
    ...(index !== undefined && { index }),
  };
}

/** Read from the arguments themselves, as a command line that cannot be parsed has to be answered in JSON too. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}

watchOutput();
process.exitCode = await run(process.argv.slice(2));

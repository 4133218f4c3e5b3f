import { closeReceipt, type Disclosures, openReceipt, utf8Encode, verifyReceipt } from '@assent/verifier';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, EXIT_HELP, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readInput, readJsonInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { isObject } from '../http/problem.ts';
import { parseLogUrl } from '../log-url.ts';
import { readOpening, readSalt } from '../opening.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import { findReceipt, readReceipt, refuseOtherReceipt } from '../receipt-source.ts';
import { printJson, printText, say } from '../terminal/output.ts';
import { reportText } from '../terminal/report-text.ts';
import {
  type AddCommand,
  jsonOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';
import { exitCodeOf } from './verify.ts';

/** What is disclosed is an envelope or an intent, and a salt is 44 characters. */
const MAX_FILE_BYTES = 1024 * 1024;

type OpenFlags = SharedFlags & {
  readonly opening?: string;
  readonly content?: string;
  readonly salt?: string;
  readonly intent?: string;
  readonly log?: string;
  readonly output?: string;
  readonly strip?: true;
  readonly json?: true;
};

export const addOpenCommand: AddCommand = (program, finish) => {
  program
    .command('open')
    .summary('open a sealed receipt, show what it says, or make a copy for others')
    .description(
      'Puts content and salt of a sealed entry into its receipt, checks the whole, and prints what it says as "assent verify"\n' +
        'does. With -o it writes the opened receipt, for whom it may concern; with --strip a copy that discloses nothing.\n' +
        'RECEIPT is a file, "-" for standard input, or an http(s) address; with --log also an entry of that log.',
    )
    .argument('<receipt>', 'the receipt, opened already or not')
    .option('--opening <file>', 'content and salt as "assent append --seal" kept them')
    .option('--content <file>', 'the content alone, an envelope; goes with --salt')
    .option('--salt <file>', 'the salt alone, base64 of 32 bytes; goes with --content')
    .option('--intent <file>', 'disclose the intent as well')
    .option('--log <url>', 'the log: entries are asked from it, and its key unless it is pinned')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option('-o, --output <file>', 'write the receipt as it is now to this file, unless it is invalid')
    .option('--strip', 'take everything out that the receipt discloses, and print it; nothing is verified')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent open approval.receipt.json --log-key log.vkey
  $ assent open 7 --log https://log.example.com --log-key log.vkey --opening approval.opening.json -o for-the-auditor.receipt.json
  $ assent open approval.receipt.json --strip > public.receipt.json
${EXIT_HELP}`,
    )
    .action(async (argument: string, flags: OpenFlags) => finish(await open(argument, flags)));
};

async function open(argument: string, flags: OpenFlags): Promise<ExitCode> {
  refuseContradictions(argument, flags);
  const disclosures = await readDisclosures(flags);
  const log = flags.log === undefined ? undefined : parseLogUrl(flags.log);
  const timeoutMs = flags.timeout * 1000;
  const client = log && new LogClient(log, timeoutMs);
  const source = findReceipt(argument, { log: log !== undefined, offline: false });
  const pinned = await readPinned(flags);
  const output =
    flags.output === undefined ? undefined : await OutputFile.prepare(flags.output, flags.strip ? 0o666 : 0o600);
  try {
    const given = await readReceipt(source, client, timeoutMs);
    if (flags.strip) {
      await emitReceipt(changed(closeReceipt(given)), output);
      return EXIT.ok;
    }
    const receipt = disclosures === undefined ? given : changed(openReceipt(given, disclosures));
    const report = await verifyReceipt(receipt, { ...(await withLogKeys(pinned, client)), primitives });
    refuseOtherReceipt(source, report);
    if (flags.json) printJson(report);
    else printText(reportText(report, process.stdout));
    if (report.checks.some(({ id, code }) => id === 'content' && code === 'sealed')) {
      say('the receipt discloses nothing: pass --opening FILE, or --content FILE and --salt FILE.');
    }
    if (report.verdict === 'invalid') await output?.discard();
    else if (output !== undefined) await emitReceipt(receipt, output);
    return exitCodeOf(report.verdict, 'authentic');
  } catch (error) {
    await output?.discard();
    throw error;
  }
}

function refuseContradictions(
  argument: string,
  { opening, content, salt, intent, strip, logPolicy, logKey = [] }: OpenFlags,
): void {
  const wrong = (message: string) => new CommandFailure('usage', message);
  const given = [opening, content, salt, intent];
  if (strip && given.some((file) => file !== undefined)) {
    throw wrong(
      '--strip takes out what a receipt discloses, so there is nothing to put in: leave the other files away',
    );
  }
  if (opening !== undefined && (content ?? salt) !== undefined) {
    throw wrong('--opening holds content and salt already: pass it, or --content and --salt');
  }
  if ((content === undefined) !== (salt === undefined)) {
    throw wrong('--content and --salt go together: neither opens an entry without the other');
  }
  refuseStdinTwice(argument, ...given, logPolicy, ...logKey);
}

async function readDisclosures(flags: OpenFlags): Promise<Disclosures | undefined> {
  const { opening, content, salt, intent } = flags;
  const kept = opening === undefined ? undefined : await readOpening(opening);
  const disclosures: Disclosures = {
    ...(kept && { content: kept.content, salt: kept.salt }),
    ...(content !== undefined && { content: await readObject(content, 'the content') }),
    ...(salt !== undefined && { salt: await readSalt(salt, (file) => readInput(file, MAX_FILE_BYTES)) }),
    ...(intent !== undefined && { intent: await readObject(intent, 'the intent') }),
  };
  return Object.keys(disclosures).length === 0 ? undefined : disclosures;
}

async function readObject(path: string, what: string) {
  const json = await readJsonInput(path, what, MAX_FILE_BYTES);
  if (isObject(json)) return json;
  throw new CommandFailure('file_malformed', `${what} (${path}) is no JSON object`);
}

function changed(receipt: ReturnType<typeof openReceipt>): Uint8Array {
  if (receipt.ok) return utf8Encode(receipt.value);
  throw new CommandFailure('evidence_refused', `the receipt cannot be opened so: ${receipt.detail} (${receipt.code})`);
}

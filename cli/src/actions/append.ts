import { type Intent, type Json, openReceipt, parseIntent, type Report, utf8Encode } from '@assent/verifier';
import { readApiKey } from '../api-key.ts';
import { checkReceipt } from '../check-receipt.ts';
import type { AppendFlags } from '../commands/append.ts';
import { openingFile } from '../commands/seal-flags.ts';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readJsonInput, refuseStdinTwice } from '../files/read-input.ts';
import { type Appended, LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { keepOpening, type Opening } from '../opening.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { signStatement } from '../sign-statement.ts';
import { loadSigningKey } from '../signing-key.ts';
import { checkSubmission, holdsSubmission, type Submission, submissionJson } from '../submission.ts';
import { say } from '../terminal/output.ts';

/** A log takes no entry of more than 65,535 bytes; a file may spread it out. */
const MAX_FILE_BYTES = 1024 * 1024;

export async function append(envelope: string | undefined, flags: AppendFlags): Promise<ExitCode> {
  const intentFile = refuseContradictions(envelope, flags);
  const kept = openingFile(flags);
  const log = parseLogUrl(flags.log);
  const apiKey = await readApiKey(flags.apiKeyFile, log);
  const pinned = await readPinned(flags);
  const intent = intentFile === undefined ? undefined : await readIntent(intentFile);
  const content =
    envelope === undefined
      ? await signedStatement(flags, intent)
      : await readJsonInput(envelope, 'the envelope', MAX_FILE_BYTES);
  // A sealed receipt is written opened, for its owner.
  const output =
    flags.output === undefined ? undefined : await OutputFile.prepare(flags.output, kept === undefined ? 0o666 : 0o600);
  try {
    const client = new LogClient(log, flags.timeout * 1000);
    const trusted = await withLogKeys(pinned, client);
    await checkSubmission({ content }, intent, trusted.logKeys);
    const opening = kept === undefined ? undefined : await keepOpening(kept, content);
    const submission: Submission = {
      content,
      ...(flags.reveal !== undefined && intent && { revealed: intent }),
      ...(flags.open && { open: true }),
      ...(opening && { sealed: { opening, blind: flags.blind === true } }),
    };
    const appended = await client.append(submissionJson(submission), apiKey, flags.wait).catch((error: unknown) => {
      if (kept !== undefined) say(`content and salt are kept in ${kept}: the same command sends the same again`);
      throw error;
    });
    const unverifiedReceipt = opened(appended.unverifiedReceipt, opening);
    const report = await checkReceipt(unverifiedReceipt, trusted);
    if (!holdsSubmission(unverifiedReceipt, submission)) {
      throw new CommandFailure(
        'receipt_refused',
        'the log answered with the receipt of something else than what was sent; it was not printed',
      );
    }
    sayWhere(appended, report);
    await emitReceipt(unverifiedReceipt, output);
    if (kept !== undefined) sayKept(kept, flags.output);
    return sayUnwitnessed(appended);
  } catch (error) {
    await output?.discard();
    throw error;
  }
}

/** The file of the intent, if there is one. */
function refuseContradictions(envelope: string | undefined, flags: AppendFlags): string | undefined {
  const { key, passphraseFile, statement, intent, reveal } = flags;
  const wrong = (message: string) => new CommandFailure('usage', message);
  if (envelope !== undefined && (key ?? statement) !== undefined) {
    throw wrong('pass a signed envelope, or --key and --statement to sign one here, not both');
  }
  if (envelope === undefined && (key === undefined || statement === undefined)) {
    if (key === undefined && statement === undefined) {
      const swallowed = typeof reveal === 'string' ? ` (--reveal took ${reveal}: write the envelope before it)` : '';
      throw wrong(
        `what to append is missing: pass a signed envelope, or --key and --statement to sign one here${swallowed}`,
      );
    }
    throw wrong('--key and --statement go together: the one signs the other');
  }
  if (passphraseFile !== undefined && key === undefined) throw wrong('--passphrase-file goes with --key');
  if (typeof reveal === 'string' && intent !== undefined)
    throw wrong('--reveal takes no file when --intent names it already');
  const intentFile = typeof reveal === 'string' ? reveal : intent;
  if (reveal !== undefined && intentFile === undefined)
    throw wrong('--reveal needs the intent: --reveal FILE, or --intent FILE beside it');
  refuseStdinTwice(envelope, statement, intentFile);
  return intentFile;
}

async function readIntent(path: string): Promise<Intent> {
  const intent = parseIntent(await readJsonInput(path, 'the intent', MAX_FILE_BYTES));
  if (intent.ok) return intent.value;
  throw new CommandFailure('file_malformed', `${path} is no intent: ${intent.detail} (${intent.code})`);
}

async function signedStatement(
  { key, passphraseFile, statement }: AppendFlags,
  intent: Intent | undefined,
): Promise<Json> {
  if (key === undefined || statement === undefined) throw new TypeError('flags: key and statement are needed');
  return signStatement(
    await readJsonInput(statement, 'the statement', MAX_FILE_BYTES),
    intent,
    await loadSigningKey(key, passphraseFile),
  );
}

/** Of a sealed entry the receipt gets content and salt, so that its owner has all of it in one file. */
function opened(receipt: Uint8Array, opening: Opening | undefined): Uint8Array {
  if (opening === undefined) return receipt;
  const result = openReceipt(receipt, { content: opening.content, salt: opening.salt });
  if (result.ok) return utf8Encode(result.value);
  const message = `the log answered with a receipt that is not of what was sealed, and it was not printed: ${result.detail} (${result.code})`;
  throw new CommandFailure('receipt_refused', message);
}

function sayKept(kept: string, output: string | undefined): void {
  const where = output === undefined ? kept : `${output} and ${kept}`;
  say(
    `content and salt are in ${where}. Without them nobody can ever show what this entry holds, not even the log.`,
    '"assent open RECEIPT --strip" makes a copy without them.',
  );
}

function sayUnwitnessed({ late }: Appended): ExitCode {
  if (!late) return EXIT.ok;
  say(
    'the witnesses have not cosigned in time, so this receipt has the log’s signature alone; "assent receipt" gets the other one later.',
  );
  return EXIT.usage;
}

function sayWhere({ created, late }: Appended, { log }: Report): void {
  if (log === undefined) return;
  // Of a late one the log does not say whether it is new.
  say(`${late ? 'it is' : created ? 'appended as' : 'it was there already:'} entry ${log.index} of ${log.origin}`);
}

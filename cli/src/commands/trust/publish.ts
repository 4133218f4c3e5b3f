import type { Command } from 'commander';
import { readApiKey } from '../../api-key.ts';
import { checkReceipt } from '../../check-receipt.ts';
import { emitReceipt } from '../../emit-receipt.ts';
import { EXIT, EXIT_HELP, type ExitCode } from '../../exit-codes.ts';
import { CommandFailure } from '../../failure.ts';
import { OutputFile } from '../../files/output-file.ts';
import { LogClient } from '../../http/log-client.ts';
import { parseLogUrl } from '../../log-url.ts';
import { readPinned, withLogKeys } from '../../pinned.ts';
import { checkSubmission, holdsSubmission, submissionJson } from '../../submission.ts';
import { printJson, say } from '../../terminal/output.ts';
import { type CompleteVersion, completeVersion, prepareVersions } from '../../trust/complete.ts';
import { readDraft } from '../../trust/trust-file.ts';
import { type Finish, jsonOption, logKeyOption, logPolicyOption, type SharedFlags, timeoutOption } from '../options.ts';
import { pinnedRootOption } from './flags.ts';

type PublishFlags = SharedFlags & {
  readonly log?: string;
  readonly offline?: true;
  readonly apiKeyFile?: string;
  readonly versions: string;
  readonly trustRoot?: string;
  readonly output?: string;
  readonly json?: true;
};

export function addPublishCommand(trust: Command, finish: Finish): void {
  trust
    .command('publish')
    .summary('log a version that is signed, and hand it to verifiers')
    .description(
      'Appends a draft with enough signatures to a log, prints the receipt, and writes the list of all versions, which verifiers take\n' +
        'with --trust-versions and receipts carry. The log gets no names and no keys of people: it holds a salted commitment to them.\n' +
        'It can be repeated safely: the log answers with the entry that is there.',
    )
    .argument('<file>', 'the draft')
    .requiredOption('--versions <file>', 'the list of versions: extended by this one, or made')
    .option('--log <url>', 'the log to append to')
    .option('--offline', 'log nothing: write --versions alone')
    .option('--api-key-file <file>', 'file of the API key, else the environment: ASSENT_API_KEY, ASSENT_API_KEY_FILE')
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .addOption(pinnedRootOption())
    .option('-o, --output <file>', 'write the receipt to this file instead of standard output')
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent trust publish acme.v2.json --versions acme.versions.json --log https://log.example.com --log-key log.vkey \\
      --api-key-file api-key -o acme.v2.receipt.json
${EXIT_HELP}`,
    )
    .action(async (file: string, flags: PublishFlags) => finish(await publish(file, flags)));
}

async function publish(file: string, flags: PublishFlags): Promise<ExitCode> {
  const { log: address, offline } = flags;
  if ((address === undefined) === (offline === undefined)) {
    throw new CommandFailure('usage', 'pass --log URL to log it, or --offline to write --versions alone');
  }
  const version = await completeVersion(await readDraft(file, flags.trustRoot), file);
  const versions = await prepareVersions(flags.versions, version);
  if (address === undefined) {
    await versions.commit();
    say(
      `${flags.versions} has version ${version.number} now; it was not logged, so nobody can see whether there is another one`,
    );
    if (flags.json)
      printJson({ type: 'assent/trust-published/v1', version: version.number, digest: version.digest, logged: false });
    return EXIT.ok;
  }
  try {
    await logVersion(version, address, flags);
    await versions.commit();
    say(`${flags.versions} has version ${version.number} now: hand it to everybody who verifies`);
    return EXIT.ok;
  } catch (error) {
    await versions.discard();
    throw error;
  }
}

async function logVersion({ envelope }: CompleteVersion, address: string, flags: PublishFlags): Promise<void> {
  const log = parseLogUrl(address);
  const apiKey = await readApiKey(flags.apiKeyFile, log);
  const pinned = await readPinned(flags);
  const output = flags.output === undefined ? undefined : await OutputFile.prepare(flags.output);
  try {
    const client = new LogClient(log, flags.timeout * 1000);
    const trusted = await withLogKeys(pinned, client);
    const submission = { kind: 'trust-root', content: envelope } as const;
    await checkSubmission(submission, undefined, trusted.logKeys);
    const { created, unverifiedReceipt } = await client.append(submissionJson(submission), apiKey);
    const report = await checkReceipt(unverifiedReceipt, trusted);
    if (!holdsSubmission(unverifiedReceipt, submission)) {
      throw new CommandFailure(
        'receipt_refused',
        'the log answered with the receipt of something else than what was sent',
      );
    }
    if (report.log !== undefined) {
      say(`${created ? 'logged as' : 'it was there already:'} entry ${report.log.index} of ${report.log.origin}`);
    }
    await emitReceipt(unverifiedReceipt, output);
  } catch (error) {
    await output?.discard();
    throw error;
  }
}

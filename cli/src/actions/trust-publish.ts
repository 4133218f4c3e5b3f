import { readApiKey } from '../api-key.ts';
import { checkReceipt } from '../check-receipt.ts';
import type { PublishFlags } from '../commands/trust-publish.ts';
import { emitReceipt } from '../emit-receipt.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { checkSubmission, holdsSubmission, submissionJson } from '../submission.ts';
import { printJson, say } from '../terminal/output.ts';
import { type CompleteVersion, completeVersion, prepareVersions } from '../trust/complete.ts';
import { readDraft } from '../trust/trust-file.ts';

export async function trustPublish(file: string, flags: PublishFlags): Promise<ExitCode> {
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

import { mkdtemp, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { readApiKey } from '../api-key.ts';
import type { DoctorFlags } from '../commands/doctor.ts';
import { Examination, type Finding } from '../doctor/examination.ts';
import { examineLog } from '../doctor/examine-log.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure, FAILURES } from '../failure.ts';
import { fileFailure } from '../files/file-failure.ts';
import { LogClient } from '../http/log-client.ts';
import { parseLogUrl } from '../log-url.ts';
import { type Pinned, readPinned } from '../pinned.ts';
import { readPinnedAuthority } from '../pinned-authority.ts';
import { loadSigningKey } from '../signing-key.ts';
import { countOf } from '../terminal/count-of.ts';
import { printJson, printText } from '../terminal/output.ts';
import { type Paint, painter } from '../terminal/paint.ts';
import { safeText } from '../terminal/safe-text.ts';
import { VERSION } from '../version.ts';

/** As package.json has it. */
const LEAST_NODE = [20, 12] as const;

export async function doctor(flags: DoctorFlags): Promise<ExitCode> {
  const log = flags.log === undefined ? undefined : parseLogUrl(flags.log);
  const examination = new Examination();
  await examination.check('node', examineNode);
  const pinned = await examinePinned(examination, flags);
  if (log !== undefined) {
    const client = new LogClient(log, flags.timeout * 1000);
    await examineLog(examination, client, pinned);
    await examineApiKey(examination, flags, log, client);
  } else if (flags.apiKeyFile !== undefined) {
    throw new CommandFailure('usage', '--api-key-file goes with --log: the key is for that log');
  }
  await examineFiles(examination, flags);
  const { findings } = examination;
  const failed = findings.find(({ status }) => status === 'fail');
  if (flags.json) printJson({ type: 'assent/doctor/v1', healthy: failed === undefined, checks: findings });
  else printText(findingsText(findings, painter(process.stdout)));
  return failed?.code === undefined ? EXIT.ok : FAILURES[failed.code];
}

async function examineNode(): Promise<{ value: undefined; detail: string }> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const words = `assent ${VERSION}, Node ${process.versions.node} on ${process.platform}`;
  const [leastMajor, leastMinor] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor))
    return { value: undefined, detail: `${words}.` };
  throw new CommandFailure('usage', `${words}: it takes Node ${LEAST_NODE.join('.')} or newer`);
}

async function examinePinned(examination: Examination, flags: DoctorFlags): Promise<Pinned> {
  const nothing: Pinned = { logKeys: [] };
  if (flags.logKey === undefined && flags.logPolicy === undefined) return nothing;
  const pinned = await examination.check('pinned', async () => {
    const value = await readPinned(flags);
    const { length } = value.logKeys;
    const witnesses =
      value.logPolicy === undefined
        ? ''
        : `, ${value.logPolicy.witnesses.length} witnesses, quorum ${value.logPolicy.quorum}`;
    return { value, detail: `${countOf(length, 'key')} of logs${witnesses}.` };
  });
  return pinned ?? nothing;
}

async function examineApiKey(
  examination: Examination,
  { apiKeyFile }: DoctorFlags,
  log: URL,
  client: LogClient,
): Promise<void> {
  const { ASSENT_API_KEY: key, ASSENT_API_KEY_FILE: file } = process.env;
  if (!apiKeyFile && !key && !file) return;
  await examination.check('api-key', async () => {
    await client.tryApiKey(await readApiKey(apiKeyFile, log));
    return { value: undefined, detail: 'The log knows it.' };
  });
}

async function examineFiles(examination: Examination, flags: DoctorFlags): Promise<void> {
  const { key, passphraseFile, trustRoot, trustVersions, approvalPolicy, state } = flags;
  if (passphraseFile !== undefined && key === undefined) {
    throw new CommandFailure('usage', '--passphrase-file goes with --key');
  }
  if (key !== undefined) {
    await examination.check('key', async () => {
      const { publicKey } = await loadSigningKey(key, passphraseFile);
      return { value: undefined, detail: `${key} is ${publicKey.keyid}.` };
    });
  }
  if (trustRoot !== undefined || trustVersions !== undefined) {
    await examination.check('trust-root', async () => {
      const { trustRoot: pinned } = await readPinnedAuthority({
        ...(trustRoot !== undefined && { trustRoot }),
        ...(trustVersions !== undefined && { trustVersions }),
      });
      const versions = pinned !== undefined && 'versions' in pinned ? ' Its versions form a chain.' : '';
      return { value: undefined, detail: `The root id is ${trustRoot}.${versions}` };
    });
  }
  if (approvalPolicy !== undefined) {
    await examination.check('approval-policy', async () => {
      await readPinnedAuthority({ approvalPolicy });
      return { value: undefined, detail: `${approvalPolicy} can be read.` };
    });
  }
  if (state !== undefined) {
    await examination.check('state', async () => {
      await tryToWrite(state);
      return { value: undefined, detail: `${state} can be written.` };
    });
  }
}

/** A folder of its own, which is empty and gone at once: what is in there stays as it is. */
async function tryToWrite(folder: string): Promise<void> {
  try {
    await rmdir(await mkdtemp(path.join(folder, '.assent-doctor-')));
  } catch (error) {
    throw fileFailure('file_unwritable', 'write into', folder, error);
  }
}

function findingsText(findings: readonly Finding[], paint: Paint): string {
  const marks = { pass: paint('green', '✓'), fail: paint('red', '✗'), skip: paint('yellow', '–') };
  const width = Math.max(...findings.map(({ id }) => id.length));
  const lines = findings.map(
    ({ id, status, code, detail }) =>
      `${marks[status]} ${id.padEnd(width)}  ${safeText(detail)}${code === undefined ? '' : ` (${code})`}`,
  );
  return `${lines.join('\n')}\n`;
}

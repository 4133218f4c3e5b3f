/** `assent audit`: what its flags say, and the report that comes of it. */
import { availableParallelism } from 'node:os';
import { formatTime, parseTime, type VerifiedTrustRoot } from '@assent/verifier';
import type { AsOf } from '../audit/as-of.ts';
import { auditHtml } from '../audit/audit-html.ts';
import { auditLog } from '../audit/audit-log.ts';
import { progressLine } from '../audit/audit-progress.ts';
import { exitCodeOfAudit } from '../audit/audit-report.ts';
import { auditText } from '../audit/audit-text.ts';
import { WorkerPool } from '../audit/worker-pool.ts';
import type { AuditFlags } from '../commands/audit.ts';
import type { ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { readInput, refuseStdinTwice } from '../files/read-input.ts';
import { LogClient } from '../http/log-client.ts';
import { interruptible } from '../interrupt.ts';
import { openLogSource } from '../log-source/log-source.ts';
import { isHttpUrl, parseBaseUrl } from '../log-url.ts';
import { readPinned, withLogKeys } from '../pinned.ts';
import { type PinnedAuthority, readPinnedAuthority } from '../pinned-authority.ts';
import { printJson, printText } from '../terminal/output.ts';

const MAX_HEAD_BYTES = 1_000_000;

export async function audit(location: string, flags: AuditFlags): Promise<ExitCode> {
  const { logKey = [], logPolicy, trustVersions, approvalPolicy, head: headFiles = [] } = flags;
  refuseStdinTwice(logPolicy, trustVersions, approvalPolicy, ...logKey, ...headFiles);
  refuseContradictions(flags);
  const asOf = flags.asOf === undefined ? undefined : readAsOf(flags.asOf);
  const pinned = await readPinned(flags);
  const authority = auditAuthority(await readPinnedAuthority(flags), asOf);
  const knownHeads = await Promise.all(headFiles.map(readHead));
  const html = flags.html === undefined ? undefined : await OutputFile.prepare(flags.html);
  const timeoutMs = flags.timeout * 1000;
  const client = isHttpUrl(location) ? new LogClient(parseBaseUrl(location, 'the log'), timeoutMs) : undefined;
  try {
    const report = await interruptible(async (signal) => {
      const trusted = await withLogKeys(pinned, client);
      const source = await openLogSource(location, {
        timeoutMs,
        concurrency: flags.requests,
        attempts: flags.attempts,
        signal,
      });
      try {
        return await auditLog({
          source,
          pinned: trusted,
          isOwnKey: pinned.logKeys.length === 0 && trusted.logKeys.length > 0,
          ...(authority && { authority }),
          ...(asOf && { asOf }),
          onlyNew: flags.new === true,
          knownHeads,
          state:
            typeof flags.state === 'string' ? { folder: flags.state } : flags.state === false ? undefined : 'default',
          ...(flags.evidence !== undefined && { evidence: flags.evidence }),
          openPool: (settings) => new WorkerPool(settings, flags.threads ?? availableParallelism()),
          progress: progressLine(),
          signal,
          now: Date.now(),
        });
      } finally {
        await source.close();
      }
    });
    if (flags.json) printJson(report);
    else printText(auditText(report, process.stdout));
    await html?.commit(auditHtml(report));
    return exitCodeOfAudit(report);
  } catch (error) {
    await html?.discard();
    throw error;
  }
}

function refuseContradictions({ trustRoot, trustVersions, approvalPolicy, state, new: onlyNew }: AuditFlags): void {
  if (trustRoot !== undefined && trustVersions === undefined) {
    throw new CommandFailure('usage', '--trust-root needs --trust-versions: a log holds no names and keys of people');
  }
  if (approvalPolicy !== undefined && trustRoot === undefined) {
    throw new CommandFailure(
      'usage',
      '--approval-policy needs --trust-root: a policy is about the people whom that lists',
    );
  }
  if (onlyNew && state === false)
    throw new CommandFailure('usage', '--new goes on where an audit was, and --no-state remembers none');
}

/** As it was known then: versions of the trust root that were issued later are not used. */
function auditAuthority(
  { trustRoot, approvalPolicy }: PinnedAuthority,
  when: AsOf | undefined,
): { readonly trustRoot: VerifiedTrustRoot; readonly approvalPolicy?: Uint8Array } | undefined {
  if (trustRoot === undefined || !('chain' in trustRoot)) return undefined;
  return {
    trustRoot: when && 'time' in when ? knownAt(trustRoot, when.time) : trustRoot,
    ...(approvalPolicy && { approvalPolicy }),
  };
}

function knownAt({ chain, payloads }: VerifiedTrustRoot, time: number): VerifiedTrustRoot {
  const [first, ...later] = chain.versions;
  const known = later.filter(({ issued_at }) => issued_at <= formatTime(time));
  const [firstPayload, ...laterPayloads] = payloads;
  return {
    chain: { rootId: chain.rootId, versions: [first, ...known] },
    payloads: [firstPayload, ...laterPayloads.slice(0, known.length)],
  };
}

async function readHead(file: string): Promise<{ readonly note: string; readonly from: string }> {
  const bytes = await readInput(file, MAX_HEAD_BYTES);
  return { note: Buffer.from(bytes).toString('utf8'), from: file };
}

function readAsOf(text: string): AsOf {
  if (/^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text))) return { size: Number(text) };
  const time = parseTime(text.replace(/(:[0-9]{2})Z$/, '$1.000Z'));
  if (time.ok) return { time: time.value };
  const message = `--as-of takes a number of entries, or a time in UTC such as ${formatTime(Date.now())}`;
  throw new CommandFailure('usage', message);
}

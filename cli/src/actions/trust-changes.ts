/** The commands that draft a version of a trust root. */
import { formatTime } from '@assent/verifier';
import type { InitFlags } from '../commands/trust-init.ts';
import type { CompromiseFlags, RetireFlags } from '../commands/trust-revoke.ts';
import type { RotateFlags } from '../commands/trust-rotate-root.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { parseMoment } from '../moment.ts';
import { readPublicKey, readPublicKeys } from '../public-key.ts';
import { say } from '../terminal/output.ts';
import { type AddFlags, readAddition } from '../trust/addition.ts';
import { type Change, type ChangeFlags, changeTrustRoot, readTimes, writeDraft } from '../trust/change.ts';
import { draftVersion } from '../trust/draft.ts';
import { printDraft } from '../trust/draft-status.ts';
import { NO_MEMBERS, retire, revoke } from '../trust/members.ts';
import { rootKeys, rotateRoot } from '../trust/root-keys.ts';

export async function trustInit({ name, rootKey, threshold, output, json, ...times }: InitFlags): Promise<ExitCode> {
  const root = rootKeys(await readPublicKeys(rootKey, '--root-key'), threshold);
  const draft = draftVersion(undefined, { name, root, members: NO_MEMBERS, ...readTimes(times) });
  printDraft(await writeDraft(output, draft), json);
  return EXIT.ok;
}

export async function trustAdd(file: string, flags: AddFlags): Promise<ExitCode> {
  const addition = await readAddition(flags);
  return draftChange(file, flags, (content) => ({
    ...content,
    members: addition(content.members, content.issued_at),
  }));
}

export async function trustRetire(file: string, who: string, flags: RetireFlags): Promise<ExitCode> {
  const at = flags.at === undefined ? undefined : parseMoment(flags.at, '--at');
  return draftChange(file, flags, (content) => ({
    ...content,
    members: retire(content.members, who, at ?? content.issued_at),
  }));
}

export async function trustCompromise(file: string, who: string, flags: CompromiseFlags): Promise<ExitCode> {
  const since = parseMoment(flags.since, '--since');
  const revoked = { reason: 'compromised', at: formatTime(Date.now()), since } as const;
  const exitCode = await draftChange(file, flags, (content) => ({
    ...content,
    members: revoke(content.members, who, revoked),
  }));
  say('until verifiers have the signed version, the key counts as before: have it signed and hand it out now');
  return exitCode;
}

export function trustRenew(file: string, flags: ChangeFlags): Promise<ExitCode> {
  return draftChange(file, flags, (content) => content);
}

export async function trustRotateRoot(file: string, flags: RotateFlags): Promise<ExitCode> {
  const { add = [], remove = [], threshold } = flags;
  if (add.length + remove.length === 0 && threshold === undefined) {
    throw new CommandFailure('usage', 'say what to change: --add, --remove or --threshold');
  }
  const added = await readPublicKeys(add, '--add');
  const removed: string[] = [];
  for (const value of remove) removed.push(await readKeyid(value));
  return draftChange(file, flags, (content) => ({
    ...content,
    root: rotateRoot(content.root, added, removed, threshold),
  }));
}

async function readKeyid(value: string): Promise<string> {
  return /^sha256:[0-9a-f]{64}$/.test(value) ? value : (await readPublicKey(value, '--remove')).keyid;
}

async function draftChange(file: string, flags: ChangeFlags, change: Change): Promise<ExitCode> {
  printDraft(await changeTrustRoot(file, flags, change), flags.json);
  return EXIT.ok;
}

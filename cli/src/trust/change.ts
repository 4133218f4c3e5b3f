/** Changing a trust root: from the versions that are there, or a draft, to a draft that is written only if verifiers would take it. */
import { parseTime } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { parseMoment } from '../moment.ts';
import { draftVersion, type TrustContent, type TrustDraft, type TrustVersions } from './draft.ts';
import { formatDraft } from './draft-document.ts';
import { newestOf, readTrustFile } from './trust-file.ts';

/**
 * A log takes a version that was issued from 5 minutes ago to 30 days from now. Its signers need some of that time, and signing is
 * what takes longest.
 */
const DEFAULT_ISSUED_AT = '+1h';
const DEFAULT_EXPIRES_AT = '+90d';

export type TimeFlags = { readonly issuedAt?: string; readonly expiresAt?: string };

export type ChangeFlags = TimeFlags & {
  readonly output?: string;
  readonly trustRoot?: string;
  readonly discardSignatures?: true;
  readonly json?: true;
};

/** A change may need to know from when on it will be in force. */
export type Change = (content: TrustContent) => TrustContent;

/** Where the draft is now. */
export type WrittenDraft = { readonly draft: TrustDraft; readonly file: string };

export async function changeTrustRoot(file: string, flags: ChangeFlags, change: Change): Promise<WrittenDraft> {
  const read = await readTrustFile(file, flags.trustRoot);
  if (read.kind === 'versions') {
    const { versions } = read;
    if (flags.output === undefined) {
      throw new CommandFailure(
        'usage',
        `${file} holds versions that are signed: say with -o where the draft of the next one goes`,
      );
    }
    return writeDraft(flags.output, nextOf(versions, flags, change));
  }
  const { draft } = read;
  const { signatures } = draft;
  if (signatures.length > 0 && flags.discardSignatures === undefined) {
    const message =
      `${file} is signed by ${signatures.length} already, and a change would undo that: ` +
      '--discard-signatures does, and all have to sign again';
    throw new CommandFailure('usage', message);
  }
  return writeDraft(flags.output ?? file, amended(draft, flags, change));
}

function nextOf(before: TrustVersions, flags: TimeFlags, change: Change): TrustDraft {
  const { trustRoot, members } = newestOf(before.verified);
  const { name, root, issued_at, expires_at } = trustRoot;
  const lifetime = Date.parse(expires_at) - Date.parse(issued_at);
  const times = readTimes(flags, lifetime);
  if (times.issued_at <= issued_at) {
    const message =
      `a version has to be issued after the one before it, which says ${issued_at}: leave --issued-at away, or say a later time. ` +
      'A revocation counts as soon as a verifier has the signed version, whatever time it says';
    throw new CommandFailure('usage', message);
  }
  return draftVersion(before, change({ name, root, members, ...times }));
}

/** Its times stay, unless others are given. */
function amended({ before, trustRoot, members }: TrustDraft, flags: TimeFlags, change: Change): TrustDraft {
  const { name, root, issued_at, expires_at } = trustRoot;
  const lifetime = Date.parse(expires_at) - Date.parse(issued_at);
  const issuedAt = flags.issuedAt ?? issued_at;
  const times = readTimes({ issuedAt, ...(flags.expiresAt !== undefined && { expiresAt: flags.expiresAt }) }, lifetime);
  return draftVersion(before, change({ name, root, members, ...times }));
}

/** @param lifetime of the version, in milliseconds, where no end is given. */
export function readTimes(
  { issuedAt = DEFAULT_ISSUED_AT, expiresAt }: TimeFlags,
  lifetime?: number,
): Pick<TrustContent, 'issued_at' | 'expires_at'> {
  const issued = parseMoment(issuedAt, '--issued-at');
  const from = Date.parse(issued);
  const fallback = lifetime === undefined ? DEFAULT_EXPIRES_AT : new Date(from + lifetime).toISOString();
  return { issued_at: issued, expires_at: parseMoment(expiresAt ?? fallback, '--expires-at', from) };
}

/** Names and keys of people: for those who sign and verify, and not for everybody on the machine. */
export async function writeDraft(file: string, draft: TrustDraft): Promise<WrittenDraft> {
  if (file === '-') throw new CommandFailure('usage', 'say with -o where the draft goes: it came from standard input');
  const output = await OutputFile.prepare(file, 0o600);
  await output.commit(formatDraft(draft));
  return { draft, file };
}

/** Whether a log would still take it: `issued_at` at most 5 minutes ago. */
export function isTooOldToLog({ trustRoot }: TrustDraft, now = Date.now()): boolean {
  const issued = parseTime(trustRoot.issued_at);
  return issued.ok && issued.value < now - 5 * 60_000;
}

/** What a draft would change and what it still lacks, after each step of a ceremony. */
import { printJson, printText, say } from '../terminal/output.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';
import { isTooOldToLog, type WrittenDraft } from './change.ts';
import { changeText, type TrustChange, trustChanges } from './changes.ts';
import { rootIdOf, type TrustDraft } from './draft.ts';
import { rootAdvice, type SigningProgress, signingProgress } from './signatures.ts';
import { newestOf } from './trust-file.ts';

export const DRAFT_STATUS_TYPE = 'assent/trust-draft-status/v1';

export type DraftStatus = {
  readonly type: typeof DRAFT_STATUS_TYPE;
  readonly file: string;
  readonly name: string;
  readonly version: number;
  readonly root_id: string;
  readonly digest: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly changes: readonly TrustChange[];
  readonly signatures: SigningProgress;
};

export function draftChanges({ before, trustRoot, members }: TrustDraft): readonly TrustChange[] {
  const newest = before && newestOf(before.verified);
  return trustChanges(newest && { ...newest.trustRoot, members: newest.members }, { ...trustRoot, members });
}

export function draftStatus({ draft, file }: WrittenDraft): DraftStatus {
  const { name, version, issued_at, expires_at } = draft.trustRoot;
  return {
    type: DRAFT_STATUS_TYPE,
    file,
    name,
    version,
    root_id: rootIdOf(draft),
    digest: draft.digest,
    issued_at,
    expires_at,
    changes: draftChanges(draft),
    signatures: signingProgress(draft),
  };
}

export function statusLines(status: DraftStatus): readonly string[] {
  const { name, version, root_id, digest, issued_at, expires_at, changes } = status;
  return [
    `draft      version ${version} of ${name}`,
    `root id    ${root_id}`,
    `digest     ${digest}`,
    `in force   from ${issued_at}, expires ${expires_at}`,
    ...changes.map((change, index) => `${index === 0 ? 'changes' : ''}`.padEnd(11) + changeText(change)),
    ...(changes.length === 0 ? ['changes    none but the times'] : []),
    ...progressLines(status.signatures),
  ];
}

function progressLines({ roots, missing, signed_by }: SigningProgress): readonly string[] {
  const counts = roots.map(
    ({ version, signed, threshold }) => `${signed} of ${threshold} by the root keys of version ${version}`,
  );
  const need =
    missing === 0
      ? 'nothing: it has all the signatures that it needs'
      : `${missing} ${signed_by.length === 0 ? '' : 'more '}${missing === 1 ? 'signature' : 'signatures'}`;
  return [`signed     ${counts.join(', ')}`, `missing    ${need}`];
}

/** To standard output, and what to do about it to standard error. */
export function printDraft(written: WrittenDraft, json: true | undefined): void {
  const status = draftStatus(written);
  if (json) printJson(status);
  else
    printText(
      `${statusLines(status)
        .map((line) => safeExcerpt(line, 2000))
        .join('\n')}\n`,
    );
  for (const advice of rootAdvice(written.draft)) say(`careful: ${advice}`);
  const { file } = written;
  if (isTooOldToLog(written.draft)) {
    say(
      `no log takes it any more: it says that it was issued at ${status.issued_at}, and a log takes 5 minutes.`,
      'Change the draft with a later --issued-at, and have it signed again.',
    );
  } else if (status.signatures.missing > 0) {
    say(
      `${file} is to be signed: "assent trust show ${file}" explains it, "assent trust sign ${file} --key FILE" signs it`,
    );
  } else {
    say(`${file} is complete: "assent trust publish ${file}" logs it`);
  }
}

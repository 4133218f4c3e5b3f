/** A draft that has all the signatures it needs, and the list of versions that it goes into. */
import { existsSync } from 'node:fs';
import { type JsonObject, verifyTrustRoot } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { OutputFile } from '../files/output-file.ts';
import { draftEnvelope, draftItem, rootIdOf, type TrustDraft } from './draft.ts';
import { refuseOtherVersions } from './extends.ts';
import { trustRefusal } from './refusal.ts';
import { signingProgress } from './signatures.ts';
import { readVersions } from './trust-file.ts';
import { formatVersions, verifyVersions } from './versions.ts';

export type CompleteVersion = {
  readonly number: number;
  readonly digest: string;
  /** Content of its entry. */
  readonly envelope: JsonObject;
  /** All versions, this one last. */
  readonly items: readonly JsonObject[];
};

/** Judged as verifiers will, signatures and all. Throws a CommandFailure. */
export async function completeVersion(draft: TrustDraft, file: string): Promise<CompleteVersion> {
  const { missing } = signingProgress(draft);
  if (missing > 0) {
    const message = `${file} lacks ${missing} ${missing === 1 ? 'signature' : 'signatures'}: "assent trust show ${file}" says whose`;
    throw new CommandFailure('usage', message);
  }
  const items = [...(draft.before?.items ?? []), draftItem(draft)];
  const verified = await verifyTrustRoot(rootIdOf(draft), items);
  if (verified.ok) {
    return { number: draft.trustRoot.version, digest: draft.digest, envelope: draftEnvelope(draft), items };
  }
  const { code, detail } = verified;
  throw trustRefusal(`${file} is no version that verifiers would take`, { code, detail });
}

export type PreparedVersions = { commit(): Promise<void>; discard(): Promise<void> };

/** Where `file` holds other versions, nothing is written: those may be the only copy. */
export async function prepareVersions(file: string, { items, digest }: CompleteVersion): Promise<PreparedVersions> {
  const there = existsSync(file) ? await readVersions(file) : undefined;
  if (there !== undefined) {
    const { versions } = there.verified.chain;
    // Published again: it has this version, and maybe later ones, which stay.
    if (versions.some((version) => version.digest === digest)) {
      return { commit: async () => undefined, discard: async () => undefined };
    }
    refuseOtherVersions(await verifyVersions(items, file), there, `the versions in ${file}`);
  }
  const output = await OutputFile.prepare(file);
  return { commit: () => output.commit(formatVersions(items)), discard: () => output.discard() };
}

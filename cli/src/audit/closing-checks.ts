/** What can be judged only when every entry was read: what is there twice, and what was consumed. */
import { type ContentEvidence, checkContent, type Entry, parseEntry, TILE_WIDTH, tileWidthAt } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import type { LogSource } from '../log-source/log-source.ts';
import type { AuditFiles } from './audit-store.ts';
import { doubtfulConsumptions } from './consumption-join.ts';
import { findDuplicates } from './duplicates.ts';
import { type EntryNames, namesOf, namesOfSealed } from './entry-names.ts';
import { explainConsumptions } from './explain-consumptions.ts';
import type { Finding } from './findings.ts';
import { nativePrimitives } from './native-primitives.ts';
import { type NotChecked, notChecked } from './not-checked.ts';

export type ClosingParts = {
  readonly source: LogSource;
  readonly origin: string;
  /** Of the tree that is served. */
  readonly served: number;
  readonly files: AuditFiles;
  /** For temporary files. */
  readonly folder: string;
  readonly seed: number;
  readonly firstHidden: number;
};

export type ClosingChecks = { readonly findings: readonly Finding[]; readonly notChecked: readonly NotChecked[] };

/** Throws CommandFailure where entries that have to be looked at again can't be had. */
export async function closingChecks(parts: ClosingParts): Promise<ClosingChecks> {
  const { files, folder, seed, firstHidden } = parts;
  const reader = new EntryReader(parts);
  const findings: Finding[] = [];
  const missed: NotChecked[] = [];
  for (const [kind, keys] of [
    ['statement', files.statements],
    ['identity', files.identities],
  ] as const) {
    const found = await findDuplicates(kind, keys, folder, seed, (index) => reader.names(index));
    findings.push(...found.findings);
    if (found.isCut) {
      missed.push(
        notChecked('duplicates', `so many entries seem to share a ${kind} that not all of them were looked at`),
      );
    }
  }
  let isCut = false;
  const doubtful = doubtfulConsumptions(files.consumables, files.consumptions, folder, seed, () => {
    isCut = true;
  });
  const explained = await explainConsumptions(doubtful, files.statements, firstHidden, (index) =>
    reader.evidence(index),
  );
  findings.push(...explained.findings);
  if (isCut || explained.isCut) {
    missed.push(notChecked('consumptions', 'so many consumptions fit no approval that not all of them were looked at'));
  }
  if (explained.unseen > 0) {
    const detail =
      'consumptions are of approvals that no open entry shows: sealed or withheld ones, for all that anybody but the log can tell';
    missed.push(notChecked('unseen_approvals', detail, explained.unseen));
  }
  return { findings, notChecked: missed };
}

/** Reads entries again, one after the other. */
class EntryReader {
  readonly #parts: ClosingParts;
  #last: { readonly bundle: number; readonly entries: readonly (Uint8Array | undefined)[] } | undefined;

  constructor(parts: ClosingParts) {
    this.#parts = parts;
  }

  async names(index: number): Promise<EntryNames> {
    const entry = await this.#entry(index);
    if (entry === undefined) return {};
    if ('sealed' in entry) return namesOfSealed(entry.sealed);
    return namesOf(await this.#judge(entry));
  }

  async evidence(index: number): Promise<ContentEvidence | undefined> {
    const entry = await this.#entry(index);
    return entry === undefined || 'sealed' in entry ? undefined : this.#judge(entry);
  }

  #judge({ kind, content, reveal }: Exclude<Entry, { readonly sealed: string }>): Promise<ContentEvidence> {
    const { origin } = this.#parts;
    return checkContent({ kind, content, origin, ...(reveal && { intent: reveal.intent }) }, nativePrimitives);
  }

  async #entry(index: number): Promise<Entry | undefined> {
    const bundle = Math.floor(index / TILE_WIDTH);
    if (this.#last?.bundle !== bundle) this.#last = { bundle, entries: await this.#bundle(bundle) };
    const bytes = this.#last.entries[index % TILE_WIDTH];
    const entry = bytes && parseEntry(bytes);
    return entry?.ok ? entry.value : undefined;
  }

  async #bundle(bundle: number): Promise<readonly (Uint8Array | undefined)[]> {
    const { source, served } = this.#parts;
    try {
      return await source.bundle(bundle, tileWidthAt(0, bundle, served));
    } catch (error) {
      // What a bundle lacks was found when it was read first.
      if (error instanceof CommandFailure && error.kind === 'log_misbehaves') return [];
      throw error;
    }
  }
}

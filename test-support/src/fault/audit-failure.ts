/**
 * What an auditor can find. `lost`: acknowledged or signed, and not there. `forked`: two histories were signed.
 * `unproven`: a receipt that was handed out does not verify. `duplicate`: a statement is there twice. `time`: it went
 * back. `damaged`: what is served does not give the signed root. `contradiction`: answers that can't all be true.
 */
export type FindingKind = 'lost' | 'forked' | 'unproven' | 'duplicate' | 'time' | 'damaged' | 'contradiction';

export type Finding = { readonly kind: FindingKind; readonly detail: string };

const SHOWN = 10;

/** The log failed its audit. The message names the first findings of each kind. */
export class AuditFailure extends Error {
  readonly findings: readonly Finding[];

  constructor(summary: string, findings: readonly Finding[]) {
    const kinds = [...new Set(findings.map(({ kind }) => kind))];
    const lines = kinds.flatMap((kind) => {
      const details = findings.filter((finding) => finding.kind === kind).map(({ detail }) => `  ${kind}: ${detail}`);
      const more = details.length > SHOWN ? [`  ${kind}: … and ${details.length - SHOWN} more`] : [];
      return [...details.slice(0, SHOWN), ...more];
    });
    super(`the log failed its audit (${summary})\n${lines.join('\n')}`);
    this.name = 'AuditFailure';
    this.findings = findings;
  }

  /** The kinds that were found, each once, in alphabetical order. */
  get kinds(): FindingKind[] {
    return [...new Set(this.findings.map(({ kind }) => kind))].sort();
  }
}

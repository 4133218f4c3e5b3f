/** What is found out about evidence that is no receipt: for programs the same shape as a report, for people the same words. */
import type { Check, HeadFacts, WitnessFacts } from '@assent/verifier';
import type { EvidenceKind } from '../commands/verify.ts';
import { painter } from '../terminal/paint.ts';
import { checkLines, line, verdictLines } from '../terminal/report-text.ts';

export const EVIDENCE_REPORT_TYPE = 'assent/evidence/v1';

/** As in a report, with further ids: `older`, `consistency`, `misbehaviour`. */
export type EvidenceCheck = Omit<Check, 'id'> & { readonly id: string };

/** What a head says. `timestamp` stands in an STH alone. */
export type Head = HeadFacts & Partial<WitnessFacts> & { readonly timestamp?: string };

export type EvidenceReport = {
  readonly type: typeof EVIDENCE_REPORT_TYPE;
  readonly kind: EvidenceKind;
  readonly verdict: 'authentic' | 'incomplete' | 'invalid';
  /** One sentence or two for a person. */
  readonly summary: string;
  readonly checks: readonly EvidenceCheck[];
  /** Only when the log signed it, and the proof, if it is one, leads to it. */
  readonly log?: Head;
  readonly unverified_log?: Head;
  /** Of two heads the older one, only when the log signed it. */
  readonly older?: Head;
  /** The proof of misbehaviour that two heads make. */
  readonly misbehaviour?: unknown;
};

export function passed(id: string, title: string, detail: string): EvidenceCheck {
  return { id, status: 'pass', title, detail };
}

export function failed(
  id: string,
  title: string,
  { code, detail }: Pick<Required<Check>, 'code' | 'detail'>,
): EvidenceCheck {
  return { id, status: 'fail', code, title, detail };
}

export function skipped(id: string, title: string, code: NonNullable<Check['code']>, detail: string): EvidenceCheck {
  return { id, status: 'skip', code, title, detail };
}

/** Verdict and summary follow from the checks; `good` is what there is to say if they all pass. */
export function conclude(
  kind: EvidenceKind,
  checks: readonly EvidenceCheck[],
  good: string,
  facts: Pick<EvidenceReport, 'log' | 'unverified_log' | 'older' | 'misbehaviour'> = {},
): EvidenceReport {
  const bad = checks.find(({ status }) => status === 'fail');
  const open = checks.find(({ status }) => status === 'skip');
  const verdict = bad !== undefined ? 'invalid' : open !== undefined ? 'incomplete' : 'authentic';
  const summary =
    bad !== undefined
      ? `It does not hold: ${sentence(bad.detail)}`
      : open !== undefined
        ? `Nothing failed, and some of it could not be checked: ${sentence(open.detail)}`
        : good;
  return { type: EVIDENCE_REPORT_TYPE, kind, verdict, summary, checks, ...facts };
}

export function evidenceText(report: EvidenceReport, stream: NodeJS.WriteStream): string {
  const paint = painter(stream);
  const { checks, log, unverified_log: claimed, older } = report;
  const lines = [
    ...verdictLines(report, paint),
    '',
    ...checks.flatMap((check) => checkLines(check, paint)),
    ...(older === undefined ? [] : ['', paint('bold', 'The older tree'), ...headLines(older)]),
    ...(log === undefined
      ? []
      : ['', paint('bold', older === undefined ? 'The tree' : 'The newer tree'), ...headLines(log)]),
    ...(claimed === undefined ? [] : ['', paint('bold', 'What it claims (not verified)'), ...headLines(claimed)]),
  ];
  return `${lines.join('\n')}\n`;
}

function headLines({
  origin,
  size,
  root,
  index,
  leaf_hash,
  timestamp,
  witnesses = [],
  seen_by,
}: Head): readonly string[] {
  return [
    line('log', origin),
    line('size', String(size)),
    ...(index === undefined ? [] : [line('entry', String(index))]),
    ...(leaf_hash === undefined ? [] : [line('leaf hash', leaf_hash)]),
    line('root', root),
    ...(timestamp === undefined ? [] : [line('signed at', timestamp)]),
    ...witnesses.map(({ name, time }) => line('cosigned by', `${name} at ${time}`)),
    ...(seen_by === undefined ? [] : [line('seen by', `a quorum of witnesses at ${seen_by}`)]),
  ];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

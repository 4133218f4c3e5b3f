import type { Primitives } from '@assent/verifier';
import type { QueueDepth } from '../metrics/sources.ts';
import { asProblem, type Problem } from '../problems.ts';
import type { AppendRights } from './append-rights.ts';
import { type AdmissionRules, examineBody } from './examine.ts';
import { examineConsumption } from './examine-consumption.ts';
import type { ConsumptionSubmission, Examined } from './examined.ts';

/** What is being examined now; `threads`: how many of the {@link Admission.threads} are alive. */
export type AdmissionDepth = QueueDepth & { readonly threads: number };

/** Examines the bodies of appends, on this thread or on others. */
export interface Admission {
  /** Throws a Problem, as {@link examineBody} does. */
  examine(body: Uint8Array, rights: AppendRights): Promise<Examined>;
  /** The same of many, in their order; what is refused is a Problem in its place. Throws one where none can be examined. */
  examineAll(bodies: readonly Uint8Array[], rights: AppendRights): Promise<(Examined | Problem)[]>;
  /** Throws a Problem, as {@link examineConsumption} does. */
  examineConsumption(body: Uint8Array, rights: AppendRights): Promise<ConsumptionSubmission>;
  /** How many threads there are when all is well. */
  readonly threads: number;
  readonly depth: AdmissionDepth;
  /** Call it when nothing is being examined any more. */
  close(): Promise<void>;
}

/** On the calling thread. */
export function inlineAdmission(rules: AdmissionRules, primitives: Primitives): Admission {
  return {
    examine: (body, rights) => examineBody(body, rules, rights, primitives),
    examineAll: (bodies, rights) =>
      Promise.all(bodies.map((body) => examineBody(body, rules, rights, primitives).catch(asProblem))),
    examineConsumption: (body, rights) => examineConsumption(body, rights, primitives),
    threads: 1,
    depth: { records: 0, bytes: 0, threads: 1 },
    close: async () => undefined,
  };
}

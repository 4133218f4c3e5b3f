import type { Primitives } from '@assent/verifier';
import type { AppendRights } from './append-rights.ts';
import { type Examined, examineBody } from './examine.ts';

/** Examines the bodies of appends, on this thread or on others. */
export interface Admission {
  /** Throws a Problem, as {@link examineBody} does. */
  examine(body: Uint8Array, rights: AppendRights): Promise<Examined>;
  /** Call it when nothing is being examined any more. */
  close(): Promise<void>;
}

/** On the calling thread. */
export function inlineAdmission(origin: string, primitives: Primitives): Admission {
  return {
    examine: (body, rights) => examineBody(body, origin, rights, primitives),
    close: async () => undefined,
  };
}

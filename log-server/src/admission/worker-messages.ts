import type { ProblemCode, ProblemExtras } from '../problems.ts';
import type { AppendRights } from './append-rights.ts';
import type { AdmissionRules } from './examine.ts';
import type { Examined } from './examined.ts';

/** By which rules a body is examined: those of the call that it came with. */
export type ExaminedAs = 'entry' | 'consumption';

/** What the worker is started with. */
export type WorkerSettings = AdmissionRules;

/**
 * Bodies to examine, one after the other in one piece of memory: handing over many small ones costs more than copying
 * them. `ends[i]` is where body i ends, `rights[i]` what its sender may append: one object for one key, which is then copied once.
 */
export type ExamineOrders = {
  readonly firstId: number;
  readonly bodies: Uint8Array<ArrayBuffer>;
  readonly ends: readonly number[];
  readonly rights: readonly AppendRights[];
  readonly as: readonly ExaminedAs[];
};

/** A Problem as plain data; anything else that went wrong is a defect and only has a message. */
export type ExamineAnswer =
  | { readonly id: number; readonly examined: Examined }
  | { readonly id: number; readonly problem: { code: ProblemCode; message: string; extras: ProblemExtras } }
  | { readonly id: number; readonly defect: string };

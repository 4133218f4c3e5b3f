import type { ProblemCode, ProblemExtras } from '../problems.ts';
import type { AppendRights, Examined } from './examine.ts';

/** What the worker is started with. */
export type WorkerSettings = { readonly origin: string };

export type ExamineOrder = { readonly id: number; readonly body: Uint8Array; readonly rights: AppendRights };

/** A Problem as plain data; anything else that went wrong is a defect and only has a message. */
export type ExamineAnswer =
  | { readonly id: number; readonly examined: Examined }
  | { readonly id: number; readonly problem: { code: ProblemCode; message: string; extras: ProblemExtras } }
  | { readonly id: number; readonly defect: string };

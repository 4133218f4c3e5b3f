import type { Log } from './log.ts';

export type FinalCheckpoint = {
  readonly size: number;
  readonly checkpoint: string;
  /** Whether the witness quorum has cosigned it; true where none is asked for. */
  readonly witnessed: boolean;
};

/**
 * The checkpoint of the newest head with the cosignatures of the quorum, for which it waits at most `waitMs`. Its text is
 * that of the last head with entries, so what witnesses said of that one counts.
 */
export async function finalCheckpoint(log: Log, waitMs: number): Promise<FinalCheckpoint> {
  const { size } = await log.head();
  const witnessed = await log.witnessing.waitFor(size, waitMs);
  const kept = witnessed ? await log.witnessing.kept.ofSize(size) : undefined;
  if (kept !== undefined) return { size, checkpoint: await log.completeCheckpoint(kept.checkpoint), witnessed };
  return { size, checkpoint: (await log.head()).checkpoint, witnessed };
}

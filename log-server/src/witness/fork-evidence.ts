import {
  equalBytes,
  hexEncode,
  type NoteVerifier,
  type Primitives,
  parseCheckpoint,
  parseNote,
  treeRoot,
  verifyNote,
} from '@assent/verifier';
import type { TreeState } from '../tree/load-tree.ts';
import type { TileCache } from '../tree/tile-cache.ts';
import { TreeReader } from '../tree/tree-reader.ts';

export type ForkJudgement =
  /** Not a checkpoint of this log, or without a valid signature by its key: anyone could have written it. */
  | 'foreign'
  /** This log signed it, and its tree contains it. */
  | 'contained'
  | { readonly conflict: string };

export type ForkJudgeOptions = {
  readonly origin: string;
  readonly logKeys: readonly NoteVerifier[];
  /** The newest signed head, no older than any that was handed out before the call. */
  readonly newest: () => Promise<TreeState>;
  readonly cache: TileCache;
  readonly primitives: Primitives;
};

/**
 * Whether a checkpoint that somebody else holds shows that this log forked, or that it lost entries which it signed. The
 * log's own signature decides: without it a checkpoint is somebody's claim, and a claim must not be able to stop the log.
 *
 * Rejects when the newest head can't be had.
 */
export async function judgeCheckpoint(
  unverifiedNote: string,
  { origin, logKeys, newest, cache, primitives }: ForkJudgeOptions,
): Promise<ForkJudgement> {
  const note = parseNote(unverifiedNote);
  if (!note.ok) return 'foreign';
  const checkpoint = parseCheckpoint(note.value.text);
  if (!checkpoint.ok || checkpoint.value.origin !== origin) return 'foreign';
  if (!(await verifyNote(note.value, logKeys, primitives)).ok) return 'foreign';

  const { size, root } = checkpoint.value;
  // Asked for after the checkpoint came: whatever another process signed until then is in the chain.
  const { head, edge } = await newest();
  if (size > head.size) {
    return {
      conflict: `of size ${size} (root ${hexEncode(root)}), and the database ends at size ${head.size}: entries that were signed are missing, or another server signs with this key`,
    };
  }
  const own = await treeRoot(size, new TreeReader(edge, cache), primitives.sha256);
  if (equalBytes(own, root)) return 'contained';
  return {
    conflict: `of size ${size} with the root ${hexEncode(root)}, where this database has the root ${hexEncode(own)}: two histories were signed with this key`,
  };
}

import { Problem } from './problems.ts';
import type { SignedTree } from './signed-tree.ts';

/** Entries for lists and streams, which must go on: what is withheld or damaged is undefined in its place. */
export async function readStored(
  tree: Pick<SignedTree, 'readableEntries'>,
  first: number,
  end: number,
): Promise<readonly (Uint8Array | undefined)[]> {
  try {
    return await tree.readableEntries(first, end);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const entries: (Uint8Array | undefined)[] = [];
  for (let index = first; index < end; index++) {
    entries.push(
      await tree.readableEntries(index, index + 1).then(
        ([entry]) => entry,
        (error: unknown) => {
          if (!isDamage(error)) throw error;
          return undefined;
        },
      ),
    );
  }
  return entries;
}

function isDamage(error: unknown): boolean {
  return error instanceof Problem && error.code === 'stored_data_damaged';
}

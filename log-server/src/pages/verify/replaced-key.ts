/**
 * Whether a key counts with which a receipt was signed and that this page's log has replaced. Few receipts ask for it, so it is a
 * script of its own, which is fetched then.
 */
import { checkRetiredKey } from '@assent/verifier';
import { readGrowth } from '../shared/growth.ts';
import { askLog, type ServedLog } from '../shared/served-log.ts';

/**
 * The key to check this receipt with, or why none of those that the log has replaced counts; undefined if none signed it.
 *
 * `contradicted` where the log of now is not what that key signed: another tree, or one too small for it. `silent` where the log
 * shows neither, as it does not answer, or with what proves nothing: that says nothing against the receipt, and nothing for it.
 */
export async function replacedKeyOf(
  checkpoint: string,
  { vkeys: logKeys, retired, size }: Pick<ServedLog, 'vkeys' | 'retired' | 'size'>,
  ask: typeof askLog = askLog,
): Promise<{ readonly vkey: string } | 'contradicted' | 'silent' | undefined> {
  let isSilent = false;
  const by = await checkRetiredKey(checkpoint, { logKeys, retired }, async (kept) => {
    const growth = readGrowth(await ask(`/api/v1/proofs/consistency?from=${kept.size}`));
    // The log was as large as this when it had replaced the key already: what the key signed is no larger.
    isSilent = growth === undefined && kept.size <= size;
    return growth;
  });
  if (by.ok) return by.value;
  const isAnother = by.code === 'consistency_mismatch' || (by.code === 'index_out_of_range' && !isSilent);
  return isAnother ? 'contradicted' : 'silent';
}

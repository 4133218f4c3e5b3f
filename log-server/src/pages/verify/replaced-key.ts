/**
 * Whether a key counts with which a receipt was signed and that this page's log has replaced. Few receipts ask for it, so it is a
 * script of its own, which is fetched then.
 */
import { checkRetiredKey } from '@assent/verifier';
import { REPLACED_KEY } from '../../words/verify.ts';
import { readGrowth } from '../shared/growth.ts';
import { askLog, type ServedLog } from '../shared/served-log.ts';

/** The key to check this receipt with, or why none of those that the log has replaced counts; undefined if none signed it. */
export async function replacedKeyOf(
  checkpoint: string,
  { vkeys: logKeys, retired }: Pick<ServedLog, 'vkeys' | 'retired'>,
  ask: typeof askLog = askLog,
): Promise<{ readonly vkey: string } | { readonly doubt: string } | undefined> {
  const by = await checkRetiredKey(checkpoint, { logKeys, retired }, async ({ size }) =>
    readGrowth(await ask(`/api/v1/proofs/consistency?from=${size}`)),
  );
  return by.ok ? by.value : { doubt: REPLACED_KEY.doubt };
}

import type { Migration } from 'kysely';
import { logTables } from './0001-log.ts';
import { headsBySize } from './0002-heads-by-size.ts';
import { keyTerms } from './0003-key-terms.ts';
import { sealedEntries } from './0004-sealed.ts';
import { searchTerms } from './0005-search.ts';
import { witnessTables } from './0006-witness.ts';
import { logChanges } from './0007-log-changes.ts';
import { withheldEntries } from './0008-withheld.ts';
import { foreignPayloads } from './0009-foreign-payloads.ts';
import { searchBundles } from './0010-search-bundles.ts';
import { keysWithoutServices } from './0011-keys-without-services.ts';

/**
 * Every step of the schema, by name, in the order of the names. A step that has been released never changes; there are
 * no steps back, because going back would drop parts of an append-only log.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-log': logTables,
  '0002-heads-by-size': headsBySize,
  '0003-key-terms': keyTerms,
  '0004-sealed': sealedEntries,
  '0005-search': searchTerms,
  '0006-witness': witnessTables,
  '0007-log-changes': logChanges,
  '0008-withheld': withheldEntries,
  '0009-foreign-payloads': foreignPayloads,
  '0010-search-bundles': searchBundles,
  '0011-keys-without-services': keysWithoutServices,
};

import { searchLog } from '../shared/served-log.ts';

/**
 * The newest version that this log lists of a trust root, by the keys in charge of it: the log's word, and a hint to ask the
 * organization. The request names nothing of what is pinned. Undefined if the log lists none, or does not answer.
 */
export async function newestListedVersion({
  rootKeys,
}: {
  readonly rootKeys: readonly string[];
}): Promise<number | undefined> {
  const entries = (await searchLog('kind=trust-root&limit=100')) ?? [];
  const versions = entries.map((entry) => versionBy(entry, rootKeys)).filter((version) => version !== undefined);
  return versions.length === 0 ? undefined : Math.max(...versions);
}

function versionBy(entry: unknown, rootKeys: readonly string[]): number | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { keyids, trust_root: root }: { keyids?: unknown; trust_root?: unknown } = entry;
  const isTheirs = Array.isArray(keyids) && keyids.some((keyid) => rootKeys.includes(String(keyid)));
  const version = typeof root === 'object' && root !== null && 'version' in root ? root.version : undefined;
  return isTheirs && Number.isSafeInteger(version) ? Number(version) : undefined;
}

/**
 * Whether the log still holds what this browser saw: the head of last time against the newest one, with the verifier, under the
 * keys that the visitor pinned, else under those that the browser remembers. A log can show each visitor another history only as long as nobody compares; this compares.
 */
import { compareHeads, parseCheckpoint, parseNote, parseVkey, type Result, verifyNote } from '@assent/verifier';
import { proveMisbehaviour } from '@assent/verifier/misbehaviour';
import type { AnsweredGrowth } from '../shared/growth.ts';
import type { ServedLog } from '../shared/served-log.ts';
import type { SeenHead } from './seen-head.ts';

export type Visit =
  | { readonly kind: 'first' | 'same' | 'grown'; readonly now: SeenHead }
  /** The log signed two histories; `evidence` is the proof (formats.md §13), as JSON. */
  | { readonly kind: 'fork'; readonly evidence: string }
  /** The newest head is smaller than the one that was seen. Both are signed, and that is no proof: it may be a copy that lags. */
  | { readonly kind: 'shrunk'; readonly size: number; readonly newer: string }
  /** The log did not prove that it grew out of what was seen. */
  | { readonly kind: 'unproven'; readonly newer: string }
  /** It signs with no key that the visitor pinned, or, where none is, with none that the browser remembers. */
  | { readonly kind: 'other-key'; readonly isPinned: boolean; readonly replaced: string | undefined }
  | { readonly kind: 'broken' | 'unreachable' }
  | { readonly kind: 'other-log'; readonly origin: string };

/** The log, as a page asks it. Each is undefined where it cannot be reached or refuses. */
export type AskedLog = {
  readonly served: () => Promise<ServedLog | undefined>;
  /** The newest signed note. */
  readonly checkpoint: () => Promise<string | undefined>;
  /** `smaller`: the log has no head of this size yet. */
  readonly consistency: (from: number) => Promise<AnsweredGrowth | 'smaller' | undefined>;
};

/**
 * @param now ms since the epoch
 * @param pins log keys that the visitor pinned, of any log: where there are some of this one, they alone say who it is
 */
export async function compareVisit(
  seen: SeenHead | undefined,
  log: AskedLog,
  now: number,
  pins: readonly string[] = [],
): Promise<Visit> {
  const served = await log.served();
  if (served === undefined) return { kind: 'unreachable' };
  const pinned = ofLog(pins, served.origin);
  const known = [...new Set([...pinned, ...(seen?.vkeys ?? [])])];
  const otherKey = {
    kind: 'other-key',
    isPinned: pinned.length > 0,
    replaced: served.retired.find(({ vkey }) => known.includes(vkey))?.until,
  } as const;
  if (seen === undefined) {
    const checkpoint = await log.checkpoint();
    if (checkpoint === undefined) return { kind: 'unreachable' };
    const keys = pinned.length > 0 ? pinned : ofLog(served.vkeys, served.origin);
    const head = await rememberable(checkpoint, keys, now);
    if (head !== undefined) return { kind: 'first', now: head };
    return pinned.length > 0 ? otherKey : { kind: 'broken' };
  }
  if (served.origin !== seen.origin) return { kind: 'other-log', origin: served.origin };
  const growth = await log.consistency(seen.size);
  if (growth === undefined) return { kind: 'unreachable' };
  if (growth === 'smaller') {
    const newer = await smaller(seen, pinned.length > 0 ? pinned : known, log, now);
    return newer ?? otherKey;
  }

  const { checkpoint, fromRoot, proof } = growth;
  const heads = { older: { checkpoint: seen.checkpoint }, newer: { checkpoint }, proof, fromRoot };
  const compared = await compareHeads(heads, { logKeys: known });
  if (!compared.ok) return failureOf(compared, checkpoint) ?? otherKey;
  if (compared.value.relation === 'fork') {
    const evidence = await proveMisbehaviour(heads, { logKeys: known });
    return evidence.ok ? { kind: 'fork', evidence: evidence.value } : { kind: 'broken' };
  }
  if (pinned.length > 0 && (await rememberable(checkpoint, pinned, now)) === undefined) return otherKey;
  // A key that the browser has not seen is taken over only where it signs beside one that it has, and where none is pinned.
  const keys = pinned.length > 0 ? known : [...new Set([...known, ...ofLog(served.vkeys, served.origin)])];
  const head = await rememberable(checkpoint, keys, now);
  if (head === undefined) return { kind: 'broken' };
  return { kind: head.size === seen.size ? 'same' : 'grown', now: head };
}

/** Undefined if none of the keys signed it. */
async function smaller(
  seen: SeenHead,
  vkeys: readonly string[],
  log: AskedLog,
  now: number,
): Promise<Visit | undefined> {
  const newer = await log.checkpoint();
  if (newer === undefined) return { kind: 'unreachable' };
  const head = await rememberable(newer, vkeys, now);
  if (head === undefined) return undefined;
  // It grew between the two questions: to be asked again.
  return head.size >= seen.size ? { kind: 'unreachable' } : { kind: 'shrunk', size: head.size, newer };
}

/** Undefined if none of the keys signed the newer one. */
function failureOf(failure: Extract<Result<unknown>, { ok: false }>, newer: string): Visit | undefined {
  switch (failure.code) {
    case 'log_signature_missing':
      return failure.detail.startsWith('newer') ? undefined : { kind: 'broken' };
    case 'consistency_length':
    case 'consistency_mismatch':
    case 'index_out_of_range':
    case 'hash_length':
      return { kind: 'unproven', newer };
    default:
      return { kind: 'broken' };
  }
}

/** The head of a note, with those of the keys that signed it; undefined if none did, or one badly. */
async function rememberable(checkpoint: string, vkeys: readonly string[], at: number): Promise<SeenHead | undefined> {
  const note = parseNote(checkpoint);
  const parsed = note.ok ? parseCheckpoint(note.value.text) : note;
  if (!note.ok || !parsed.ok) return undefined;
  const signing: string[] = [];
  for (const vkey of vkeys) {
    const key = parseVkey(vkey);
    if (!key.ok || key.value.name !== parsed.value.origin) continue;
    const verified = await verifyNote(note.value, [key.value]);
    if (verified.ok) signing.push(vkey);
    else if (verified.code !== 'log_signature_missing') return undefined;
  }
  const { origin, size } = parsed.value;
  return signing.length === 0 ? undefined : { origin, vkeys: signing, checkpoint, size, at };
}

function ofLog(vkeys: readonly string[], origin: string): string[] {
  return vkeys.filter((vkey) => vkey.startsWith(`${origin}+`));
}

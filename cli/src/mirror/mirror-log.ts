/**
 * A static copy of a log in the layout of https://c2sp.org/tlog-tiles, which any web server can hand out.
 *
 * Nothing is written before it is proved to be of the tree that the log signed, and that the tree extends the one that was copied
 * last. The checkpoint comes last of all: until then, and after a crash, the copy is the one that it was, and the next run finds
 * what is there already and goes on.
 */
import { type Tile, utf8Decode } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { AuthenticTiles, tilesOfLog } from '../log-source/authentic-tiles.ts';
import { compareTrees } from '../log-source/compare-trees.ts';
import { openSignedHead, openWitnessedHead, reopenSignedHead, type SignedHead } from '../log-source/signed-head.ts';
import type { Pinned } from '../pinned.ts';
import { keepProof, proveFork } from '../write-misbehaviour.ts';
import type { MirrorFolder } from './mirror-folder.ts';
import { readTile, readWithheld, removeOldPartials, TreeCopy, type TreeCopyOptions } from './tree-copy.ts';

const MAX_CHECKPOINT = 1_000_000;

export type MirrorOptions = TreeCopyOptions & {
  /** What the user pinned. */
  readonly given: Pinned;
  /** With the keys that the log names where the user pinned none; asked for only when there is something to check. */
  readonly pinned: () => Promise<Pinned>;
  /** Look at what was copied earlier as well. */
  readonly checkAll: boolean;
  /** Where the proof goes if the log signed two histories. */
  readonly misbehaviourFile: string;
};

export type Mirrored = {
  readonly origin: string;
  readonly size: number;
  /** What the copy held before. */
  readonly from: number;
  /** That were written. */
  readonly files: number;
  readonly withheld: readonly number[];
};

/**
 * Throws CommandFailure: `log_misbehaves`, `forked` and `rolled_back` for a log that is caught, `quorum_not_reached` for a head that
 * too few witnesses have cosigned yet. Then the copy is as it was.
 */
export async function mirrorLog(options: MirrorOptions): Promise<Mirrored | 'unchanged'> {
  const { source, folder, primitives, checkAll, signal } = options;
  const served = await source.checkpoint();
  const copied = await readText(folder, 'checkpoint');
  const isNew = served !== copied || checkAll;
  if (!isNew && options.given.logKeys.length === 0) return 'unchanged';

  const pinned = await options.pinned();
  const head = await openSignedHead(served, source.name, pinned, primitives);
  const before =
    copied === undefined ? undefined : await reopenSignedHead(copied, `${folder.path}/checkpoint`, pinned, primitives);
  if (before !== undefined && before.origin !== head.origin) {
    const message = `${folder.path} is a copy of ${before.origin}, and ${source.name} is ${head.origin}`;
    throw new CommandFailure('file_exists', message);
  }
  const tiles = tilesOf(options, head);
  await refuseOtherHistory(options, { head, before, tiles, pinned });
  const target = head.witnesses.met ? { head, tiles } : await findWitnessed(options, { head, before, tiles, pinned });
  if (!isNew || (target.head.size === before?.size && target.head !== head)) return 'unchanged';

  const copy = new TreeCopy(options, target.head, target.tiles);
  const isSameTree = target.head.size === before?.size && !checkAll;
  const withheld = isSameTree ? await readWithheld(folder) : await copy.from(checkAll ? 0 : (before?.size ?? 0));
  await folder.sync();
  signal.throwIfAborted();
  await copy.put('checkpoint', target.head.checkpoint);
  await folder.sync();
  const { origin, size } = target.head;
  await removeOldPartials(folder, before?.size ?? 0, size);
  return { origin, size, from: before?.size ?? 0, files: copy.files, withheld };
}

/** Out of the copy where they are there already, as after a crash; the partial ones always from the log. */
function tilesOf({ source, folder, primitives }: MirrorOptions, head: SignedHead): AuthenticTiles {
  return tilesOfLog(source, head, primitives.sha256, (tile) => readTile(folder, tile));
}

async function readText(folder: MirrorFolder, name: string): Promise<string | undefined> {
  const bytes = await folder.read(name, MAX_CHECKPOINT);
  const text = bytes && utf8Decode(bytes);
  if (text === undefined || text.ok) return text?.value;
  throw new CommandFailure('file_malformed', `${folder.path}/${name} is damaged: it is no text`);
}

type Heads = {
  readonly head: SignedHead;
  readonly before: SignedHead | undefined;
  readonly tiles: AuthenticTiles;
  readonly pinned: Pinned;
};

type Target = { readonly head: SignedHead; readonly tiles: AuthenticTiles };

/** Of a busy log the newest head is hardly ever cosigned yet: then the newest one that is. */
async function findWitnessed(options: MirrorOptions, { head, before, tiles, pinned }: Heads): Promise<Target> {
  const { source, primitives } = options;
  const witnessed = await openWitnessedHead(source, pinned, primitives);
  if (witnessed === undefined || witnessed.size < (before?.size ?? 0)) {
    const message = `too few witnesses have cosigned the tree of size ${head.size} yet, and nothing was copied. ${head.witnesses.detail}`;
    throw new CommandFailure('quorum_not_reached', message);
  }
  const [older, newer] = witnessed.size > head.size ? [head, witnessed] : [witnessed, head];
  const newerTiles = newer === head ? tiles : tilesOf(options, witnessed);
  await refuseFork(options, { older, newer, tiles: newerTiles, pinned });
  return { head: witnessed, tiles: tilesOf(options, witnessed) };
}

/** A copy never goes back, and never over to another history: of that one the log has signed the proof itself. */
async function refuseOtherHistory(options: MirrorOptions, { head, before, tiles, pinned }: Heads): Promise<void> {
  if (before === undefined) return;
  const { source, folder, primitives } = options;
  const isOlder = head.size < before.size;
  const [older, newer] = isOlder ? [head, before] : [before, head];
  const own = { name: folder.path, read: (tile: Tile) => readTile(folder, tile) };
  const newerTiles = isOlder ? new AuthenticTiles(before, { origin: own }, primitives.sha256) : tiles;
  await refuseFork(options, { older, newer, tiles: newerTiles, pinned });
  if (!isOlder) return;
  const message = `${source.name} shows a head of size ${head.size}, and this copy has ${before.size} entries already: it is an old one, and nothing was copied`;
  throw new CommandFailure('rolled_back', message);
}

type HeadPair = {
  readonly older: SignedHead;
  readonly newer: SignedHead;
  /** Of the newer tree. */
  readonly tiles: AuthenticTiles;
  readonly pinned: Pinned;
};

async function refuseFork(options: MirrorOptions, { older, newer, tiles, pinned }: HeadPair): Promise<void> {
  const { primitives, misbehaviourFile } = options;
  const compared = await compareTrees(older, newer, tiles, primitives.sha256);
  if (compared.relation === 'consistent') return;
  const heads = { older: { checkpoint: older.checkpoint }, newer: { checkpoint: newer.checkpoint } };
  const text = await proveFork({ origin: newer.origin, ...heads, ...compared }, pinned, primitives);
  const where = await keepProof(misbehaviourFile, text);
  const message = `${newer.origin} signed two histories: no tree has both its head of size ${older.size} and that of size ${newer.size}. Nothing was copied.`;
  throw new CommandFailure('forked', `${message}\n${where}`);
}

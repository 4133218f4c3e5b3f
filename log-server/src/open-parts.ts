import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Admission, inlineAdmission } from './admission/admission.ts';
import type { Visibility } from './admission/append-rights.ts';
import type { PayloadRule } from './admission/payload-types.ts';
import { WorkerAdmission } from './admission/worker-admission.ts';
import { checkHeldKeys } from './check-held-keys.ts';
import type { Database } from './database/connect.ts';
import { KeptSession } from './database/kept-session.ts';
import { WriteSession } from './database/write-session.ts';
import { DiskReserve } from './disk-reserve.ts';
import { Log } from './log.ts';
import { describeIdentity } from './log-identity.ts';
import type { Signer } from './log-key.ts';
import { LogTimeline } from './log-timeline.ts';
import { Metrics } from './metrics.ts';
import { nativePrimitives, promptPrimitives } from './native-primitives.ts';
import { CheckpointCompleter } from './publisher/checkpoint-completer.ts';
import { ForkGuard } from './publisher/fork-guard.ts';
import { Guard } from './publisher/guard.ts';
import { HeadSigner } from './publisher/head-signer.ts';
import { IdleHeads } from './publisher/idle-heads.ts';
import { prepareGuard } from './publisher/open-guard.ts';
import { Publisher } from './publisher/publisher.ts';
import type { QuorumWaiter } from './publisher/quorum-waiter.ts';
import { SignedTreeHeads } from './publisher/signed-tree-heads.ts';
import { Scrubber, type ScrubberParts } from './scrub/scrubber.ts';
import { SearchIndexer } from './search/search-indexer.ts';
import { Sequencer } from './sequencer/sequencer.ts';
import { APPEND_SESSION } from './store/append-batch.ts';
import { findRecord } from './store/entries.ts';
import { readLogChanges } from './store/log-changes.ts';
import { databaseIdentity, readLogRow } from './store/log-row.ts';
import { openLog } from './store/open-log.ts';
import { readPrivateRecords } from './store/private-records.ts';
import { readKeptContents } from './store/sealed.ts';
import { announceSigning } from './store/server-presence.ts';
import { readFullTile } from './store/tiles.ts';
import { listWithheld } from './store/withheld.ts';
import { TileCache } from './tree/tile-cache.ts';
import { WithheldEntries } from './withheld-entries.ts';
import { openWitnessing, type WitnessFiles } from './witness/open-witnessing.ts';
import type { Witnessing } from './witness/witnessing.ts';

export type LogOptions = {
  /** For appending and signing, and whatever they have to read. */
  readonly database: Database;
  /** For those who read the log, so that however many they are, nobody who appends waits for them. Absent: the same. */
  readonly reads?: Database;
  readonly signer: Signer;
  /** During a rotation the other key. */
  readonly nextSigner?: Signer | undefined;
  readonly origin: string;
  readonly dataDir: string;
  readonly logger: Logger;
  /** Default: open. */
  readonly defaultVisibility?: Visibility;
  /** Which payloads of other systems are taken. Default: any. */
  readonly payloads?: PayloadRule;
  /** Examine appends on so many threads of their own; only in the built program, as a worker needs built files. Absent: on this one. */
  readonly admissionThreads?: number;
  readonly metrics?: Metrics;
  /** Who is asked to cosign; absent: nobody. */
  readonly witnesses?: WitnessFiles;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** ms that go by, whatever is done to the clock; absent: what `now` tells if that is given, else the machine's. */
  readonly elapsed?: () => number;
  /** How long a head is the newest before it gets a successor with a newer time, in ms. */
  readonly idleMs?: number;
  /** Bytes of the data directory's disk that must stay free for an append to be taken. Absent: none. */
  readonly diskReserve?: number;
  /** Stored entries that are re-hashed each second. Absent: none. */
  readonly scrub?: Pick<ScrubberParts, 'rate' | 'restMs'>;
  /** Who is waited for beside the log's own signature; absent: nobody. */
  readonly quorum?: QuorumWaiter;
  /** Called once, with the reason, when nothing is signed any more. */
  readonly onStop?: (reason: string) => void;
};

export type OpenLog = {
  readonly log: Log;
  readonly sequencer: Sequencer;
  readonly publisher: Publisher;
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly idleHeads: IdleHeads;
  readonly timeline: LogTimeline;
  readonly witnessing: Witnessing;
  /** Absent where that was not asked for. */
  readonly disk: DiskReserve | undefined;
  readonly scrubber: Scrubber | undefined;
  /** Answers what was taken in, then lets the connections go. The database stays open. */
  readonly close: () => Promise<void>;
};

/** Where the fork guard of a log lives. */
export function guardDirectory(dataDir: string): string {
  return join(dataDir, 'guard');
}

/**
 * Puts the log together on a migrated database: identity, tree, guard, sequencer, publisher. Resolves when the newest
 * head is signed, or when it is clear why nothing may be signed (`log.stopReason`): then nothing is handed out either, as
 * nobody could tell which head is the newest that was.
 *
 * @throws {WrongLog} for another origin or key, {TreeDamaged} when the stored tree does not add up
 */
export async function openParts(options: LogOptions): Promise<OpenLog> {
  const {
    database,
    reads = database,
    signer,
    nextSigner,
    origin,
    dataDir,
    logger,
    payloads = 'any',
    admissionThreads,
    now = Date.now,
    metrics = new Metrics(),
  } = options;
  const { kysely, pool } = database;
  const { sha256 } = nativePrimitives;
  const guard = new Guard(guardDirectory(dataDir));
  const isNew = (await readLogRow(kysely)) === undefined;
  const guardId = isNew ? await prepareGuard(guard, origin, await databaseIdentity(kysely), sha256) : '';
  const cache = new TileCache((...tile) => readFullTile(kysely, ...tile), sha256);
  const proposed = { origin, publicKey: signer.publicKey, guardId };
  const { row, state } = await openLog(kysely, proposed, now(), sha256, cache);

  const timeline = new LogTimeline(row.publicKey, await readLogChanges(kysely));
  const signers = nextSigner === undefined ? [signer] : [signer, nextSigner];
  const headSigner = new HeadSigner(origin, signers, timeline, promptPrimitives);
  const vkeyOf = (publicKey: Uint8Array): string => headSigner.vkeyOf(publicKey);
  const held = signers.map(({ publicKey }) => publicKey);
  checkHeldKeys(timeline.at(), held, vkeyOf);

  const appending = new WriteSession(pool, APPEND_SESSION);
  const publishing = new KeptSession({
    pool,
    prepare: announceSigning(headSigner.keyIds),
    logger,
    onUnsafe: (reason) => publisher.stop(reason),
  });
  const publisher = new Publisher({
    kysely,
    session: publishing.session,
    cache,
    guard: new ForkGuard({
      guard,
      id: row.guardId,
      origin,
      cache,
      sha256,
      readDatabaseIdentity: () => databaseIdentity(kysely),
    }),
    signer: headSigner,
    timeline,
    logger,
    metrics,
    ...(options.onStop !== undefined && { onStop: options.onStop }),
  });
  const sequencer = new Sequencer({
    kysely,
    session: appending,
    cache,
    sha256,
    now,
    logger,
    metrics,
    readChain: () => publisher.readChain(),
    closureAt: ({ seq }) => timeline.at(seq).closed,
    onDamage: (error) => publisher.stopForDamage(error),
    onCommit: (committed, acknowledged) => publisher.offer(committed, acknowledged),
    onDoubt: () => publisher.doubt(),
    onLoss: (seen, end) => publisher.stopForLoss(seen, end),
    signed: (size) => publisher.waitFor(size),
  });
  const witnessing = openWitnessing(
    {
      kysely,
      reads: reads.kysely,
      publisher,
      cache,
      origin,
      timeline,
      vkeyOf,
      logger,
      now,
      metrics,
      primitives: nativePrimitives,
    },
    options.witnesses,
  );
  // Nothing is signed over evidence of a fork that is there already.
  await witnessing.checkKnownEvidence(state);
  publisher.offer(state, false);
  await publisher.waitFor(state.head.size).catch((error: unknown) => {
    // Stopped by the guard: the log says why wherever it is asked.
    if (publisher.stopReason === undefined) throw error;
  });
  const { idleMs } = options;
  const idleHeads = new IdleHeads({
    kysely,
    publisher,
    logger,
    now,
    isFinal: ({ seq }) => timeline.at(seq).closed !== undefined,
    clockProblem: () => witnessing.clockProblem(),
    elapsed: options.elapsed ?? options.now ?? (() => performance.now()),
    ...(idleMs !== undefined && { idleMs }),
  });
  idleHeads.start();
  publishing.start();
  await witnessing.start();
  const { diskReserve, scrub } = options;
  const disk = diskReserve === undefined ? undefined : new DiskReserve({ folder: dataDir, bytes: diskReserve, logger });
  await disk?.start();
  const scrubber = scrub && new Scrubber({ kysely: reads.kysely, publisher, sha256, logger, ...scrub });
  const admission =
    admissionThreads === undefined
      ? inlineAdmission({ origin, payloads }, nativePrimitives)
      : new WorkerAdmission({ origin, payloads }, logger, admissionThreads);
  const log = new Log({
    admission,
    origin,
    payloads,
    keptContents: (indexes) => readKeptContents(kysely, indexes),
    approvals: {
      find: (statement) => findRecord(kysely, 'statement', statement),
      keptFacts: async (index) => (await readPrivateRecords(kysely, index, index + 1)).get(index)?.sealed?.facts,
    },
    findIdentity: async (identity) => (await findRecord(kysely, 'identity', identity))?.index,
    defaultVisibility: options.defaultVisibility ?? 'open',
    identityAt: (seq) => describeIdentity(timeline.at(seq), vkeyOf),
    completer: new CheckpointCompleter({ signer: headSigner, timeline, cache, sha256 }),
    database: reads,
    sequencer,
    publisher,
    treeHeads: new SignedTreeHeads(publisher, headSigner),
    quorum: options.quorum ?? witnessing,
    witnessing,
    ...(disk && { disk }),
    cache: cache.through((...tile) => readFullTile(reads.kysely, ...tile)),
    withheld: new WithheldEntries(async () => (await listWithheld(reads.kysely)).map(({ index }) => index)),
    metrics,
    logger,
    now,
    primitives: nativePrimitives,
  });
  metrics.watch({
    head: () => publisher.current?.head,
    unsignedSince: () => publisher.unsignedSince,
    stopped: () => publisher.stopReason !== undefined,
    sequencer: () => sequencer.depth,
    admission: () => admission.depth,
    ...(scrubber && { scrub: () => scrubber.state }),
    ...(disk && { diskReserve: () => disk.bytes }),
  });
  const indexer = new SearchIndexer({ kysely, tree: log.tree, publisher, sha256, logger });
  indexer.start();
  scrubber?.start();
  const close = async (): Promise<void> => {
    await indexer.close();
    await scrubber?.close();
    disk?.close();
    log.events.close();
    await idleHeads.close();
    await admission.close();
    await sequencer.close();
    await witnessing.close();
    await publisher.close();
    appending.close();
    await publishing.close();
  };
  return { log, sequencer, publisher, admission, metrics, idleHeads, timeline, witnessing, disk, scrubber, close };
}

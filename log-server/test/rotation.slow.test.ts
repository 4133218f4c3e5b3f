import { createApproval, createServiceKey } from '@assent/test-support';
import { unwrap } from '@assent/test-support/results';
import {
  formatCheckpoint,
  formatVkey,
  parseLogPolicy,
  parseNote,
  parseVkey,
  verifyReceipt,
  verifySignedTreeHead,
} from '@assent/verifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/connect.ts';
import { finalCheckpoint } from '../src/final-checkpoint.ts';
import { nativePrimitives, nativeSha256 } from '../src/native-primitives.ts';
import type { OpenLog } from '../src/open-parts.ts';
import { CheckpointCompleter } from '../src/publisher/checkpoint-completer.ts';
import { HeadSigner } from '../src/publisher/head-signer.ts';
import { changeLog } from '../src/store/change-log.ts';
import type { NewLogChange } from '../src/store/log-changes.ts';
import { listSigning, whileNobodySigns } from '../src/store/server-presence.ts';
import { readFullTile } from '../src/store/tiles.ts';
import { TileCache } from '../src/tree/tile-cache.ts';
import { createLogHome, createSigner, ORIGIN, type TestLogHome } from './support/test-log.ts';
import { createWitnessedHome, readCheckpoint, type WitnessedHome } from './support/witnessed-log.ts';

const EVERYTHING = { services: ['*'] };
const serviceKey = createServiceKey();
const submission = (): { kind: 'approval'; content: unknown } => ({
  kind: 'approval',
  content: createApproval({ origin: ORIGIN, serviceKey }).envelope,
});

type Server = OpenLog & { database: Database };

/** What verifiers say that pin the old key alone, the new one alone, and both. */
async function verdicts(receipt: Uint8Array | string, keys: readonly [string, string]): Promise<readonly string[]> {
  const reports = [[keys[0]], [keys[1]], keys].map((logKeys) => verifyReceipt(receipt, { logKeys }));
  return (await Promise.all(reports)).map(({ verdict, checks }) =>
    verdict === 'authentic' ? verdict : (checks.find(({ status }) => status === 'fail')?.code ?? verdict),
  );
}

describe('a rotation of the log key', () => {
  let home: TestLogHome;
  const next = createSigner();
  let vkeys: readonly [string, string];
  const change = ({ database }: Server, what: NewLogChange) => changeLog(database, () => what);
  const start: NewLogChange = { kind: 'rotate-start', publicKey: next.publicKey };

  beforeEach(async () => {
    home = await createLogHome();
    vkeys = [formatVkey(ORIGIN, home.signer.publicKey, nativeSha256), formatVkey(ORIGIN, next.publicKey, nativeSha256)];
  });
  afterEach(() => home.remove());

  async function append({ log }: Server): Promise<string> {
    return (await log.append(submission(), EVERYTHING)).receipt;
  }

  it('satisfies verifiers that pin the old key, the new one, or both, at each stage, across restarts', async () => {
    const before = await home.open({ nextSigner: next });
    const first = await append(before);
    expect(await verdicts(first, vkeys)).toEqual(['authentic', 'log_signature_missing', 'authentic']);

    expect(await change(before, start)).toMatchObject({ outcome: 'changed' });
    expect(await verdicts(await append(before), vkeys)).toEqual(['authentic', 'authentic', 'authentic']);
    await before.close();

    const during = await home.open({ nextSigner: next });
    expect(await verdicts(await during.log.receipt('0'), vkeys)).toEqual(['authentic', 'authentic', 'authentic']);
    expect(await verdicts(await append(during), vkeys)).toEqual(['authentic', 'authentic', 'authentic']);

    expect(await change(during, { kind: 'rotate-finish' })).toMatchObject({ outcome: 'changed' });
    const alone = ['log_signature_missing', 'authentic', 'authentic'];
    expect(await verdicts(await append(during), vkeys)).toEqual(alone);
    await during.close();

    // The operator moved the file; and one who did not yet.
    for (const options of [{ signer: next }, { nextSigner: next }]) {
      const after = await home.open(options);
      expect(await verdicts(await append(after), vkeys)).toEqual(alone);
      expect(await verdicts(await after.log.receipt('0'), vkeys)).toEqual(alone);
      // Against a size that the old key signed then.
      expect(await verdicts(await after.log.receipts.at(0, 1), vkeys)).toEqual(alone);
      await after.close();
    }
    // What was handed out before stays what it was.
    expect(await verdicts(first, vkeys)).toEqual(['authentic', 'log_signature_missing', 'authentic']);
  });

  it('lets every process sign the same bytes for the head from which it holds', async () => {
    const servers = [await home.open({ nextSigner: next }), await home.open({ nextSigner: next })];
    const checkpoints = async (): Promise<ReadonlySet<string>> =>
      new Set(await Promise.all(servers.map(async ({ log }) => (await log.head()).checkpoint)));
    await append(servers[0]!);
    for (const what of [start, { kind: 'rotate-finish' }] as const) {
      const old = [...(await checkpoints())];
      expect(old).toHaveLength(1);
      await change(servers[1]!, what);
      const now = [...(await checkpoints())];
      expect(now).toHaveLength(1);
      expect(now).not.toEqual(old);
    }
  });

  it('signs tree heads of RFC 6962, which have room for one signature, with the older key until the end', async () => {
    const server = await home.open({ nextSigner: next });
    const keys = vkeys.map((vkey) => unwrap(parseVkey(vkey)).publicKey);
    const signedBy = async (): Promise<readonly boolean[]> => {
      const sth = await server.log.ct.treeHead();
      return Promise.all(keys.map(async (key) => (await verifySignedTreeHead(sth, key)).ok));
    };
    expect(await signedBy()).toEqual([true, false]);
    await change(server, start);
    expect(await signedBy()).toEqual([true, false]);
    await change(server, { kind: 'rotate-finish' });
    expect(await signedBy()).toEqual([false, true]);
  });

  it('is told by the log: who signs, who will, who did', async () => {
    const server = await home.open({ nextSigner: next });
    const identity = async () => server.log.identityAt((await server.log.head()).seq);
    const logIds = vkeys.map((vkey) => unwrap(parseVkey(vkey)).publicKey.keyid);
    const none = { successor: undefined, retired: [], closed: undefined };
    expect(await identity()).toEqual({ vkeys: [vkeys[0]], logId: logIds[0], ...none });
    await change(server, start);
    expect(await identity()).toMatchObject({
      vkeys,
      logId: logIds[0],
      successor: { vkey: vkeys[1], since: expect.any(Number) },
    });
    expect(server.log.vkey).toBe(vkeys[0]);
    await change(server, { kind: 'rotate-finish' });
    expect(await identity()).toMatchObject({
      vkeys: [vkeys[1]],
      logId: logIds[1],
      successor: undefined,
      retired: [{ vkey: vkeys[0], until: expect.any(Number) }],
    });
    expect(server.log.vkey).toBe(vkeys[1]);
  });

  it('goes back to the old key alone when it is cancelled', async () => {
    const server = await home.open({ nextSigner: next });
    await change(server, start);
    await change(server, { kind: 'rotate-cancel' });
    expect(await verdicts(await append(server), vkeys)).toEqual(['authentic', 'log_signature_missing', 'authentic']);
    await server.close();
    const { log } = await home.open();
    expect(log.identityAt((await log.head()).seq)).toMatchObject({ vkeys: [vkeys[0]], retired: [{ vkey: vkeys[1] }] });
  });

  it('stops a running server that lacks the new key, before it signs anything with one key of two', async () => {
    const lacking = await home.open();
    const holding = await home.open({ nextSigner: next });
    await append(lacking);
    await change(holding, start);
    await append(holding);
    await expect(lacking.log.append(submission(), EVERYTHING)).rejects.toMatchObject({ code: 'read_only' });
    expect(lacking.log.stopReason).toContain(`does not hold the key ${vkeys[1]}`);
    await expect(lacking.log.head()).rejects.toMatchObject({ code: 'read_only' });
    // What it had stored is in the log, and the others sign it.
    expect(await verdicts(await append(holding), vkeys)).toEqual(['authentic', 'authentic', 'authentic']);
  });

  it('does not open with one key of two, with a retired one, or with a stranger', async () => {
    const server = await home.open({ nextSigner: next });
    await change(server, start);
    await expect(home.open()).rejects.toThrow(/rotation of the log key is under way.*holds one of them/);
    await expect(home.open({ signer: next })).rejects.toThrow(vkeys[0]);
    await change(server, { kind: 'rotate-finish' });
    await expect(home.open()).rejects.toThrow(/was retired on .* signs with .* now/);
    await expect(home.open({ signer: createSigner() })).rejects.toThrow('signs with another key');
  });

  it('is one at a time, and is decided anew when another change came in between', async () => {
    const { database, log } = await home.open({ nextSigner: next });
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () =>
        changeLog(database, (state) => (state.successor === undefined ? start : undefined)),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'changed')).toHaveLength(1);
    expect(log.identityAt((await log.head()).seq).vkeys).toEqual(vkeys);
  });

  it('comes after appends that are faster', async () => {
    const server = await home.open({ nextSigner: next });
    await append(server);
    const { pool } = server.database;
    // An append that has taken the next head's number and is not committed yet: the change has to wait for it.
    const rival = await pool.connect();
    await rival.query('BEGIN');
    await rival.query('INSERT INTO heads SELECT seq + 1, size, root, ts + 1 FROM heads ORDER BY seq DESC LIMIT 1');
    const changing = change(server, start);
    const waits = async (): Promise<boolean> =>
      ((await pool.query("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")).rowCount ?? 0) > 0;
    while (!(await waits()));
    await rival.query('COMMIT');
    rival.release();
    expect(await changing).toEqual({ outcome: 'changed', seq: 3 });
    expect(await verdicts(await append(server), vkeys)).toEqual(['authentic', 'authentic', 'authentic']);
  });

  it('shows who signs on the database, with which keys, and lets nobody be alone meanwhile', async () => {
    const servers = [await home.open({ nextSigner: next }), await home.open()];
    const { pool } = servers[0]!.database;
    const ids = vkeys.map((vkey) => vkey.split('+')[1]!);
    const seen = await listSigning(pool);
    expect(seen.map(({ keyIds }) => keyIds).sort()).toEqual([[ids[0]], ids].sort());
    let ran = 0;
    const run = () => whileNobodySigns(pool, async () => ++ran);
    expect(await run()).toMatchObject({ alone: false, others: [{}, {}] });
    await servers[1]!.close();
    expect(await run()).toMatchObject({ alone: false, others: [{ keyIds: ids }] });
    expect(ran).toBe(0);
  });
});

describe('a log with witnesses', () => {
  const QUORUM = 'quorum A\n';
  let home: WitnessedHome;
  beforeEach(async () => {
    home = await createWitnessedHome(['A']);
  });
  afterEach(() => home.remove());

  it('keeps its cosigned receipts good for those who pin the new key, and ends with cosignatures', async () => {
    const next = createSigner();
    const witnesses = { policy: home.policyFile(QUORUM), intervalMs: 0 };
    const server = await home.open({ nextSigner: next, witnesses });
    await server.log.append(submission(), EVERYTHING);
    expect(await server.witnessing.waitFor(1, 30_000)).toBe(true);
    await changeLog(server.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
    await changeLog(server.database, () => ({ kind: 'rotate-finish' }));
    await server.log.head();

    const receipt = await server.log.receipt('0');
    // The line of the old key stays: it was there when the checkpoint was kept.
    for (const { publicKey } of [next, home.signer]) {
      const vkey = formatVkey(ORIGIN, publicKey, nativeSha256);
      const logPolicy = unwrap(parseLogPolicy(`log ${vkey}\n${home.policyFile(QUORUM).text}`));
      const { verdict, checks } = await verifyReceipt(receipt, { logPolicy });
      expect(checks.find(({ id }) => id === 'witnesses')).toMatchObject({ status: 'pass' });
      expect(verdict).toBe('authentic');
    }

    await changeLog(server.database, () => ({ kind: 'close', successor: undefined, reason: undefined }));
    const final = await finalCheckpoint(server.log, 30_000);
    expect(final).toMatchObject({ size: 1, witnessed: true });
    expect(readCheckpoint(final.checkpoint).signers).toEqual([ORIGIN, ORIGIN, 'witness.test/A']);
  });
});

describe('a kept checkpoint', () => {
  let home: TestLogHome;
  afterEach(() => home.remove());

  it('gets the lines of the keys that sign now, keeps those that it has, and is never signed unless it is of this log', async () => {
    home = await createLogHome();
    const next = createSigner();
    const server = await home.open({ nextSigner: next });
    for (let i = 0; i < 3; i++) await server.log.append(submission(), EVERYTHING);
    const { checkpoint, root } = await server.log.head();
    const witnessLine = '— witness.example Cosignedcosigned\n';
    const kept = `${checkpoint}${witnessLine}`;
    expect(await server.log.completeCheckpoint(kept)).toBe(kept);

    await changeLog(server.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
    await changeLog(server.database, () => ({ kind: 'rotate-finish' }));
    await server.log.append(submission(), EVERYTHING);
    const completed = await server.log.completeCheckpoint(kept);
    expect(await server.log.completeCheckpoint(kept)).toBe(completed);
    const [before, after] = [kept, completed].map((text) => parseNote(text));
    if (!before?.ok || !after?.ok) throw new Error('not notes');
    expect(after.value.text).toBe(before.value.text);
    expect(after.value.signatures).toHaveLength(3);
    expect(after.value.signatures.slice(1)).toEqual(before.value.signatures);
    const newest = parseNote((await server.log.head()).checkpoint);
    expect(newest.ok && newest.value.signatures[0]?.keyId).toBe(after.value.signatures[0]?.keyId);

    // The old key is no passport: another root under its signature is not of this log's tree.
    const forgedRoot = Uint8Array.from(root, (byte, i) => (i === 0 ? byte ^ 1 : byte));
    const oldSigner = new HeadSigner(ORIGIN, [home.signer], server.timeline, nativePrimitives);
    const forged = await oldSigner.sign({ seq: 1, size: 3, root: forgedRoot, timestamp: 0 });
    await expect(server.log.completeCheckpoint(forged)).rejects.toThrow('not a head of this log');
    const longer = await oldSigner.sign({ seq: 1, size: 9, root, timestamp: 0 });
    await expect(server.log.completeCheckpoint(longer)).rejects.toThrow('not a head of this log');
    const elsewhere = kept.replace(formatCheckpoint({ origin: ORIGIN, size: 3, root }), (text) => `other.${text}`);
    await expect(server.log.completeCheckpoint(elsewhere)).rejects.toThrow('not a head of this log');
    await expect(server.log.completeCheckpoint('nonsense')).rejects.toThrow('malformed');
  });

  it('is not served with fewer lines than there are active keys', async () => {
    home = await createLogHome();
    const next = createSigner();
    const server = await home.open({ nextSigner: next });
    await server.log.append(submission(), EVERYTHING);
    const { checkpoint } = await server.log.head();
    await changeLog(server.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
    await server.log.head();
    const { kysely } = server.database;
    const cache = new TileCache((level, index) => readFullTile(kysely, level, index), nativeSha256);
    const signer = new HeadSigner(ORIGIN, [home.signer], server.timeline, nativePrimitives);
    const completer = new CheckpointCompleter({ signer, timeline: server.timeline, cache, sha256: nativeSha256 });
    await expect(completer.complete(checkpoint, server.publisher.current!)).rejects.toThrow('does not hold the key');
  });

  it('is completed anew once the head that changed the keys is signed, not once the change is known', async () => {
    home = await createLogHome();
    const next = createSigner();
    const server = await home.open({ nextSigner: next });
    await server.log.append(submission(), EVERYTHING);
    const { checkpoint } = await server.log.head();
    const before = server.publisher.current!;
    await changeLog(server.database, () => ({ kind: 'rotate-start', publicKey: next.publicKey }));
    await server.log.head();
    const { kysely } = server.database;
    const cache = new TileCache((level, index) => readFullTile(kysely, level, index), nativeSha256);
    const signer = new HeadSigner(ORIGIN, [home.signer, next], server.timeline, nativePrimitives);
    const completer = new CheckpointCompleter({ signer, timeline: server.timeline, cache, sha256: nativeSha256 });
    expect(await completer.complete(checkpoint, before)).toBe(checkpoint);
    expect((await completer.complete(checkpoint, server.publisher.current!)).match(/^— /gm)).toHaveLength(2);
  });
});

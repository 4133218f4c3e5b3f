/** Audits of logs in memory and over HTTP, each with one thing wrong. The threads are left out: bundles are judged here. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createApproval,
  createAuthenticator,
  createConsumption,
  createServiceKey,
  createTestLog,
  createTestWitness,
  createTrustVersion,
  type TestEntry,
  type TestLog,
} from '@assent/test-support';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { createTestOrganization } from '@assent/test-support/organizations';
import {
  concatBytes,
  createSalt,
  formatCheckpoint,
  parseLogPolicy,
  TILE_HEIGHT,
  TILE_WIDTH,
  utf8Encode,
  verifyTrustRoot,
} from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LogSource, openLogSource } from '../log-source/log-source.ts';
import { type AuditRequest, auditLog } from './audit-log.ts';
import type { AuditReport } from './audit-report.ts';
import { BundleJudge } from './bundle-judge.ts';

const ORIGIN = 'log.example.com/approvals';
const START = Date.parse('2026-04-03T17:00:00.000Z');

function newFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'assent-audit-test-'));
}

function audit(source: LogSource, vkey: string | undefined, more: Partial<AuditRequest> = {}): Promise<AuditReport> {
  return auditLog({
    source,
    pinned: { logKeys: vkey === undefined ? [] : [vkey] },
    isOwnKey: false,
    onlyNew: false,
    knownHeads: [],
    state: undefined,
    openPool: (settings) => {
      const judge = new BundleJudge(settings);
      return { judge: (job) => judge.judge(job), close: async () => undefined };
    },
    progress: { show: () => undefined, phase: () => undefined, end: () => undefined },
    signal: new AbortController().signal,
    now: Date.now(),
    ...more,
  });
}

const found = ({ findings }: AuditReport) =>
  findings.listed.map(({ code, index, other, because }) =>
    [code, index, other ?? because].filter((part) => part !== undefined).join(' '),
  );
const missed = ({ not_checked: list }: AuditReport) =>
  list.map(({ code, count }) => (count === undefined ? code : `${code} ${count}`));

/** Entries in memory, as a log would serve them. */
function sourceOf(
  log: TestLog,
  entries: readonly (Uint8Array | undefined)[],
  checkpoint = log.checkpoint(),
): LogSource {
  return {
    name: 'memory',
    checkpoint: async () => checkpoint,
    witnessedCheckpoint: async () => undefined,
    tile: async (level, index, width) => {
      const nodes = Array.from({ length: width }, (_, i) => ({
        level: level * TILE_HEIGHT,
        index: index * TILE_WIDTH + i,
      }));
      return concatBytes(...log.tree.hashes(nodes));
    },
    bundle: async (index, width) => entries.slice(index * TILE_WIDTH, index * TILE_WIDTH + width),
    close: async () => undefined,
  };
}

/** A second apart, unless they say when. */
function logOf(entries: readonly (TestEntry | Uint8Array)[]) {
  const log = createTestLog({ origin: ORIGIN });
  const bytes = entries.map((entry, i) =>
    entry instanceof Uint8Array
      ? log.appendBytes(entry).entry
      : log.append({ loggedAt: START + i * 1000, ...entry }).entry,
  );
  return { log, bytes, audit: (more?: Partial<AuditRequest>) => audit(sourceOf(log, bytes), log.vkey, more) };
}

const boundary = createServiceKey();
const alice = createAuthenticator();
const approvalOf = (overrides: Parameters<typeof createApproval>[0]['overrides'] = {}, now = START) =>
  createApproval({
    origin: ORIGIN,
    authenticator: alice,
    now,
    overrides: { boundaries: [boundary.publicKey.keyid], ...overrides },
  });
const consumptionOf = (
  approval: ReturnType<typeof approvalOf>,
  overrides: Parameters<typeof createConsumption>[0]['overrides'] = {},
): TestEntry => ({
  kind: 'consumption',
  content: createConsumption({ approval, key: boundary, overrides }).envelope,
});

describe('auditLog of what a log holds', () => {
  it('finds nothing wrong in an empty log', async () => {
    const report = await logOf([]).audit();
    expect(report).toMatchObject({ verdict: 'clean', audited: { from: 0, size: 0 } });
  });

  it('finds an entry that is none, and one that is not canonical', async () => {
    const report = await logOf([utf8Encode('hello'), utf8Encode('{"type": "assent/entry/v1"}')]).audit();
    expect(found(report)).toEqual(['entry_malformed 0 json_syntax', 'entry_malformed 1 json_not_canonical']);
    expect(report.verdict).toBe('findings');
  });

  it('does not judge an entry of a later version, and is incomplete', async () => {
    const report = await logOf([utf8Encode('{"type":"assent/entry/v2"}')]).audit();
    expect(report.verdict).toBe('incomplete');
    expect(missed(report)).toContain('unsupported 1');
    expect(report.checks.find(({ id }) => id === 'signatures')?.status).toBe('skip');
  });

  it('finds a signature that does not verify, and what is signed for another log', async () => {
    const { envelope } = approvalOf();
    const [signature] = envelope.signatures as { sig: string }[];
    const sig = approvalOf().envelope.signatures as { sig: string }[];
    const forged = { ...envelope, signatures: [{ ...signature, sig: sig[0]!.sig }] };
    const foreign = createApproval({ origin: 'another.example.com/log', authenticator: alice, now: START });
    const report = await logOf([{ content: forged }, { content: foreign.envelope }]).audit();
    expect(found(report)).toEqual(['signatures_invalid 0 signature_invalid', 'content_invalid 1 log_mismatch']);
    expect(report.counts.approved).toBe(0);
  });

  it('finds times that go back, also from one bundle to the next', async () => {
    const salted = (loggedAt: number): TestEntry => ({ content: approvalOf().envelope, salt: createSalt(), loggedAt });
    const times = Array.from({ length: 260 }, (_, i) => START + i);
    times[3] = START + 1;
    times[256] = START + 254;
    const report = await logOf(times.map(salted)).audit();
    expect(found(report)).toEqual(['time_backwards 3', 'time_backwards 256']);
    expect(report.findings.listed[1]).toMatchObject({
      expected: `${START + 255} or more`,
      computed: String(START + 254),
    });
  });

  it('finds an entry of the future', async () => {
    const report = await logOf([{ content: approvalOf().envelope, loggedAt: Date.now() + 3_600_000 }]).audit();
    expect(found(report)).toEqual(['time_ahead']);
  });

  it('finds what is there twice: entry, statement, service and id, commitment', async () => {
    const approval = approvalOf();
    const { envelope } = approval;
    const salt = createSalt();
    const report = await logOf([
      { content: envelope },
      { content: approvalOf().envelope },
      { content: envelope },
      { content: approvalOf({ id: approval.statement.id, requester: 'agent:other' }).envelope },
      { content: envelope, salt },
      { content: envelope, salt },
    ]).audit();
    expect(found(report)).toEqual(['statement_twice 2 0', 'identity_twice 3 0', 'commitment_twice 5 4']);
  });

  it('finds nothing wrong with consumptions by right', async () => {
    const approvals = [
      approvalOf(),
      approvalOf({ boundaries: [boundary.publicKey.keyid, createServiceKey().publicKey.keyid].sort() }),
    ];
    const report = await logOf([
      ...approvals.map(({ envelope }) => ({ content: envelope })),
      ...approvals.map((each) => consumptionOf(each)),
    ]).audit();
    expect(found(report)).toEqual([]);
    expect(report.counts).toMatchObject({ approved: 2, consumptions: 2 });
  });

  it('finds consumptions that are not by right, and why', async () => {
    const [used, late, other, rejected, multiple, elsewhere, after] = Array.from({ length: 7 }, (_, i) =>
      approvalOf(
        [
          {},
          {},
          {},
          { decision: 'rejected' } as const,
          { use: 'multiple' } as const,
          { boundaries: [createServiceKey().publicKey.keyid] },
          {},
        ][i],
      ),
    ) as [ReturnType<typeof approvalOf>, ...ReturnType<typeof approvalOf>[]];
    const unknown = approvalOf();
    const held = [used, late!, other!, rejected!, multiple!, elsewhere!].map(({ envelope }) => ({ content: envelope }));
    const report = await logOf([
      ...held,
      consumptionOf(used), // 6
      consumptionOf(used),
      { ...consumptionOf(other!, { intent: `sha256:${'00'.repeat(32)}` }) }, // 8
      consumptionOf(rejected!),
      consumptionOf(multiple!), // 10
      consumptionOf(elsewhere!),
      consumptionOf(unknown), // 12
      consumptionOf(after!),
      { content: after!.envelope }, // 14
      { ...consumptionOf(late!), loggedAt: START + 900_000 },
    ]).audit();
    expect(found(report)).toEqual([
      'consumed_twice 7 6',
      'consumption_refused 8 2',
      'consumption_refused 9 3',
      'consumption_refused 10 4',
      'consumption_refused 11 5',
      'approval_unknown 12',
      'consumption_order 13 14',
      'consumption_late 15 1',
    ]);
    const why = report.findings.listed.filter(({ code }) => code === 'consumption_refused').map(({ detail }) => detail);
    expect(why).toEqual([
      expect.stringContaining('approves another intent'),
      expect.stringContaining('was rejected'),
      expect.stringContaining('more than once'),
      expect.stringContaining('does not name the boundary'),
    ]);
  });

  it('cannot tell of which approval a consumption is, once one is sealed, and says so', async () => {
    const sealed = approvalOf();
    const report = await logOf([{ content: sealed.envelope, salt: createSalt() }, consumptionOf(sealed)]).audit();
    expect(found(report)).toEqual([]);
    expect(missed(report)).toContain('unseen_approvals 1');
    expect(report.verdict).toBe('clean');
  });

  it('follows trust roots', async () => {
    const key = createServiceKey();
    const first = createTrustVersion({ rootKeys: [key], issuedAt: START });
    const second = createTrustVersion({ previous: first, issuedAt: START + 1000 });
    const fork = createTrustVersion({ previous: first, issuedAt: START + 2000 });
    const lost = createTrustVersion({
      previous: createTrustVersion({ rootKeys: [key], issuedAt: START }),
      issuedAt: START + 3000,
    });
    const entries = [first, second, fork, lost].map(
      ({ envelope }) => ({ kind: 'trust-root', content: envelope }) as const,
    );
    const report = await logOf(entries).audit();
    expect(found(report)).toEqual(['trust_root_forked 2 1', 'trust_root_broken 3']);
  });

  it('says what is withheld, and that it can’t be judged', async () => {
    const { log, bytes } = logOf([{ content: approvalOf().envelope }, { content: approvalOf().envelope }]);
    const report = await audit(sourceOf(log, [bytes[0], undefined]), log.vkey);
    expect(report.verdict).toBe('clean');
    expect(missed(report)).toContain('withheld 1');
  });

  it('judges approvals by the user’s own trust root and policy', async () => {
    const acme = createTestOrganization({ rootKey: createServiceKey() });
    const verified = await verifyTrustRoot(acme.trustRoot.rootId, acme.trustRoot.versions);
    if (!verified.ok) throw new Error(verified.detail);
    const now = Date.now() - 60_000;
    const mine = acme.approve({ origin: ORIGIN, now });
    const hidden = acme.approve({ origin: ORIGIN, now });
    const byStranger = acme.approve({ origin: ORIGIN, now, authenticator: alice });
    const elsewhere = createApproval({ origin: ORIGIN, authenticator: alice, now });
    const at = (entry: TestEntry): TestEntry => ({ loggedAt: now + 1000, ...entry });
    const { audit: run } = logOf([
      at({
        kind: 'trust-root',
        content: acme.version.envelope,
        loggedAt: Date.parse(acme.version.trustRoot.issued_at),
      }),
      at({ content: mine.envelope, reveal: { intent: mine.intent } }),
      at({ content: hidden.envelope }),
      at({ content: byStranger.envelope }),
      at({ content: elsewhere.envelope }),
    ]);
    const approvalPolicy = utf8Encode(JSON.stringify(acme.approvalPolicy));
    const report = await run({ authority: { trustRoot: verified.value, approvalPolicy } });
    expect(found(report)).toEqual(['approval_refused 3 signer_not_listed']);
    expect(report.counts).toMatchObject({ own: 3, own_trusted: 2, own_by_policy: 1, own_without_intent: 2, others: 1 });
    expect(missed(report)).toEqual(expect.arrayContaining(['intents 2', 'others 1', 'revocations']));
    // Nothing was judged without a trust root, so there is nothing to say of revocations.
    expect(missed(await run({}))).not.toContain('revocations');
  });
});

describe('auditLog of who signed', () => {
  const entries = [{ content: approvalOf().envelope }];

  it('is incomplete without a key', async () => {
    const { log, bytes } = logOf(entries);
    const report = await audit(sourceOf(log, bytes), undefined);
    expect(report.verdict).toBe('incomplete');
    expect(missed(report)).toContain('no_log_key');
  });

  it('refuses a head that another key signed, and one that is none', async () => {
    const { log, bytes } = logOf(entries);
    const report = await audit(sourceOf(log, bytes), createTestLog({ origin: ORIGIN }).vkey);
    expect(found(report)).toEqual(['head_signature log_signature_missing']);
    expect(found(await audit(sourceOf(log, bytes, 'hello\n'), log.vkey))).toEqual(['head_malformed note_malformed']);
  });

  it('asks for the witnesses of a log policy', async () => {
    const { log, bytes } = logOf(entries);
    const witness = createTestWitness({ name: 'witness.example.com/w' });
    const policy = parseLogPolicy(`log ${log.vkey}\nwitness W ${witness.vkey}\nquorum W\n`);
    if (!policy.ok) throw new Error(policy.detail);
    const pinned = { logKeys: [log.vkey], logPolicy: policy.value };
    const without = await audit(sourceOf(log, bytes), log.vkey, { pinned });
    expect(without.verdict).toBe('incomplete');
    expect(missed(without)).toContain('quorum_missing');
    const report = await audit(sourceOf(log, bytes, witness.append(log.checkpoint())), log.vkey, { pinned });
    expect(report.verdict).toBe('clean');
    expect(report.head).toMatchObject({ witnesses: [{ name: 'W' }], seen_by: expect.any(String) });

    // Of a busy log an earlier head is cosigned, and has to be of the same tree.
    const earlier = witness.append(log.checkpoint(0));
    const busy = { ...sourceOf(log, bytes), witnessedCheckpoint: async () => earlier };
    const seen = await audit(busy, log.vkey, { pinned });
    expect(seen).toMatchObject({ verdict: 'clean', head: { witnessed_size: 0, size: 1 } });
    expect(seen.compared_heads).toEqual([{ size: 0, from: 'cosigned by its witnesses', relation: 'consistent' }]);
  });
});

describe('auditLog of a log that lies', () => {
  let log: LyingLog;
  let state: { readonly folder: string };
  const run = async (more: Partial<AuditRequest> = {}, timeoutMs = 30_000) => {
    const source = await openLogSource(log.url, {
      timeoutMs,
      concurrency: 4,
      attempts: 1,
      signal: new AbortController().signal,
    });
    return audit(source, log.vkey, { state, ...more });
  };

  beforeAll(async () => {
    log = await startLyingLog({ origin: ORIGIN });
  });
  afterAll(() => log.close());
  beforeEach(() => {
    log.lie = undefined;
    log.lieOn = /^/;
    log.size = log.log.tree.size;
    log.withheld.clear();
    state = { folder: newFolder() };
  });

  it('finds nothing while it does not', async () => {
    const report = await run();
    expect(report).toMatchObject({
      verdict: 'clean',
      audited: { size: 600 },
      counts: { sealed: 75, consumptions: 150 },
    });
    expect(missed(report)).toContain('no_earlier_head');
    // The second time the first head is known.
    expect((await run()).compared_heads).toEqual([
      { size: 600, from: 'seen by an earlier audit', relation: 'consistent' },
    ]);
  });

  it('names changed entries, and not the tiles that are right', async () => {
    log.lie = 'changed-entry';
    log.lieOn = /entries\/001$/;
    const report = await run();
    expect(found(report)).toContain('entry_changed 256');
    expect(report.findings.by_code.tile_mismatch).toBeUndefined();
    expect(report.findings.by_code.root_mismatch).toBeUndefined();
  });

  it('names bundles that are cut off', async () => {
    log.lie = 'truncated-bundle';
    const report = await run();
    expect(found(report)).toEqual(['bundle_malformed 0', 'bundle_malformed 256', 'bundle_malformed 512']);
    expect(missed(report)).toContain('unread 600');
    // Leaf hashes of the tiles give the signed root all the same.
    expect(report.findings.by_code.root_mismatch).toBeUndefined();
  });

  it('names swapped tiles, and not the entries that are right', async () => {
    log.lie = 'swapped-tile';
    expect(found(await run())).toEqual(['tile_mismatch 0', 'tile_mismatch 256']);
  });

  it('names a partial tile with one wrong hash, on each level', async () => {
    log.lie = 'wrong-partial-tile';
    expect(found(await run())).toEqual(['tile_mismatch 0', 'tile_mismatch 599']);
  });

  it('calls an older head a rollback, and compares it', async () => {
    await run();
    log.lie = 'old-head';
    const report = await run();
    expect(found(report)).toEqual(['rollback']);
    expect(report.compared_heads).toEqual([{ size: 600, from: 'seen by an earlier audit', relation: 'consistent' }]);
    // What it signed once stays known.
    log.lie = undefined;
    expect((await run()).verdict).toBe('clean');
  });

  it('refuses the head of another log', async () => {
    log.lie = 'other-log';
    expect(found(await run())).toEqual(['head_other_log origin_mismatch']);
  });

  it('writes a proof of two heads that are of no one tree: of two sizes, and of one', async () => {
    const heads = [log.log.checkpoint(300), log.log.checkpoint(600)].map((note, i) => ({ note, from: `head ${i}` }));
    log.fork(290, 700);
    const report = await run({ knownHeads: heads });
    expect(found(report)).toEqual(['fork', 'fork']);
    for (const { proof } of report.findings.listed) {
      const verified = await verifyMisbehaviour(readFileSync(proof!), { logKeys: [log.vkey] });
      expect(verified).toMatchObject({ ok: true, value: { origin: ORIGIN } });
    }
    expect(report.compared_heads.map(({ relation }) => relation)).toEqual(['fork', 'fork']);
  });

  it('catches a log whose proof it can write nowhere', async () => {
    const knownHeads = [{ note: log.log.checkpoint(600), from: 'a head' }];
    log.fork(290, 700);
    const report = await run({ knownHeads, evidence: path.join(newFolder(), 'missing') });
    expect([report.verdict, found(report)]).toEqual(['findings', ['fork']]);
    expect(report.findings.listed[0]).not.toHaveProperty('proof');
    expect(report.findings.listed[0]?.detail).toMatch(/its proof could not be kept: cannot write .*missing/);
  });

  it('finds a signed root that the entries do not have', async () => {
    const source = await openLogSource(log.url, {
      timeoutMs: 30_000,
      concurrency: 4,
      attempts: 1,
      signal: new AbortController().signal,
    });
    const root = new Uint8Array(32).fill(7);
    const note = log.log.signNote(formatCheckpoint({ origin: ORIGIN, size: 700, root }));
    const report = await audit({ ...bound(source), checkpoint: async () => note }, log.vkey, { state });
    expect(found(report)).toEqual(['root_mismatch']);
  });

  it('audits the log as it was at a size, or at a time, against the head that it has now', async () => {
    const bySize = await run({ asOf: { size: 300 } });
    expect(bySize).toMatchObject({ verdict: 'clean', audited: { size: 300 } });
    expect(missed(bySize)).toContain('after');
    const byTime = await run({ asOf: { time: log.contents.timeOf(256) } });
    expect(byTime).toMatchObject({ verdict: 'clean', audited: { size: 257 } });
    await expect(run({ asOf: { size: 701 } })).rejects.toMatchObject({ kind: 'usage' });
    log.lie = 'changed-entry';
    expect(found(await run({ asOf: { size: 100 } }))).toContain('entry_changed 0');
  });

  it('goes on with what is new, and finds there what it has to', async () => {
    expect((await run()).audited).toMatchObject({ from: 0, size: 700 });
    log.grow(100);
    log.requests.length = 0;
    const report = await run({ onlyNew: true });
    expect(report).toMatchObject({ verdict: 'clean', audited: { from: 512, size: 800 }, counts: { trust_roots: 1 } });
    expect(log.requests).not.toContain('tile/entries/000');
    expect(missed(report)).toContain('earlier_entries');
  });

  it.each([
    ['endless-body', 'answer_too_large'],
    ['gzip-bomb', 'answer_too_large'],
    ['redirect-loop', 'redirect'],
    ['never-ends', 'timeout'],
  ] as const)('gives up on %s, as the network’s failure and none of the log', async (lie, kind) => {
    log.lie = lie;
    log.lieOn = /tile\/entries\/001$/;
    await expect(run({}, lie === 'never-ends' ? 500 : 30_000)).rejects.toMatchObject({ kind });
  });

  it('goes on after a failure from where it was', async () => {
    log.lie = 'redirect-loop';
    log.lieOn = /tile\/entries\/002/;
    await expect(run()).rejects.toMatchObject({ kind: 'redirect' });
    log.lie = undefined;
    log.requests.length = 0;
    expect(await run()).toMatchObject({ verdict: 'clean', audited: { from: 0 }, counts: { trust_roots: 1 } });
    expect(log.requests).not.toContain('tile/entries/000');
  });

  it('does not call a log a liar for what another log’s state says', async () => {
    await run();
    const other = createTestLog({ origin: 'other.example.com' });
    await expect(audit(sourceOf(other, []), other.vkey, { state })).rejects.toMatchObject({ kind: 'usage' });
  });
});

/** Methods that stay with their object. */
function bound(source: LogSource): LogSource {
  return {
    name: source.name,
    checkpoint: () => source.checkpoint(),
    witnessedCheckpoint: () => source.witnessedCheckpoint(),
    tile: (level, index, width) => source.tile(level, index, width),
    bundle: (index, width) => source.bundle(index, width),
    close: () => source.close(),
  };
}

/** `assent verify` of what is no receipt: tree heads, tlog-proofs, two heads, proofs of misbehaviour. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type LyingLog, startLyingLog } from '@assent/test-support/lying-log';
import { createTestWitness } from '@assent/test-support/witnesses';
import { base64Encode, proveConsistency } from '@assent/verifier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, type Run, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};
const verify = (...args: string[]): Promise<Run> => runAssent(['verify', ...args]);
const codes = (run: Run) =>
  (jsonOf(run).checks as { id: string; status: string; code?: string }[]).map(({ id, status, code }) =>
    [id, status, ...(code === undefined ? [] : [code])].join(' '),
  );

let server: LyingLog;
/** Heads of the first history at 300 and 600, and of the second, which goes its own way from 200 on, at 600. */
let old: string;
let honest: string;
let forked: string;
let proof: string;
let key: readonly string[];

beforeAll(async () => {
  server = await startLyingLog({ size: 600 });
  key = ['--log-key', server.vkey];
  const { log } = server;
  old = file('old.checkpoint', log.checkpoint(300));
  honest = file('honest.checkpoint', log.checkpoint(600));
  const hashes = await proveConsistency(300, 600, { readHashes: async (nodes) => log.tree.hashes(nodes) });
  proof = file('proof.json', JSON.stringify({ consistency: hashes.map(base64Encode) }));
});

afterAll(() => server?.close());

describe('a checkpoint', () => {
  it('is authentic by the pinned key, from a file or an address', async () => {
    const run = await verify(honest, ...key);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^✓ authentic\nlog\.example\.com\/approvals signed a tree of 600 entries\.\n/);
    const fetched = await verify(`${server.url}/checkpoint`, ...key, '--json');
    expect(fetched.exitCode).toBe(0);
    expect(jsonOf(fetched)).toMatchObject({ type: 'assent/evidence/v1', kind: 'checkpoint', log: { size: 600 } });
  });

  it('needs the quorum of the policy, and names who cosigned', async () => {
    const witness = createTestWitness({ name: 'witness.example.com/x1' });
    const policy = file('policy', `log ${server.vkey}\nwitness X1 ${witness.vkey}\nquorum X1\n`);
    const alone = await verify(honest, '--log-policy', policy, '--json');
    expect([alone.exitCode, codes(alone)]).toEqual([2, ['checkpoint pass', 'witnesses skip quorum_not_reached']]);
    const cosigned = file('cosigned.checkpoint', witness.append(readFileSync(honest, 'utf8')));
    const run = await verify(cosigned, '--log-policy', policy);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('cosigned by  X1 at ');
  });

  it('is refused when it was changed, and nobody’s without a key', async () => {
    const changed = file('changed.checkpoint', readFileSync(honest, 'utf8').replace('\n600\n', '\n601\n'));
    const run = await verify(changed, ...key, '--json');
    expect([run.exitCode, codes(run)[0]]).toEqual([1, 'checkpoint fail note_signature_invalid']);
    const unpinned = await verify(honest);
    expect(unpinned.exitCode).toBe(2);
    expect(unpinned.stdout).toMatch(/^– incomplete\n/);
    expect(unpinned.stderr).toContain('--log-key');
  });
});

describe('a tlog-proof', () => {
  it('shows the place of the entry, and of no other', async () => {
    const { proof: text, entry } = server.log.receipt(5);
    const proofFile = file('5.tlog-proof', text);
    const right = await verify(proofFile, '--entry', file('5.entry', entry), ...key);
    expect(right.exitCode).toBe(0);
    expect(right.stdout).toContain(`These ${entry.length} bytes are entry 5 of 600`);
  });
});

describe('two heads', () => {
  it('are consistent by a proof from a file, or from the log', async () => {
    const byFile = await verify(honest, '--older', old, '--proof', proof, ...key);
    expect(byFile.exitCode).toBe(0);
    expect(byFile.stdout).toContain('The tree of size 600 extends the tree of size 300.');
    const byLog = await verify(honest, '--older', old, '--log', server.url, ...key, '--json');
    expect([byLog.exitCode, codes(byLog)]).toEqual([
      0,
      ['older pass', 'checkpoint pass', 'witnesses pass no_quorum', 'consistency pass'],
    ]);
  });

  it('are judged by what a log answers, and not by its proof for other sizes', async () => {
    const answer = async (base: string): Promise<string> =>
      (await fetch(`${base}/api/v1/proofs/consistency?from=300&to=600`)).text();
    const right = await verify(honest, '--older', old, '--proof', file('right.json', await answer(server.url)), ...key);
    expect(right.exitCode).toBe(0);
    const lie = await answer(server.urlOf('other-sizes-proof'));
    const run = await verify(honest, '--older', old, '--proof', file('lie.json', lie), ...key, '--json');
    expect([run.exitCode, codes(run).at(-1)]).toEqual([1, 'consistency fail consistency_mismatch']);
    expect(jsonOf(run)).not.toHaveProperty('misbehaviour');
    const other = await (await fetch(`${server.url}/api/v1/proofs/consistency?from=300&to=599`)).text();
    const honestly = await verify(honest, '--older', old, '--proof', file('other.json', other), ...key);
    expect([honestly.exitCode, honestly.stdout]).toEqual([
      1,
      expect.stringContaining('for the sizes 300 and 599, and the heads have 300 and 600'),
    ]);
    // The same hashes, with nothing that says for which sizes they are.
    const { proof: hashes } = JSON.parse(lie) as { proof: string[] };
    const lines = hashes.map((hash) => Buffer.from(hash.slice(7), 'hex').toString('base64')).join('\n');
    const bare = await verify(honest, '--older', old, '--proof', file('lie.txt', lines), ...key, '--json');
    expect([bare.exitCode, codes(bare).at(-1)]).toMatchObject([1, expect.stringContaining('consistency fail')]);
    expect(jsonOf(bare)).not.toHaveProperty('misbehaviour');
  });

  it('are compared in their order', async () => {
    const swapped = await verify(old, '--older', honest, ...key);
    expect([swapped.exitCode, swapped.stderr]).toEqual([2, expect.stringContaining('the other way round')]);
  });

  it('make a proof of misbehaviour when the log signed two histories', async () => {
    server.fork(200);
    forked = file('forked.checkpoint', server.log.checkpoint(600));
    const output = path.join(folder, 'fork.misbehaviour.json');
    const run = await verify(forked, '--older', old, '--log', server.url, ...key, '-o', output);
    expect([run.exitCode, run.stderr]).toEqual([1, '']);
    expect(run.stdout).toMatch(/^✗ invalid\n.*the log signed two histories/);

    const shown = await verify(output, ...key, '--json');
    expect([shown.exitCode, codes(shown)]).toEqual([0, ['misbehaviour pass']]);
    expect(jsonOf(shown).summary).toContain('log.example.com/approvals signed two histories.');
  });

  it('leave no file behind when there is nothing to prove', async () => {
    const output = path.join(folder, 'nothing.misbehaviour.json');
    const run = await verify(honest, '--older', old, '--proof', proof, ...key, '-o', output);
    expect([run.exitCode, existsSync(output)]).toEqual([0, false]);
  });
});

describe('a proof of misbehaviour', () => {
  it('proves nothing when its heads agree', async () => {
    const document = JSON.parse(readFileSync(path.join(folder, 'fork.misbehaviour.json'), 'utf8'));
    const agreeing = { ...document, newer: document.older, proof: undefined, from_root: undefined };
    const slander = await verify(file('slander.json', JSON.stringify(agreeing)), ...key, '--json');
    expect([slander.exitCode, codes(slander)]).toEqual([1, ['misbehaviour fail heads_consistent']]);
  });
});

describe('wrong usage', () => {
  it.each([
    [['--at', 'now'], '--at goes with receipt, and this looks like checkpoint'],
    [['--proof', 'x'], '--proof goes with --older FILE'],
    [['--kind', 'sth', '--entry', 'x'], '--kind says sth'],
  ])('%j', async (flags, words) => {
    const run = await verify(honest, ...key, ...flags);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(words);
  });
});

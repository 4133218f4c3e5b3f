import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestLog, formatOffer, formatOfferOf, growTo } from '@assent/test-support';
import { waitUntil } from '@assent/test-support/fault/wait-until';
import { createWitnessHome, type WitnessHome, type WitnessProcess } from '@assent/test-support/witness-program';
import { formatCheckpoint, parseCosignerVkey, parseNote, verifyCosignatures } from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

const log = growTo(createTestLog({ origin: 'log.test/one' }), 60);
const other = growTo(createTestLog({ origin: 'log.test/other' }), 60);

type Answer = { readonly status: number; readonly type: string | null; readonly body: string };
async function offer({ url }: WitnessProcess, body: string): Promise<Answer> {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

describe('assent witness', () => {
  let home: WitnessHome;
  let witness: WitnessProcess;
  beforeAll(async () => {
    home = createWitnessHome('witness.test/w');
    home.listLogs([log]);
    witness = await home.start('--metrics', '127.0.0.1:0');
  });
  afterAll(() => home?.remove());

  it('cosigns with the key that keygen made, and remembers', async () => {
    const { status, body } = await offer(witness, formatOffer(log, 0, 7));
    expect(status).toBe(200);
    const cosigner = parseCosignerVkey(home.vkey);
    const note = parseNote(log.checkpoint(7) + body);
    if (!cosigner.ok || !note.ok) throw new Error('vkey or note cannot be read');
    const { verified } = await verifyCosignatures(note.value, { cosigners: [cosigner.value], logKeys: [] });
    expect(verified[0]?.time).toBeGreaterThan(Date.now() - 60_000);

    const shown = await runAssent(['witness', 'show', '--state', home.stateFolder, '--json']);
    expect(jsonOf(shown)).toMatchObject({
      type: 'assent/witness-logs/v1',
      witnesses: [home.vkey],
      logs: [{ origin: log.origin, size: 7 }],
    });
    const text = await runAssent(['witness', 'show', '--state', home.stateFolder]);
    expect(text.stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+Z {2}7 {2}\S{44} {2}log\.test\/one\n$/);
  });

  it('reads its list of logs anew on SIGHUP, and keeps the old one when the new one is wrong', async () => {
    expect((await offer(witness, formatOffer(other, 0, 3))).status).toBe(404);
    home.listLogs([log, other]);
    witness.signal('SIGHUP');
    await waitUntil('it has read the list', () => witness.said().includes('cosigns for 2 logs'));
    expect((await offer(witness, formatOffer(other, 0, 3))).status).toBe(200);

    writeFileSync(path.join(home.folder, 'logs'), `logs/v0\nvkey ${log.vkey}\nkvey x\n`);
    witness.signal('SIGHUP');
    await waitUntil('it has refused the list', () => witness.said().includes('line 3: unknown keyword "kvey"'));
    expect((await offer(witness, formatOffer(other, 3, 4))).status).toBe(200);
    home.listLogs([log, other]);
  });

  it('keeps a proof that a log has forked, which anybody can check', async () => {
    const fork = growTo(createTestLog(), 4);
    const text = formatCheckpoint({ origin: other.origin, size: 4, root: fork.tree.root() });
    const forked = formatOfferOf(4, [], other.signNote(text));
    for (let i = 0; i < 2; i++) expect((await offer(witness, forked)).status).toBe(422);
    await waitUntil('it is kept', () => witness.said().includes('The proof is in '));
    const forks = path.join(home.stateFolder, 'forks');
    expect(readdirSync(forks)).toHaveLength(1);
    const proof = readFileSync(path.join(forks, readdirSync(forks)[0]!), 'utf8');
    expect(await verifyMisbehaviour(proof, { logKeys: [other.vkey] })).toMatchObject({ ok: true });
    expect(witness.said().split('it is forked')).toHaveLength(2);
  });

  it('tells Prometheus how it fares, on an address of its own', async () => {
    await waitUntil('it said where', () => /metrics are at \S+\n/.test(witness.said()));
    const [, address = ''] = /metrics are at (\S+)\n/.exec(witness.said()) ?? [];
    const text = await (await fetch(address)).text();
    expect(text).toMatch(/^assent_witness_answers_total\{outcome="cosigned"\} 3$/m);
    expect(text).toMatch(/^assent_witness_forks_total 2$/m);
    expect(text).toMatch(/^assent_witness_remembered_logs 2$/m);
    expect((await fetch(`${witness.url}/metrics`)).status).toBe(404);
    const { host } = new URL(address);
    const another = createWitnessHome('witness.test/another');
    const run = await runAssent([...another.arguments, '--listen', '127.0.0.1:0', '--metrics', host, '--json']);
    await another.remove();
    expect([run.exitCode, jsonOf(run).message]).toEqual([2, `cannot listen on ${host}: the address is in use`]);
  });

  it('is one process on its state', async () => {
    const second = await runAssent([...home.arguments, '--listen', '127.0.0.1:0']);
    expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining('in use by another assent process')]);
  });

  it('says where it cannot listen', async () => {
    const { host } = new URL(witness.url);
    const another = createWitnessHome('witness.test/another');
    const run = await runAssent([...another.arguments, '--listen', host, '--json']);
    await another.remove();
    expect([run.exitCode, jsonOf(run).message]).toEqual([2, `cannot listen on ${host}: the address is in use`]);
  });

  it('answers what is under way, ends with 0, and goes on where it was', async () => {
    const last = offer(witness, formatOffer(log, 7, 12));
    expect((await last).status).toBe(200);
    witness.signal('SIGTERM');
    expect(await witness.ended).toBe(0);
    witness = await home.start();
    expect(witness.said()).toContain('remembers 2 logs');
    const conflict = await offer(witness, formatOffer(log, 7, 13));
    expect([conflict.status, conflict.type, conflict.body]).toEqual([409, 'text/x.tlog.size', '12\n']);
    expect((await offer(witness, formatOffer(log, 12, 13))).status).toBe(200);
  });
});

describe('assent witness refuses', () => {
  let home: WitnessHome;
  beforeAll(() => {
    home = createWitnessHome('witness.test/w');
  });
  afterAll(() => home?.remove());
  const journal = (): string => path.join(home.stateFolder, 'journal');
  const refused = async (args: readonly string[] = home.arguments): Promise<readonly unknown[]> => {
    const run = await runAssent([...args, '--listen', '127.0.0.1:0', '--json']);
    return [run.exitCode, jsonOf(run).code, jsonOf(run).message];
  };
  const withFile = (flag: string, file: string): readonly string[] =>
    home.arguments.map((each, i) => (home.arguments[i - 1] === flag ? file : each));

  it('a key that others can read', async () => {
    chmodSync(home.keyFile, 0o640);
    expect(await refused()).toEqual([2, 'file_unreadable', expect.stringContaining('chmod 600')]);
    chmodSync(home.keyFile, 0o600);
  });

  it('a key that is no witness, and one whose vkey is of another', async () => {
    const folder = temporaryFolder();
    await runAssent(['keygen', '-o', 'service.pem'], { cwd: folder });
    const service = path.join(folder, 'service.pem');
    expect(await refused(withFile('--key', service))).toEqual([
      2,
      'file_malformed',
      expect.stringContaining('does not begin with "vkey"'),
    ]);
    writeFileSync(service, `vkey ${home.vkey}\n${readFileSync(service, 'utf8')}`);
    expect(await refused(withFile('--key', service))).toEqual([
      2,
      'file_malformed',
      expect.stringContaining('damaged'),
    ]);
  });

  it('a folder without a memory, rather than begin another', async () => {
    const folder = temporaryFolder();
    expect(await refused(withFile('--state', folder))).toEqual([
      2,
      'file_unreadable',
      expect.stringContaining('there is no such file'),
    ]);
    expect(existsSync(path.join(folder, 'journal'))).toBe(false);
  });

  it("the memory of another witness, and a second one over one's own", async () => {
    const another = createWitnessHome('witness.test/w');
    expect(await refused(withFile('--state', another.stateFolder))).toEqual([
      2,
      'file_malformed',
      expect.stringContaining('the memory of another witness'),
    ]);
    const again = await runAssent(['witness', 'init', '--key', home.keyFile, '--state', home.stateFolder, '--json']);
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('is never overwritten')]);
    await another.remove();
  });

  it('a damaged memory, and one of a newer version', async () => {
    const whole = readFileSync(journal(), 'utf8');
    writeFileSync(journal(), whole.replace('witness.test/w', 'witness.test/v'));
    expect(await refused()).toEqual([2, 'file_malformed', expect.stringContaining('is damaged at byte 0')]);
    writeFileSync(journal(), '');
    expect(await refused()).toEqual([2, 'file_malformed', expect.stringContaining('is damaged at byte 0')]);
    writeFileSync(journal(), whole.replace('witness-state/v1', 'witness-state/v2'));
    expect(await refused()).toEqual([2, 'state_newer', expect.stringContaining('newer version')]);
    writeFileSync(journal(), whole);
  });

  it('a list of logs that is wrong, or lists the witness itself', async () => {
    const logs = path.join(home.folder, 'logs');
    writeFileSync(logs, `vkey ${log.vkey}\n`);
    expect(await refused()).toEqual([2, 'file_malformed', expect.stringContaining('line 1')]);
    home.listLogs([]);
  });

  it('an address that is none', async () => {
    const run = await runAssent([...home.arguments, '--listen', '127.0.0.1']);
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('host:port')]);
  });
});

/** The commands that explain rather than judge: inspect, tree, doctor, completion. */
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestLog } from '@assent/test-support';
import { createTestWitness } from '@assent/test-support/witnesses';
import { describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

const folder = temporaryFolder();
const file = (name: string, content: string | Uint8Array, mode = 0o644): string => {
  const target = path.join(folder, name);
  writeFileSync(target, content);
  chmodSync(target, mode);
  return target;
};

const log = createTestLog({ origin: 'log.example.com/approvals' });
for (let i = 0; i < 7; i++) log.append({ content: { i } });
const receipt = file('r.json', log.receipt(5).receipt);

describe('assent inspect', () => {
  it('explains a file, says that nothing is verified, and ends with 1 for what is none', async () => {
    const run = await runAssent(['inspect', path.basename(receipt)], { cwd: folder });
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    const [title, , verified] = run.stdout.split('\n');
    expect(title).toMatch(/^A receipt: /);
    expect(verified).toBe('Nothing is verified by this: it says what stands there, not whether it is true.');
    expect(run.stdout).toMatch(/^ +index +5 /m);
    const nothing = await runAssent(['inspect', '-', '--json'], { stdin: Uint8Array.of(0, 255, 1) });
    expect(nothing.exitCode).toBe(1);
    expect(jsonOf(nothing)).toMatchObject({ type: 'assent/inspection/v1', verified: false, bytes: 3, kind: 'unknown' });
  });
});

describe('assent tree', () => {
  it('draws the path, with those who signed on top', async () => {
    const witness = createTestWitness({ name: 'w.example' });
    const policy = file('policy', `log ${log.vkey}\nwitness W ${witness.vkey}\nquorum W\n`);
    const { receipt: text } = log.receipt(5);
    const { proof } = JSON.parse(text) as { proof: string };
    const checkpoint = proof.slice(proof.indexOf('\n\n') + 2);
    const cosigned = file(
      'w.json',
      JSON.stringify({ ...JSON.parse(text), proof: proof.replace(checkpoint, witness.append(checkpoint)) }),
    );
    const run = await runAssent(['tree', cosigned, '--log-policy', policy], { env: { LANG: 'C.UTF-8' } });
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    const lines = run.stdout.split('\n');
    expect(lines.findIndex((line) => line.includes('cosigned by  W at'))).toBeLessThan(
      lines.findIndex((line) => line.startsWith('◆ ')),
    );
    expect(run.stdout).toContain('entry 5, this one');
    expect((await runAssent(['tree', cosigned])).stdout).toMatch(/^\+ [0-9a-f]{64} {2}root of 7 entries$/m);
  });

  it('ends with 1 where the path does not lead to the signed root, and draws none that there is not', async () => {
    const { receipt: text, proof } = log.receipt(5);
    const changed = file('changed.json', text.replace('index 5', 'index 4'));
    const run = await runAssent(['tree', changed, '--log-key', log.vkey, '--json']);
    const tree = jsonOf(run);
    expect([run.exitCode, tree.computed_root === tree.root]).toEqual([1, false]);
    const short = JSON.stringify({ ...JSON.parse(text), proof: proof.replace(/(index 5\n)[^\n]+\n/, '$1') });
    const none = await runAssent(['tree', file('short.json', short)]);
    expect([none.exitCode, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toContain('there is no tree to draw');
  });
});

describe('assent doctor', () => {
  it('looks at files, and leaves nothing behind', async () => {
    const key = path.join(folder, 'key.pem');
    await runAssent(['keygen', '-o', key]);
    const state = temporaryFolder();
    const well = await runAssent(['doctor', '--key', key, '--state', state, '--log-key', log.vkey]);
    expect([well.exitCode, well.stderr]).toEqual([0, '']);
    expect(well.stdout.match(/^✓/gm)).toHaveLength(4);
    expect(readdirSync(state)).toEqual([]);
    const open = file('open.pem', 'x', 0o644);
    const ill = await runAssent(['doctor', '--key', open, '--state', path.join(folder, 'nowhere'), '--json']);
    expect(ill.exitCode).toBe(2);
    expect(jsonOf(ill)).toMatchObject({
      type: 'assent/doctor/v1',
      healthy: false,
      checks: [
        { id: 'node', status: 'pass' },
        { id: 'key', status: 'fail', code: 'file_unreadable', detail: expect.stringContaining('chmod 600') },
        { id: 'state', status: 'fail', code: 'file_unwritable' },
      ],
    });
    expect(existsSync(path.join(folder, 'nowhere'))).toBe(false);
  });

  it('ends as another command would have, when the log is not there', async () => {
    const run = await runAssent(['doctor', '--log', 'http://127.0.0.1:1']);
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toContain('✗ log');
  });
});

describe('assent completion', () => {
  it('prints a script for the shell, and names those that there are', async () => {
    const run = await runAssent(['completion', 'bash']);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toContain('complete -o default -F _assent assent');
    const other = await runAssent(['completion', 'tcsh']);
    expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });
});

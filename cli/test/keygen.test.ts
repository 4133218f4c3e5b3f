import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatCosignerVkey } from '@assent/verifier';
import { describe, expect, it } from 'vitest';
import { jsonOf, runAssent, temporaryFolder } from './run-assent.ts';

describe('assent keygen', () => {
  it('writes a private key that only its owner can read, and prints the public half', async () => {
    const cwd = temporaryFolder();
    const run = await runAssent(['keygen', '-o', 'service.pem'], { cwd });
    expect(run.exitCode).toBe(0);
    const file = path.join(cwd, 'service.pem');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const spki = createPublicKey(createPrivateKey(readFileSync(file))).export({ type: 'spki', format: 'der' });
    const keyid = `sha256:${createHash('sha256').update(spki).digest('hex')}`;
    expect(run.stdout).toBe(`keyid      ${keyid}\npublicKey  ${spki.toString('base64')}\n`);
    expect(run.stderr).toContain('service.pem');
    const secret = readFileSync(file, 'utf8').split('\n')[1]!;
    expect(run.stdout + run.stderr).not.toContain(secret);
  });

  it('prints one JSON document', async () => {
    const cwd = temporaryFolder();
    const run = await runAssent(['keygen', '--json'], { cwd });
    expect(jsonOf(run)).toEqual({
      type: 'assent/key/v1',
      algorithm: 'ed25519',
      keyid: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      publicKey: expect.stringMatching(/^MCowBQYDK2VwAyEA/),
      file: 'assent-key.pem',
    });
    expect(existsSync(path.join(cwd, 'assent-key.pem'))).toBe(true);
  });

  it('makes the key of a witness, which knows its name', async () => {
    const cwd = temporaryFolder();
    const run = await runAssent(['keygen', '--witness', 'witness.test/w', '-o', 'witness.pem'], { cwd });
    expect(run.exitCode).toBe(0);
    const file = path.join(cwd, 'witness.pem');
    const spki = createPublicKey(createPrivateKey(readFileSync(file))).export({ type: 'spki', format: 'der' });
    const vkey = formatCosignerVkey('witness.test/w', new Uint8Array(spki.subarray(-32)));
    expect(run.stdout).toBe(`${vkey}\n`);
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8').split('\n')[0]]).toEqual([0o600, `vkey ${vkey}`]);
    const json = await runAssent(['keygen', '--witness', 'witness.test/w', '-o', 'other.pem', '--json'], { cwd });
    expect(jsonOf(json)).toEqual({
      type: 'assent/key/v1',
      algorithm: 'ed25519',
      vkey: expect.stringMatching(/^witness\.test\/w\+/),
      file: 'other.pem',
    });
  });

  it('refuses a name that no signature line can hold', async () => {
    const cwd = temporaryFolder();
    for (const name of ['', 'two words', 'a+b']) {
      const run = await runAssent(['keygen', '--witness', name, '--json'], { cwd });
      expect([run.exitCode, jsonOf(run).code]).toEqual([2, 'usage']);
    }
    expect(existsSync(path.join(cwd, 'assent-key.pem'))).toBe(false);
  });

  it('makes another key each time', async () => {
    const cwd = temporaryFolder();
    const one = await runAssent(['keygen', '-o', '1.pem'], { cwd });
    const two = await runAssent(['keygen', '-o', '2.pem'], { cwd });
    expect(one.stdout).not.toBe(two.stdout);
  });

  it('never overwrites, nor follows a link', async () => {
    const cwd = temporaryFolder();
    writeFileSync(path.join(cwd, 'mine.pem'), 'precious');
    symlinkSync(path.join(cwd, 'target.pem'), path.join(cwd, 'link.pem'));
    for (const name of ['mine.pem', 'link.pem']) {
      const run = await runAssent(['keygen', '-o', name, '--json'], { cwd });
      expect([run.exitCode, jsonOf(run).code]).toEqual([2, 'file_exists']);
      expect(run.stderr).toContain('never overwritten');
    }
    expect(readFileSync(path.join(cwd, 'mine.pem'), 'utf8')).toBe('precious');
    expect(existsSync(path.join(cwd, 'target.pem'))).toBe(false);
  });

  it('puts no private key where it would be found by chance', async () => {
    const cwd = temporaryFolder();
    const run = await runAssent(['keygen', '-o', '-'], { cwd });
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('"-" is no file to write to')]);
    expect(existsSync(path.join(cwd, '-'))).toBe(false);
  });

  it('says why it cannot write', async () => {
    const cwd = temporaryFolder();
    mkdirSync(path.join(cwd, 'folder'));
    const run = await runAssent(['keygen', '-o', 'nowhere/key.pem', '--json'], { cwd });
    expect([run.exitCode, jsonOf(run).code]).toEqual([2, 'file_unwritable']);
    expect(run.stderr).toContain('there is no such file or folder');
  });
});

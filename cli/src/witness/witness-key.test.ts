import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestLog, growTo } from '@assent/test-support';
import { mlDsaPrimitives } from '@assent/test-support/ml-dsa';
import { unwrap } from '@assent/test-support/results';
import { parseNote, verifyCosignatures } from '@assent/verifier';
import { afterAll, describe, expect, it } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { canCosign, createWitnessKey, loadWitnessKeys } from './witness-key.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-witness-key-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof CommandFailure ? `${error.kind}: ${error.message}` : String(error)),
  );

const log = growTo(createTestLog({ origin: 'log.test/one' }), 9);
const text = `${log.checkpoint(7).split('\n').slice(0, 3).join('\n')}\n`;
const checkpoint = { text, origin: log.origin, size: 7, root: log.tree.root(7) };

describe.each([
  ['Ed25519', false],
  ['ML-DSA-44', true],
])("a witness's key of %s", (kind, mlDsa) => {
  it('cosigns as the verifier verifies, under the name that stands in its file', async () => {
    const vkey = await createWitnessKey(file(`${kind}.pem`), 'witness.test/w', { mlDsa });
    expect(statSync(file(`${kind}.pem`)).mode & 0o777).toBe(0o600);
    const [key] = await loadWitnessKeys([file(`${kind}.pem`)]);
    expect([key!.cosigner.vkey, key!.cosigner.name]).toEqual([vkey, 'witness.test/w']);
    const note = unwrap(parseNote(log.checkpoint(7) + key!.cosign(checkpoint, 1_700_000_000)));
    const evidence = { cosigners: [key!.cosigner], logKeys: [] };
    const { verified } = await verifyCosignatures(note, evidence, mlDsaPrimitives);
    expect(verified.map(({ time }) => time)).toEqual([1_700_000_000_000]);
    const other = unwrap(parseNote(log.checkpoint(8) + key!.cosign(checkpoint, 1_700_000_000)));
    expect((await verifyCosignatures(other, evidence, mlDsaPrimitives)).verified).toEqual([]);
  });

  it('is refused when its vkey is of another key', async () => {
    await createWitnessKey(file(`${kind}-1.pem`), 'witness.test/w', { mlDsa });
    await createWitnessKey(file(`${kind}-2.pem`), 'witness.test/w', { mlDsa });
    const [first, second] = [1, 2].map((n) => readFileSync(file(`${kind}-${n}.pem`), 'utf8').split('\n'));
    writeFileSync(file(`${kind}-3.pem`), [first![0], ...second!.slice(1)].join('\n'), { mode: 0o600 });
    expect(await messageOf(loadWitnessKeys([file(`${kind}-3.pem`)]))).toMatch(/^file_malformed: .* is damaged/);
  });
});

describe("a file of a witness's key", () => {
  it('is refused when it is of the other kind, or of none', async () => {
    const ed25519 = await createWitnessKey(file('ed.pem'), 'witness.test/w');
    const mlDsa = await createWitnessKey(file('ml.pem'), 'witness.test/w', { mlDsa: true });
    const pemOf = (name: string): string => readFileSync(file(name), 'utf8').split('\n').slice(1).join('\n');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' });
    for (const content of [
      `vkey ${mlDsa}\n${pemOf('ed.pem')}`,
      `vkey ${ed25519}\n${pemOf('ml.pem')}`,
      `vkey ${ed25519}\n${rsa}`,
      `vkey ${ed25519}\n`,
      `vkey ${mlDsa}\n`,
      `vkey ${ed25519.slice(0, -2)}=\n${pemOf('ed.pem')}`,
      pemOf('ed.pem'),
      '',
    ]) {
      writeFileSync(file('wrong.pem'), content, { mode: 0o600 });
      expect(await messageOf(loadWitnessKeys([file('wrong.pem')])), content).toMatch(/^file_malformed: /);
    }
  });

  it('is refused under a passphrase, with the reason', async () => {
    const vkey = await createWitnessKey(file('plain.pem'), 'witness.test/w');
    const format = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const locked = createPrivateKey(readFileSync(file('plain.pem'))).export(format);
    writeFileSync(file('locked.pem'), `vkey ${vkey}\n${locked}`, { mode: 0o600 });
    expect(await messageOf(loadWitnessKeys([file('locked.pem')]))).toContain('starts without anybody to ask');
  });

  it('is refused when others can read it, and when it is given twice', async () => {
    await createWitnessKey(file('loose.pem'), 'witness.test/w');
    const twice = loadWitnessKeys([file('loose.pem'), file('loose.pem')]);
    expect(await messageOf(twice)).toContain('usage: ');
    chmodSync(file('loose.pem'), 0o604);
    expect(await messageOf(loadWitnessKeys([file('loose.pem')]))).toContain('chmod 600');
  });

  it('is made for a name that a cosignature has room for', async () => {
    expect(await messageOf(createWitnessKey(file('name.pem'), 'x'.repeat(255)))).toBe('none');
    for (const name of ['', 'two words', 'a+b', 'x'.repeat(256)]) {
      expect(await messageOf(createWitnessKey(file('none.pem'), name))).toMatch(/^usage: /);
    }
    const [ed25519] = await loadWitnessKeys([file('name.pem')]);
    await createWitnessKey(file('long.pem'), 'witness.test/w', { mlDsa: true });
    const [mlDsa] = await loadWitnessKeys([file('long.pem')]);
    expect([ed25519!, mlDsa!].map((key) => canCosign(key, 'x'.repeat(256)))).toEqual([true, false]);
    expect(canCosign(mlDsa!, 'x'.repeat(255))).toBe(true);
  });
});

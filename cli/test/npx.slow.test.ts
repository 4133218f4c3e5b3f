/**
 * What npm would publish, installed from its tarballs into an empty folder with an empty cache and no network: it has to run
 * there as it runs here, so nothing in it may lead back into this repository.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestLog } from '@assent/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './run-assent.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OURS = ['cli', 'verifier'] as const;

type Manifest = {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
};

const empty = temporaryFolder();
const tarballs = temporaryFolder();
const installed = (name: string) => path.join(empty, 'node_modules', name);
const manifestOf = (folder: string) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;

/** npm as a stranger has it: no cache, no settings, no registry that answers. */
function npm(args: readonly string[], cwd: string): string {
  const env = {
    PATH: process.env.PATH,
    HOME: empty,
    npm_config_cache: path.join(tarballs, 'cache'),
    npm_config_offline: 'true',
  };
  return execFileSync('npm', [...args, '--no-update-notifier'], { cwd, env, encoding: 'utf8' });
}

/** The folders of all that these packages need at run time, themselves too, where this repository has them. */
function closure(folders: readonly string[]): readonly string[] {
  const found = new Set(folders);
  for (const folder of found) {
    const require = createRequire(path.join(folder, 'package.json'));
    for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
      const places = require.resolve.paths(name)!.map((place) => path.join(place, name));
      found.add(realpathSync(places.find((place) => existsSync(path.join(place, 'package.json')))!));
    }
  }
  return [...found];
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

beforeAll(() => {
  const folders = closure(OURS.map((name) => path.join(ROOT, name)));
  npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', tarballs, ...folders], ROOT);
  const packed = readdirSync(tarballs).filter((name) => name.endsWith('.tgz'));
  expect(packed).toHaveLength(folders.length);
  npm(
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packed.map((name) => path.join(tarballs, name))],
    empty,
  );
});

describe('the published packages', () => {
  it.each(['assent', '@assent/verifier'])('%s holds all that it names, and nothing of ours besides', (name) => {
    const folder = installed(name);
    const { dependencies = {}, exports = {}, bin = {} } = manifestOf(folder);
    for (const range of Object.values(dependencies)) expect(range).toMatch(/^\^?[0-9]+\.[0-9]+\.[0-9]+$/);
    // The condition under which this repository's own tests read sources is no one else's.
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string'
        ? [target]
        : Object.entries(target).flatMap(([condition, file]) => (condition === 'assent-source' ? [] : [file])),
    );
    const files = filesBelow(folder);
    for (const target of [...targets, ...Object.values(bin)]) expect(files).toContain(path.normalize(target));
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md']));
    expect(files.filter((file) => /\.test\.|tsbuildinfo|\.ts$/.test(file) && !file.endsWith('.d.ts'))).toEqual([]);
  });

  it.each(['assent', '@assent/verifier'])('%s imports nothing that is not installed with it', (name) => {
    const folder = installed(name);
    const known = new Set([name, ...Object.keys(manifestOf(folder).dependencies ?? {})]);
    for (const file of filesBelow(folder).filter((each) => each.endsWith('.js'))) {
      const source = readFileSync(path.join(folder, file), 'utf8');
      const imported = [
        ...source.matchAll(/^(?:import|export|\} from)\b[^;]*?from '([^']+)';$|\bimport\('([^']+)'\)/gms),
      ];
      for (const [, from, dynamic] of imported) {
        const target = (from ?? dynamic)!;
        if (target.startsWith('node:')) continue;
        if (target.startsWith('.'))
          expect(existsSync(path.join(folder, path.dirname(file), target)), `${file}: ${target}`).toBe(true);
        else expect([...known], `${file}: ${target}`).toContain(/^(@[^/]+\/)?[^/]+/.exec(target)![0]);
      }
    }
  });

  it.each([
    ['assent', 'cli'],
    ['@assent/verifier', 'verifier'],
  ])('%s brings the sources that its maps lead to', (name, workspace) => {
    const folder = installed(name);
    // A build in a folder that was built before leaves what earlier sources came to; releases are built in a fresh clone.
    const isOfNow = (file: string) =>
      existsSync(path.join(ROOT, workspace, file.replace(/^dist/, 'src').replace(/\.js$/, '.ts')));
    const scripts = filesBelow(folder).filter((file) => /^dist\/.*\.js$/.test(file) && isOfNow(file));
    expect(scripts.length).toBeGreaterThan(30);
    for (const script of scripts) {
      const map = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(path.join(folder, script), 'utf8'))?.[1];
      expect([script, map]).toEqual([script, expect.any(String)]);
      const { sources, sourcesContent } = JSON.parse(
        readFileSync(path.join(folder, path.dirname(script), map!), 'utf8'),
      ) as { sources: string[]; sourcesContent?: string[] };
      expect([script, sourcesContent?.length]).toEqual([script, sources.length]);
    }
  });

  it('run by npx in that folder', () => {
    const npx = (...args: string[]) =>
      spawnSync('npx', ['--offline', '--no-install', 'assent', ...args], {
        cwd: empty,
        env: { PATH: process.env.PATH, HOME: empty },
        encoding: 'utf8',
      });
    expect(npx('--help').stdout).toContain('Usage: assent [options] [command]');
    const log = createTestLog({ origin: 'log.example.com' });
    const { receipt, proof, entry } = log.append({ content: { a: 1 } });
    for (const [name, content] of Object.entries({ 'r.json': receipt, 'p.tlog-proof': proof, 'e.json': entry })) {
      writeFileSync(path.join(empty, name), content);
    }
    const verified = npx('verify', 'p.tlog-proof', '--entry', 'e.json', '--log-key', log.vkey, '--offline');
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    expect(verified.stdout).toMatch(/^✓ authentic\n/);
    // Content that is no envelope: bad evidence, and not a program that fails.
    expect(npx('verify', 'r.json', '--log-key', log.vkey, '--json').status).toBe(1);
    expect(npx('inspect', 'r.json').status).toBe(0);
    expect(npx('keygen', '-o', 'key.pem').status).toBe(0);
  });

  it('give programs the verifier and its parts', () => {
    const program = `
      import { verifyReceipt } from '@assent/verifier';
      import { wordsFor } from '@assent/verifier/words';
      import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
      import * as single from '@assent/verifier/single-file';
      console.log(typeof verifyReceipt, typeof wordsFor, typeof verifyMisbehaviour, typeof single.verifyReceipt);`;
    writeFileSync(path.join(empty, 'program.mjs'), program);
    expect(execFileSync(process.execPath, ['program.mjs'], { cwd: empty, encoding: 'utf8' })).toBe(
      'function function function function\n',
    );
  });
});

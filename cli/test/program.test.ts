import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createApproval, createServiceKey, createTestLog } from '@assent/test-support';
import { describe, expect, it } from 'vitest';
import { PAGE, renderPage } from '../docs/page.ts';
import { EXIT } from '../src/exit-codes.ts';
import { createProgram } from '../src/program.ts';
import { jsonOf, PROGRAM, runAssent, temporaryFolder } from './run-assent.ts';

const DEFINITIONS = new URL('../src/commands/', import.meta.url);
const COMMANDS = createProgram(() => undefined).commands.map((command) => command.name());

describe('assent', () => {
  it('explains itself on standard output when asked, with examples and exit codes', async () => {
    const run = await runAssent(['--help']);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(run.stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(run.stdout).toContain('Examples:');
    for (const code of Object.values(EXIT)) expect(run.stdout).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
  });

  it.each(COMMANDS)('explains %s', async (command) => {
    const run = await runAssent([command, '--help']);
    expect([run.exitCode, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toContain(`Usage: assent ${command}`);
    expect((await runAssent(['help', command])).stdout).toBe(run.stdout);
  });

  it('has a page in docs/ that says what the commands say: npm run docs:cli', () => {
    const page = renderPage();
    for (const command of COMMANDS) expect(page).toContain(`\n## \`assent ${command}\`\n`);
    expect(page).toContain('| `--log-key <vkey\\|file>` |');
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
    // What is said about examples stands outside of their blocks, and an empty line in one does not end it.
    expect(page).toContain('```\n\nAn entry has to fit all of key');
    expect(page).toContain('```text\nlogs/v0\n\nvkey log.example.com');
  });

  it('loads nothing for its help but what says it', () => {
    const folder = temporaryFolder();
    const { status } = spawnSync(process.execPath, [PROGRAM, '--help'], { env: { NODE_V8_COVERAGE: folder } });
    expect(status).toBe(0);
    const loaded = loadedModules(folder);
    const definitions = loaded.filter((url) => /\/cli\/dist\/commands\/.+\.js$/.test(url));
    // A definition that is not loaded belongs to no command: it fell out of all.ts.
    const written = readdirSync(DEFINITIONS, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(definitions.map((url) => url.replace(/^.*\/commands\/(.+)\.js$/, '$1.ts')).sort()).toEqual(written.sort());
    const others = loaded.filter((url) => !definitions.includes(url) && !/\/node_modules\/commander\//.test(url));
    expect(others.map((url) => url.replace(/^.*\/cli\//, '')).sort()).toEqual([
      'bin/assent.js',
      'dist/exit-codes.js',
      'dist/failure.js',
      'dist/main.js',
      'dist/program.js',
      'dist/terminal/output.js',
      'dist/terminal/safe-text.js',
      'dist/version.js',
    ]);
  });

  it('says its version', async () => {
    const run = await runAssent(['version']);
    expect([run.exitCode, run.stdout]).toEqual([0, '0.1.0\n']);
    expect((await runAssent(['--version'])).stdout).toBe(run.stdout);
    expect(jsonOf(await runAssent(['version', '--json']))).toEqual({
      type: 'assent/version/v1',
      version: '0.1.0',
      node: process.version,
    });
  });

  it.each([
    [[], 'a command is missing'],
    [['verfy'], 'Did you mean verify?'],
    [['--nonsense'], 'unknown option'],
    [['receipt', '7'], "required option '--log <url>' not specified"],
  ])('ends with 2 on %j, and keeps standard output for data', async (args, words) => {
    const run = await runAssent(args);
    expect([run.exitCode, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain(words);
  });

  it('answers in JSON even when the command line cannot be read', async () => {
    const run = await runAssent(['verfy', '--json']);
    expect(jsonOf(run)).toMatchObject({ type: 'assent/error/v1', code: 'usage' });
    const notAFlag = await runAssent(['verify', '--', '--json']);
    expect([notAFlag.exitCode, notAFlag.stdout]).toEqual([2, '']);
    expect(notAFlag.stderr).toContain('--json: there is no such file');
  });

  it('is executable, and says what to do when it is not built', () => {
    accessSync(PROGRAM, constants.X_OK);
    const bin = path.join(temporaryFolder(), 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, '../package.json'), '{"type":"module"}');
    copyFileSync(PROGRAM, path.join(bin, 'assent.js'));
    const { status, stderr } = spawnSync(process.execPath, [path.join(bin, 'assent.js'), 'version'], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain('npm run build');
  });
});

describe('pipes', () => {
  const log = createTestLog();
  const { envelope } = createApproval({ origin: log.origin, serviceKey: createServiceKey() });
  const receiptFile = path.join(temporaryFolder(), 'r.json');
  writeFileSync(receiptFile, log.append({ content: envelope }).receipt);
  const bash = (script: string) =>
    spawnSync('bash', ['-c', script, 'bash', process.execPath, PROGRAM, receiptFile, log.vkey], { encoding: 'utf8' });

  it('keeps its exit code and stays quiet when nobody reads to the end', () => {
    const verify = '"$1" "$2" verify "$3" --log-key "$4"';
    for (const reader of ['head -c 1 >/dev/null', 'true', 'head -n 1 >/dev/null']) {
      const { stdout, stderr } = bash(`${verify} | ${reader}; echo "\${PIPESTATUS[0]}"`);
      expect([stdout, stderr]).toEqual(['0\n', '']);
    }
    const { stdout } = bash(`"$1" "$2" verify "$3" 2>/dev/null | true; echo "\${PIPESTATUS[0]}"`);
    expect(stdout).toBe('2\n');
  });

  it.runIf(existsSync('/dev/full'))('does not end well when its output got lost', () => {
    const { stderr, status } = bash('"$1" "$2" verify "$3" --log-key "$4" >/dev/full');
    expect(status).toBe(2);
    expect(stderr).toContain('could not be written');
  });
});

/** What Node noted of the files that it ran. */
function loadedModules(folder: string): readonly string[] {
  const [file] = readdirSync(folder);
  const { result }: { result: readonly { url: string }[] } = JSON.parse(readFileSync(path.join(folder, file!), 'utf8'));
  return result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
}

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { bashCompletion } from './bash.ts';
import { allCommands, commandWords, flagsOf } from './command-words.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const program = commandWords(createProgram(() => undefined));

/** What bash itself proposes for the last of these words. */
function proposed(...words: readonly string[]): readonly string[] {
  const script = `${bashCompletion(program)}
COMP_WORDS=("$@")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_assent
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'assent', ...words], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the completion of bash', () => {
  it('proposes commands, those inside of commands, and those to be explained', () => {
    expect(proposed('ver')).toEqual(['verify', 'version']);
    expect(proposed('')).toEqual(program.commands.map(({ name }) => name));
    expect(proposed('trust', 'i')).toEqual(['init']);
    expect(proposed('help', 'insp')).toEqual(['inspect']);
    expect(proposed('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('proposes the options of the command, not those of another', () => {
    expect(proposed('verify', '--trust')).toEqual(['--trust-root', '--trust-versions']);
    expect(proposed('tree', '--as')).toEqual(['--ascii']);
    expect(proposed('verify', '--as')).toEqual([]);
    expect(proposed('--ver')).toEqual(['--version']);
    // A value may be called as a command is.
    expect(proposed('verify', '--kind', 'receipt', '--trust-r')).toEqual(['--trust-root']);
  });

  it('proposes the values of an option, and leaves files to bash', () => {
    expect(proposed('verify', '--kind', 's')).toEqual(['sth']);
    expect(proposed('verify', '--require', '')).toEqual(['authentic', 'authorized']);
    expect(proposed('verify', '--log-policy', '')).toEqual([]);
    expect(proposed('verify', 'refund')).toEqual([]);
  });
});

describe('the completions of zsh and fish', () => {
  it('have every command and every option', () => {
    const [zsh, fish] = [zshCompletion(program), fishCompletion(program)];
    for (const command of allCommands(program)) {
      if (command.path !== '') {
        expect(zsh).toContain(`_assent_${command.path.replaceAll(/[ -]/g, '_')}() {`);
        expect(fish).toMatch(new RegExp(` -a ${command.name} -d '`));
      }
      for (const flag of flagsOf(command)) {
        expect(zsh).toContain(flag);
        expect(fish).toContain(flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`);
      }
    }
  });

  it('end every quotation that they begin', () => {
    const command = {
      name: 'x',
      path: 'x',
      summary: "it's [a: \\ b]",
      commands: [],
      argumentChoices: [],
      options: [{ long: '--y', description: "that's [it]: \\", takesValue: true, choices: [] }],
    };
    const hostile = { ...program, commands: [command] };
    expect(zshCompletion(hostile)).toContain(`'[that'\\''s \\[it\\]\\: \\\\]:value:_files'`);
    expect(fishCompletion(hostile)).toContain(`-d 'it\\'s [a: \\\\ b]'`);
  });
});

/** A shell that may not be there. Why it is not, in the words of a test's name. */
function without(shell: string): string | undefined {
  return spawnSync(shell, ['-c', 'exit 0']).error === undefined ? undefined : `${shell} is not installed here`;
}

function ask(shell: string, args: readonly string[], script: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync(shell, [...args, script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter((line) => line !== '');
}

const noFish = without('fish');
describe(`fish itself${noFish === undefined ? '' : ` (1 case skipped: ${noFish})`}`, () => {
  it.skipIf(noFish !== undefined)('proposes commands, options and values', () => {
    const proposals = (typed: string) =>
      ask('fish', ['-N', '-c'], `${fishCompletion(program)}\ncomplete -C ${JSON.stringify(typed)}`).map(
        (line) => line.split('\t')[0]!,
      );
    expect(proposals('assent ver')).toEqual(['verify', 'version']);
    expect(proposals('assent trust me')).toEqual(['merge']);
    expect(proposals('assent verify --trust')).toEqual(['--trust-root', '--trust-versions']);
    expect(proposals('assent verify --require a')).toEqual(['authentic', 'authorized']);
  });
});

const noZsh = without('zsh');
describe(`zsh itself${noZsh === undefined ? '' : ` (1 case skipped: ${noZsh})`}`, () => {
  it.skipIf(noZsh !== undefined)('takes the functions, one for each command', () => {
    const names = allCommands(program).map(({ path }) => ['_assent', ...path.split(' ').filter(Boolean)].join('_'));
    const load = `autoload -Uz compinit && compinit -u -D\n${zshCompletion(program)}\nwhence -w ${names.join(' ').replaceAll('-', '_')}`;
    expect(ask('zsh', ['-f', '-c'], load)).toEqual(names.map((name) => `${name.replaceAll('-', '_')}: function`));
  });
});

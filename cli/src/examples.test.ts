/** What help and documentation tell people to type: each has to be a command line that there is. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';

const root = new URL('../../', import.meta.url);
const pages = [
  'README.md',
  'cli/README.md',
  'verifier/README.md',
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`),
  ),
];

/** Lines of code that begin with `assent`, with those that they go on in. */
function examplesIn(page: string): readonly string[] {
  const text = readFileSync(new URL(page, root), 'utf8').replace(/ *\\\n\s*/g, ' ');
  const found: string[] = [];
  let isFenced = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isFenced = !isFenced;
    const code = isFenced ? line : line.startsWith('    ') ? line.slice(4) : undefined;
    for (const part of code?.split(/ && |\(umask 077 && /) ?? []) {
      const [, words] = /^\s*(?:\$ )?(?:npx |\$as )?assent ([a-z-].*)$/.exec(part) ?? [];
      // Usages, and what shows help.
      if (words !== undefined && !/^(.* )?--help$|\[options\]/.test(words)) found.push(words);
    }
  }
  return found;
}

/** As a shell cuts them, up to what belongs to the shell. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [, single, double, bare] of line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)) {
    const word = single ?? double ?? bare!;
    if (bare !== undefined && /^(\||>|<|2>|#|&&)/.test(bare)) break;
    words.push(word);
  }
  return words;
}

/** Parses and does nothing. */
function parse(words: readonly string[]): string {
  const program = createProgram(() => undefined);
  let hasRun = false;
  for (const command of commandsOf(program)) {
    command.action(() => {
      hasRun = true;
    });
  }
  try {
    program.parse(words, { from: 'user' });
    return hasRun ? 'ok' : 'it does nothing';
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.message;
  }
}

/** Those that do something. */
function commandsOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(commandsOf);
}

describe.each(pages.map((page) => [page, examplesIn(page)] as const).filter(([, examples]) => examples.length > 0))(
  'the examples of %s',
  (_, examples) => {
    it.each(examples)('assent %s', (line) => {
      // Digests and keys are cut short for people.
      const words = wordsOf(line).map((word) =>
        word.replace(/^sha256:[0-9a-f<>keyid]*…?$/, `sha256:${'0'.repeat(64)}`),
      );
      expect(parse(words)).toBe('ok');
    });
  },
);

it('looks at enough of them', () => {
  expect(pages.flatMap(examplesIn).length).toBeGreaterThan(100);
  expect(parse(['verify', 'x', '--nope'])).toContain('--nope');
  expect(parse(['trust'])).not.toBe('ok');
});

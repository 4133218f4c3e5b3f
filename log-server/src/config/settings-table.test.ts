import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../main.ts';
import { flagName, OPTIONS, type OptionName } from './options.ts';

const guide = readFileSync(new URL('../../../docs/operating.md', import.meta.url), 'utf8');

/** The lines of the guide's table, as the options give them: whoever adds an option copies its line from the failure. */
const lines = (Object.keys(OPTIONS) as OptionName[]).map((name) => {
  const spec = OPTIONS[name];
  const secret = 'secret' in spec && spec.secret === true;
  const flag = `--${flagName(name)}${secret ? '-file' : ''}`;
  const variable = secret ? `\`${spec.env}\`, \`${spec.env}_FILE\`` : `\`${spec.env}\``;
  return `| ${variable} | \`${flag}\` | ${spec.defaultText.replaceAll(/<[^>]+>[\w./-]*/g, '`$&`')} | ${spec.help.replaceAll(/<[^>]+>[\w./-]*/g, '`$&`')} |`;
});

describe('the settings', () => {
  it('stand in docs/operating.md, every one as the program has it', () => {
    const section = /^## Settings\n(.*?)^## /ms.exec(guide)?.[1] ?? '';
    expect(section.split('\n').filter((line) => line.startsWith('| `'))).toEqual(lines);
  });

  it('stand in --help of serve, with variable and default', () => {
    const serve = createProgram().commands.find((command) => command.name() === 'serve')!;
    const help = serve.helpInformation().replaceAll(/\s+/g, ' ');
    for (const name of Object.keys(OPTIONS) as OptionName[]) {
      const { env, defaultText } = OPTIONS[name];
      expect(help).toContain(`--${flagName(name)}`);
      expect(help, name).toMatch(new RegExp(`\\(${env}\\b[^()]*; default: `));
      expect(help).toContain(`default: ${defaultText})`);
    }
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addWitnessCommand } from '../commands/witness.ts';

const root = new URL('../../../', import.meta.url);
const unit = readFileSync(new URL('deploy/assent-witness.service', root), 'utf8');

describe('deploy/assent-witness.service', () => {
  it('starts a program that is there, with all that it needs and nothing that it does not know', () => {
    const [, program = '', line = ''] = /^ExecStart=\S+ \/opt\/assent\/(\S+) witness serve (.+)$/m.exec(unit) ?? [];
    expect(existsSync(new URL(program, root))).toBe(true);
    const cli = new Command();
    addWitnessCommand(cli, () => undefined);
    const serve = cli.commands[0]!.commands.find((command) => command.name() === 'serve')!;
    const given = [...line.matchAll(/(--\S+) /g)].map(([, flag]) => flag);
    const known = serve.options.map(({ long }) => long);
    const needed = serve.options.filter(({ mandatory }) => mandatory).map(({ long }) => long);
    for (const flag of given) expect(known).toContain(flag);
    for (const flag of needed) expect(given).toContain(flag);
  });

  it('reloads with the signal that the program knows', () => {
    expect(unit).toMatch(/^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
  });
});

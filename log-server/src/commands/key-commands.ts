import type { Command } from 'commander';
import { addConfigOptions } from '../config/command-options.ts';
import { showAppended, showAppenders } from './appended.ts';
import { addKey, limitKey, listKeys, revokeKey } from './keys.ts';

/** What an operator does with API keys: hand them out, limit them, take them back, and find out what they did. */
export function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('manage the API keys that may append');
  addConfigOptions(
    keys.command('add').description('make an API key and print it once; it needs one right or more'),
    'other',
  )
    .requiredOption('--name <name>', 'what to call it in lists')
    .option('--service <names...>', 'services whose statements it may append; * for every service')
    .option('--blind', 'it may append blind commitments, which the log cannot check')
    .option('--foreign', 'it may append signed evidence of other systems; with --service * it may anyway')
    .option('--default-visibility <visibility>', 'open, revealed or sealed (default: the log has one)')
    .option('--rate <records>', 'how many it may append a second; 0.1 is one in ten seconds (default: no limit)')
    .option('--burst <records>', 'how many at once after a pause (default: ten seconds of its rate)')
    .option(
      '--boundary <keyids...>',
      'boundaries whose consumptions it may append: sha256:<hex>, or * for every boundary',
    )
    .option(
      '--trust-root <rootids...>',
      'trust roots whose versions it may append: sha256:<hex>, or * for every trust root',
    )
    .action(({ name, service, blind, foreign, defaultVisibility, rate, burst, boundary, trustRoot, ...flags }) =>
      addKey(name, { service, blind, foreign, defaultVisibility, rate, burst, boundary, trustRoot }, flags),
    );
  addConfigOptions(keys.command('list').description('list API keys, without their secrets'), 'other')
    .option('--json', 'as JSON')
    .action(({ json, ...flags }) => listKeys(json === true, flags));
  addConfigOptions(
    keys.command('limit').description('change how fast an API key may append; takes effect within 2 seconds'),
    'other',
  )
    .argument('<id>', 'its 8 hexadecimal digits')
    .requiredOption('--rate <records>', 'how many it may append a second, or off')
    .option('--burst <records>', 'how many at once after a pause (default: ten seconds of its rate)')
    .action((id, { rate, burst, ...flags }) => limitKey(id, { rate, burst }, flags));
  addConfigOptions(keys.command('revoke').description('revoke an API key; takes effect within 2 seconds'), 'other')
    .argument('<id>', 'its 8 hexadecimal digits')
    .action((id, flags) => revokeKey(id, flags));
  addConfigOptions(keys.command('whois').description('tell which API key appended an entry'), 'other')
    .argument('<indexes...>', 'indexes of entries')
    .option('--json', 'as JSON')
    .action((indexes, { json, ...flags }) => showAppenders(indexes, json === true, flags));
  addConfigOptions(keys.command('appended').description('list which entries an API key appended'), 'other')
    .argument('<id>', 'its 8 hexadecimal digits')
    .option('--json', 'as JSON')
    .action((id, { json, ...flags }) => showAppended(id, json === true, flags));
}

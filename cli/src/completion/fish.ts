/** For fish: one line for each word, which says at which place it can be typed. */
import { allCommands, type CommandWords } from './command-words.ts';

export function fishCompletion(program: CommandWords): string {
  const commands = allCommands(program);
  const paths = commands.map(({ path }) => path).filter((path) => path !== '');
  return `# Completion of assent for fish. Load it with: assent completion fish | source
function __assent_at
    set -l place ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$place $word")
        if contains -- $next ${paths.map(quote).join(' ')}
            set place $next
        end
    end
    test "$place" = "$argv[1]"
end
complete -c assent -e
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, commands, options, argumentChoices }: CommandWords): readonly string[] {
  const at = `complete -c assent -n ${quote(`__assent_at ${quote(path)}`)}`;
  return [
    ...commands.map(({ name, summary }) => `${at} -f -a ${name} -d ${quote(summary)}`),
    ...argumentChoices.map((choice) => `${at} -f -a ${choice}`),
    ...options.map(({ short, long, description, takesValue, choices }) => {
      const value = !takesValue ? '' : choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ' -r';
      const flags = `${short === undefined ? '' : ` -s ${short.slice(1)}`} -l ${long.slice(2)}`;
      return `${at}${flags}${value} -d ${quote(description)}`;
    }),
  ];
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

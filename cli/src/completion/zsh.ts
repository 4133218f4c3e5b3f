/** For zsh: one function for each command, in the terms of its `_arguments`. */
import { allCommands, type CommandWords, type OptionWords } from './command-words.ts';

export function zshCompletion(program: CommandWords): string {
  const functions = allCommands(program).map(functionOf);
  return `#compdef assent
# Completion of assent for zsh. Put it into a file named _assent in a folder of $fpath, or load it with:
#   source <(assent completion zsh)
${functions.join('\n')}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _assent "$@"; else compdef _assent assent; fi
`;
}

function functionOf(command: CommandWords): string {
  const options = command.options.map((option) => `    ${optionSpec(option)} \\`).join('\n');
  if (command.commands.length === 0) {
    const { argumentChoices } = command;
    const argument = argumentChoices.length === 0 ? `'*:file:_files'` : `'1:choice:(${argumentChoices.join(' ')})'`;
    return `${nameOf(command)}() {\n  _arguments -s \\\n${options}${options === '' ? '' : '\n'}    ${argument}\n}`;
  }
  const described = command.commands.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`).join('\n');
  const cases = command.commands.map((below) => `      ${below.name}) ${nameOf(below)} ;;`).join('\n');
  return `${nameOf(command)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${options}
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${described}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
${cases}
      esac ;;
  esac
}`;
}

/** `'(-o --output)'{-o,--output}'[description]:value:_files'` */
function optionSpec({ short, long, description, takesValue, choices }: OptionWords): string {
  const value = !takesValue ? '' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files';
  const rest = quote(`[${description.replace(/[[\]\\:]/g, '\\$&')}]${value}`);
  return short === undefined ? `${quote(long)}${rest}` : `'(${short} ${long})'{${short},${long}}${rest}`;
}

function nameOf({ path }: CommandWords): string {
  return ['_assent', ...path.split(' ').filter((name) => name !== '')].join('_').replaceAll('-', '_');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

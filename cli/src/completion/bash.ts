/** For bash from 3.2 up, without the bash-completion package. Where nothing is proposed, bash completes names of files. */
import { allCommands, type CommandWords, flagsOf } from './command-words.ts';

export function bashCompletion(program: CommandWords): string {
  const commands = allCommands(program);
  const paths = commands.map(({ path }) => path).filter((path) => path !== '');
  const values = commands.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ path, ...option })),
  );
  const names = ({ path, short, long }: (typeof values)[number]) =>
    [short, long].filter((flag) => flag !== undefined).map((flag) => `'${path}:${flag}'`);
  const withChoices = values.filter(({ choices }) => choices.length > 0);
  const withFiles = values.filter(({ choices }) => choices.length === 0);
  const words = ({ commands: below, argumentChoices }: CommandWords) => [
    ...below.map(({ name }) => name),
    ...argumentChoices,
  ];
  return `# Completion of assent for bash. Load it with: source <(assent completion bash)
_assent() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} place='' next i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${place:+$place }\${COMP_WORDS[i]}"
    case $next in
      ${paths.map((path) => `'${path}'`).join('|')}) place=$next ;;
    esac
  done
  case "$place:$previous" in
${withChoices.map((option) => `    ${names(option).join('|')}) COMPREPLY=($(compgen -W '${option.choices.join(' ')}' -- "$current")); return ;;`).join('\n')}
    ${withFiles.flatMap(names).join('|')}) return ;;
  esac
  local flags words
  case $place in
${commands.map((command) => `    '${command.path}') flags='${flagsOf(command).join(' ')}' words='${words(command).join(' ')}' ;;`).join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _assent assent
`;
}

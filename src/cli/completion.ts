import type { CommandWords } from './words-of-program.ts';

/** The shells a completion is written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that lets a shell complete the commands and options; files where an option or a command takes some. */
export function completionFor(shell: Shell, commands: readonly CommandWords[]): string {
  return { bash, zsh, fish }[shell](commands);
}

const named = (commands: readonly CommandWords[]) => commands.filter(({ path }) => path.length > 0);
const optionNames = ({ options }: CommandWords) => options.flatMap(({ names }) => names);
const wordsAfter = (command: CommandWords) => [...command.commands, ...optionNames(command)].join(' ');

function bash(commands: readonly CommandWords[]): string {
  const cases = named(commands).map((command) => `    '${command.path.join(' ')}') words='${wordsAfter(command)}' ;;`);
  const values = new Set(commands.flatMap(({ options }) => options.filter(takesValue).flatMap(({ names }) => names)));
  const known = named(commands).map(({ path }) => `'${path.join(' ')}'`);
  return `# overwinter completion bash >> ~/.bashrc
_overwinter() {
  local word="\${COMP_WORDS[COMP_CWORD]}" path='' each words
  COMPREPLY=()
  case "\${COMP_WORDS[COMP_CWORD - 1]}" in
    ${[...values].join('|')}) return ;;
  esac
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$each" in
      ${known.join('|')}) path="\${path:+$path }$each" ;;
    esac
  done
  case "$path" in
    '') words='${commands.filter(({ path }) => path.length === 0).map(wordsAfter)}' ;;
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _overwinter overwinter
`;
}

const takesValue = ({ takesValue }: { readonly takesValue: boolean }) => takesValue;

/** zsh runs what is written for bash, if asked to. */
const zsh = (commands: readonly CommandWords[]) => `# overwinter completion zsh >> ~/.zshrc
autoload -U +X bashcompinit && bashcompinit
${bash(commands).replace(/^#.*\n/, '')}`;

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ path, options }) => {
    const when =
      path.length === 0 ? '__fish_use_subcommand' : path.map((each) => `__fish_seen_subcommand_from ${each}`);
    const condition = [when].flat().join('; and ');
    const flags = options.map(({ names, description, takesValue }) => {
      const spelt = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
      return [...spelt, takesValue ? '-r' : '', `-d ${quoted(description)}`].filter((each) => each !== '').join(' ');
    });
    const under = commands
      .filter((each) => each.path.length === path.length + 1 && path.every((name, at) => each.path[at] === name))
      .map((each) => `-f -a ${each.path.at(-1)} -d ${quoted(each.description)}`);
    return [...under, ...flags].map((rest) => `complete -c overwinter -n '${condition}' ${rest}`);
  });
  return `# overwinter completion fish > ~/.config/fish/completions/overwinter.fish\n${lines.join('\n')}\n`;
}

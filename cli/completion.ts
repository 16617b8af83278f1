import { Argument, type Command } from 'commander';
import { show } from './terminal/output.ts';

export function configure(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nbash: source <(holdfast completion bash)   in ~/.bashrc\n' +
        'zsh:  source <(holdfast completion zsh)    in ~/.zshrc, after compinit\n' +
        'fish: holdfast completion fish > ~/.config/fish/completions/holdfast.fish\n' +
        'Buckets are those that the rules file of the folder names (or HOLDFAST_RULES).',
    )
    .action((shell: string, options: { readonly json?: boolean }) => {
      const text = scripts[shell] ?? '';
      if (options.json === true) show({ text, json: { shell, text } }, options);
      else process.stdout.write(text);
    });
}

/** Each asks `holdfast __complete` for what may follow the words so far, one candidate a line; nothing means file names. */
const scripts: Readonly<Record<string, string>> = {
  // Bash takes a colon for the end of a word: what stands before it in the word is taken off the candidates.
  bash: `_holdfast() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur="\${COMP_WORDS[COMP_CWORD]}" words found last
  read -ra words <<< "$line"
  [[ "$line" == *" " ]] && words+=("")
  last="\${words[\${#words[@]}-1]}"
  mapfile -t found < <(holdfast __complete "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=("\${found[@]#"\${last%"$cur"}"}")
}
complete -o default -F _holdfast holdfast
`,
  zsh: `_holdfast() {
  local -a found
  found=("\${(@f)$(holdfast __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found[1]" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _holdfast holdfast
`,
  fish: `complete -c holdfast -a '(holdfast __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

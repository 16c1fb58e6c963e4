import type { ProgramStart } from '../program/command-name.ts'

/** The shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
/** A shell with a completion script. */
export type Shell = (typeof SHELLS)[number]

/** The line that asks the shell to complete the name of a file. */
export const FILES_LINE = ':files'

/**
 * Writes the script of a shell. If the shell does not find `paydesk`, the script also defines it, as a function.
 *
 * The scripts call `paydesk complete <shell> -- <words>` at each Tab. It prints one candidate per
 * line, followed by a tab and a description.
 */
export function completionScript(shell: Shell, { command, isOnPath }: ProgramStart): string {
  const definition = isOnPath ? '' : DEFINITIONS[shell](command)
  return SCRIPTS[shell]
    .replaceAll('%COMMAND%', () => command)
    .replace('%DEFINITION%', () => definition)
}

const inPosixShell = (command: string) =>
  `command -v paydesk >/dev/null 2>&1 || paydesk() { ${command} "$@"; }\n`

/** The lines that define `paydesk` for a shell that does not find the program. */
const DEFINITIONS: Readonly<Record<Shell, (command: string) => string>> = {
  bash: inPosixShell,
  zsh: inPosixShell,
  fish: (command) =>
    `if not type -q paydesk\n    function paydesk\n        ${command} $argv\n    end\nend\n`,
}

const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Bash divides words at = and :, and replaces only the part behind them.
  bash: `# Completion of paydesk for bash. Add to ~/.bashrc:  source <(%COMMAND% completion bash)
%DEFINITION%_paydesk() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${FILES_LINE} ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do
        COMPREPLY+=( "$line" )
      done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
      return
    fi
    COMPREPLY+=( "\${line%%$'\\t'*}" )
    [[ \${line%%$'\\t'*} == *, ]] && compopt -o nospace 2>/dev/null
  done < <("$1" complete bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _paydesk paydesk
`,
  zsh: `#compdef paydesk
# Completion of paydesk for zsh. Add to ~/.zshrc, after compinit:  source <(%COMMAND% completion zsh)
%DEFINITION%_paydesk() {
  local line word
  local -a candidates
  for line in "\${(@f)$("\${words[1]}" complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ${FILES_LINE} ]]; then
      _files
      return
    fi
    [[ -z $line ]] && continue
    word="\${line%%$'\\t'*}"
    candidates+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe -t words 'paydesk' candidates
}
compdef _paydesk paydesk
`,
  fish: `# Completion of paydesk for fish. Write it once:
#   %COMMAND% completion fish > ~/.config/fish/completions/paydesk.fish
%DEFINITION%function __paydesk_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program complete fish -- $words (commandline -ct) 2>/dev/null)
    if test "$lines[1]" = "${FILES_LINE}"
        __fish_complete_path (commandline -ct)
        return
    end
    string join \\n -- $lines
end
complete -c paydesk -f -a '(__paydesk_complete)'
`,
}

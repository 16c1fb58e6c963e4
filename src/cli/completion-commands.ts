import type { Command } from 'commander'
import { programStart } from '../program/command-name.ts'
import type { Environment, Flags } from './arguments.ts'
import { choiceArgument } from './choices.ts'
import { type Candidate, completeWords } from './complete-words.ts'
import { completionScript, FILES_LINE, SHELLS, type Shell } from './completion-scripts.ts'
import { jsonOption } from './json-option.ts'
import { plain, print, printJson } from './output.ts'

/** Adds `paydesk completion`, and the hidden command that its scripts call. */
export function addCompletionCommands(program: Command, environment: Environment): void {
  program
    .command('completion')
    .addArgument(choiceArgument('<shell>', SHELLS, 'the shell'))
    .description(
      'Print a script that completes commands, flags and values. Its first lines say how to load it.',
    )
    .addOption(jsonOption())
    .action((shell: Shell, flags: Flags) => {
      const script = completionScript(shell, programStart(environment.PATH ?? ''))
      if (flags.json === true) printJson({ shell, script })
      else process.stdout.write(script)
    })

  program
    .command('complete', { hidden: true })
    .addArgument(choiceArgument('<shell>', SHELLS))
    .argument('[words...]', 'the words after paydesk, up to the cursor')
    .addOption(jsonOption())
    .action((shell: Shell, words: readonly string[], flags: Flags) => {
      const line = shell === 'bash' ? joinParts(words) : { words, cut: 0 }
      const completion = completeWords(program, line.words)
      if (flags.json === true) printJson(completion)
      else if (completion === 'files') print(FILES_LINE)
      else for (const candidate of completion) print(lineOf(candidate, line.cut))
    })
}

function lineOf({ about, word }: Candidate, cut: number): string {
  return `${word.slice(cut)}\t${plain(about)}`
}

/**
 * Joins the parts into which bash divides words at `=` and `:`. `cut`: the length of the last word's beginning, which
 * bash does not replace.
 */
function joinParts(parts: readonly string[]): { words: readonly string[]; cut: number } {
  const words: string[] = []
  let cut = 0
  let isJoined = false
  for (const part of parts) {
    const isSeparator = part === '=' || part === ':'
    const before = words.at(-1)
    if (before !== undefined && (isSeparator || isJoined)) {
      words[words.length - 1] = before + part
      cut = isSeparator ? before.length + part.length : before.length
    } else {
      words.push(part)
      cut = 0
    }
    isJoined = isSeparator
  }
  return { words, cut }
}

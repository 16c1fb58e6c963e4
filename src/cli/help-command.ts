import type { Command } from 'commander'
import { questionFor } from '../domain/nearest.ts'
import type { Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { commandFields } from './command-table.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { jsonOption } from './json-option.ts'
import { print, printColumns, printJson } from './output.ts'

const EXIT_CODES_TOPIC = 'exit-codes'

/** Adds `paydesk help`. */
export function addHelpCommand(program: Command): void {
  program
    .command('help')
    .argument('[command...]', `a command, such as \`session create\`, or \`${EXIT_CODES_TOPIC}\``)
    .description('Show the help of a command, or the table of exit codes.')
    .addOption(jsonOption())
    .action((words: readonly string[], flags: Flags) => {
      const isJson = flags.json === true
      if (words.length === 1 && words[0] === EXIT_CODES_TOPIC) return printExitCodes(isJson)
      const command = findCommand(program, words)
      if (isJson) printJson(commandFields(command))
      else command.outputHelp()
    })
}

function printExitCodes(isJson: boolean): void {
  const rows = Object.values(EXIT_CODES)
  if (isJson) {
    printJson(rows.map(({ code, text }) => ({ exit_code: code, meaning: text })))
    return
  }
  printColumns(
    ['Exit code', 'Meaning'],
    rows.map(({ code, text }) => [String(code), text]),
  )
  print('A bug in Paydesk ends the command with code 1 and a stack trace.')
}

/** Throws CommandRefused with similar names. */
function findCommand(program: Command, words: readonly string[]): Command {
  let command = program
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word)
    if (next === undefined) {
      const names = command.commands.map((one) => one.name())
      const topics = command === program ? [...names, EXIT_CODES_TOPIC] : names
      throw new CommandRefused(
        `There is no command ${words.join(' ')}.${questionFor(word, topics)} For the list: paydesk help`,
        EXIT_CODES.usage.code,
      )
    }
    command = next
  }
  return command
}

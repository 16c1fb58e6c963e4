import type { Argument, Command, Option } from 'commander'
import { ListOption } from './choices.ts'

/** A command of the table: its words after `paydesk`, and the command itself. */
export type TableRow = { readonly words: readonly string[]; readonly command: Command }

/** Lists the commands that can be run, in the order of the help. Groups such as `session` are left out. */
export function runnableCommands(program: Command): readonly TableRow[] {
  const visit = (command: Command, words: readonly string[]): readonly TableRow[] =>
    command.commands.length === 0
      ? [{ words, command }]
      : command.commands.flatMap((child) => visit(child, [...words, child.name()]))
  return visit(program, [])
}

/** Lists the commands below a command that its help shows. */
export function visibleCommands(command: Command): readonly Command[] {
  const subcommands = command.createHelp().visibleCommands(command)
  // The help also shows a command of Commander's own.
  return command.commands.filter((child) => subcommands.includes(child))
}

/** Returns the allowed values of a flag or an argument. Undefined: every value is allowed. */
export function valuesOf(target: Option | Argument): readonly string[] | undefined {
  return target instanceof ListOption ? target.words : target.argChoices
}

/** Returns a command as an object for JSON output. */
export function commandFields(command: Command): object {
  return {
    name: command.name(),
    description: command.description(),
    arguments: command.registeredArguments.map((one) => ({
      name: one.name(),
      description: one.description,
      is_required: one.required,
      values: valuesOf(one),
    })),
    flags: command.options
      .filter(({ hidden }) => !hidden)
      .map((one) => ({
        name: one.long,
        description: one.description,
        placeholder: /[<[](.+?)[>\]]/.exec(one.flags)?.[1],
        is_required: one.mandatory,
        values: valuesOf(one),
      })),
    commands: visibleCommands(command).map(commandFields),
  }
}

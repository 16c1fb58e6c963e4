import type { Argument, Command, Option } from 'commander'
import { ListOption } from './choices.ts'
import { valuesOf, visibleCommands } from './command-table.ts'

/** A word that can stand at the cursor. */
export type Candidate = { readonly word: string; readonly about: string }

/** The words at the cursor. `files`: the shell completes the name of a file. */
export type Completion = readonly Candidate[] | 'files'

/** The state of the words before the cursor. */
type Place = {
  readonly command: Command
  /** The words after the command that are neither flags nor their values. */
  readonly argumentCount: number
  /** The flag whose value stands at the cursor. */
  readonly option: Option | undefined
  readonly usedFlags: ReadonlySet<string>
  /** True: a `--` ends the flags. */
  readonly areFlagsOver: boolean
}

/**
 * Completes a command line. `words`: the words after `paydesk`; the last one is at the cursor and may be empty. All
 * candidates except `--help` and the help topic `exit-codes` come from the table of commands.
 */
export function completeWords(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? ''
  const place = placeOf(program, words.slice(0, -1))
  const { command, option } = place
  if (option !== undefined) return valuesFor(option, current, '')
  const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? []
  if (flag !== undefined && value !== undefined && !place.areFlagsOver) {
    const option = findOption(command, flag)
    return option === undefined ? [] : valuesFor(option, value, `${flag}=`)
  }
  if (current.startsWith('-') && !place.areFlagsOver) return startingWith(current, flagsOf(place))
  if (command.commands.length > 0) {
    return startingWith(
      current,
      visibleCommands(command).map((child) => ({ word: child.name(), about: child.description() })),
    )
  }
  const argument = command.registeredArguments[place.argumentCount]
  const rest = command.registeredArguments.at(-1)
  const target = argument ?? (rest?.variadic === true ? rest : undefined)
  if (command.name() === 'help' && target !== undefined) return helpTopics(program, words)
  return target === undefined
    ? startingWith(current, flagsOf(place))
    : valuesFor(target, current, '')
}

function placeOf(program: Command, words: readonly string[]): Place {
  let command = program
  let argumentCount = 0
  let option: Option | undefined
  let areFlagsOver = false
  const usedFlags = new Set<string>()
  for (const word of words) {
    if (option !== undefined) {
      option = undefined
    } else if (word === '--') areFlagsOver = true
    else if (word.startsWith('-') && !areFlagsOver) {
      const [name = ''] = word.split('=')
      const namedOption = findOption(command, name)
      usedFlags.add(name)
      if (namedOption !== undefined && takesValue(namedOption) && !word.includes('='))
        option = namedOption
    } else {
      const child = command.commands.find((one) => one.name() === word)
      if (child === undefined) argumentCount += 1
      else command = child
    }
  }
  return { command, argumentCount, option, usedFlags, areFlagsOver }
}

function takesValue({ optional, required }: Option): boolean {
  return required || optional
}

function findOption(command: Command, name: string): Option | undefined {
  return allOptions(command).find(({ long, short }) => long === name || short === name)
}

/** The visible flags of a command, and `--no-color`, which can stand anywhere. */
function allOptions(command: Command): readonly Option[] {
  let program = command
  while (program.parent !== null) program = program.parent
  const own = command.options.filter(({ hidden }) => !hidden)
  if (program === command) return own
  return [...own, ...program.options.filter(({ long }) => long === '--no-color')]
}

function flagsOf({ command, usedFlags }: Place): readonly Candidate[] {
  const flags = allOptions(command)
    .filter(({ long, variadic }) => variadic || !usedFlags.has(long ?? ''))
    .map(({ description, long }) => ({ word: long ?? '', about: description }))
  return [...flags, { word: '--help', about: 'display help for command' }]
}

/** `prefix`: the text before the value in the word, such as `--method=`. */
function valuesFor(target: Option | Argument, text: string, prefix: string): Completion {
  const values = valuesOf(target)
  if (values === undefined) return isFile(target) ? 'files' : []
  const about = target.description
  if (!(target instanceof ListOption)) {
    return startingWith(
      prefix + text,
      values.map((value) => ({ word: prefix + value, about })),
    )
  }
  const parts = text.split(',')
  const before = parts.slice(0, -1)
  const start = prefix + before.map((part) => `${part},`).join('')
  return startingWith(
    prefix + text,
    values
      .filter((value) => !before.includes(value))
      .map((value) => ({ word: start + value, about })),
  )
}

/** Returns true if the value is the name of a file or a folder: `--data <file>`, `<module|url>`. */
function isFile(target: Option | Argument): boolean {
  const placeholder = 'flags' in target ? target.flags : `<${target.name()}>`
  return /[<[|](?:file|folder|module|path)[>\]|.]/.test(placeholder)
}

function startingWith(text: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(text))
}

function helpTopics(program: Command, words: readonly string[]): readonly Candidate[] {
  const current = words.at(-1) ?? ''
  let command = program
  for (const word of words.slice(1, -1)) {
    const child = command.commands.find((one) => one.name() === word)
    if (child === undefined) return []
    command = child
  }
  const topics = visibleCommands(command).map((one) => ({
    word: one.name(),
    about: one.description(),
  }))
  const exitCodes = { word: 'exit-codes', about: 'The table of exit codes.' }
  return startingWith(current, command === program ? [...topics, exitCodes] : topics)
}

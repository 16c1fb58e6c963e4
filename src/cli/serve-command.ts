import { Command, Help, type Option } from 'commander'
import { readProgramText } from '../program/program-files.ts'
import { loadSettings } from '../server/settings/settings-file.ts'
import type { Environment, Flags } from './arguments.ts'
import { withSettings } from './database-command.ts'

/** The version of this program, such as 1.2.3. */
export const { version: VERSION } = JSON.parse(readProgramText('package.json')) as {
  version: string
}

/** A command that reports an unknown flag before a missing one: a misspelled flag is the cause of the missing one. */
class PaydeskCommand extends Command {
  /** A method of Commander without a type: writes the error, with a similar flag if there is one. */
  declare unknownOption: (flag: string) => void

  override createCommand(name?: string): Command {
    return new PaydeskCommand(name)
  }

  /** Commander calls this method after it has put the unknown flags into `args`. */
  missingMandatoryOptionValue(option: Option): void {
    const unknownFlag = this.args.find((text) => text.startsWith('--') && text !== '--')
    if (unknownFlag !== undefined) this.unknownOption(unknownFlag)
    this.error(`error: required option '${option.flags}' not specified`, {
      code: 'commander.missingMandatoryOptionValue',
    })
  }
}

function describeOption(option: Option): string {
  const text = new Help().optionDescription(option)
  return option.mandatory ? `${text} (required)` : text
}

/** Makes the command line without commands. */
export function createProgram(): Command {
  return new PaydeskCommand('paydesk')
    .configureHelp({ optionDescription: describeOption })
    .description('A payment-session service that speaks the Zoho Payments API.')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(--help lists the commands and flags)')
}

/** Adds the command that starts the server. Returns the program. */
export function addServeCommand(program: Command, environment: Environment): Command {
  withSettings(
    program
      .command('serve')
      .description(
        'Start the server: a sandbox with preset accounts, or with --live for real payments.',
      ),
  )
    .option('--json', 'print the sandbox’s addresses and credentials as one line of JSON')
    .action(async (flags: Flags) => {
      const settings = await loadSettings(flags, environment)
      // Loaded only here: most of the code belongs to the server, and other commands start without it.
      const { serve } = await import('../server/serve.ts')
      await serve(settings, flags.json === true)
    })
  return program
}

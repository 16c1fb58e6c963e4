import type { Command } from 'commander'
import { readProgramText } from '../program/program-files.ts'
import { loadSettings } from '../server/settings/settings-file.ts'
import type { Environment, Flags } from './arguments.ts'
import { withSettings } from './database-command.ts'
import { createPaydeskCommand } from './paydesk-command.ts'

/** The version of this program, such as 1.2.3. */
export const { version: VERSION } = JSON.parse(readProgramText('package.json')) as {
  version: string
}

/** Makes the command line without commands. */
export function createProgram(): Command {
  return createPaydeskCommand(VERSION)
}

/** Adds the command that starts the server. Returns the program. */
export function addServeCommand(program: Command, environment: Environment): Command {
  withSettings(
    program
      .command('serve')
      .description(
        'Start the server: a sandbox with preset accounts or, with --live, a server for real payments.',
      ),
  )
    .option(
      '--json',
      'print one line of JSON when the server listens: its mode, its addresses, and the credentials of a sandbox. Logs go to the standard error output; see --log',
    )
    .action(async (flags: Flags) => {
      const settings = await loadSettings(flags, environment)
      // Loaded only here: most of the code belongs to the server, and other commands start without it.
      const { serve } = await import('../server/serve.ts')
      await serve(settings, flags.json === true)
    })
  return program
}

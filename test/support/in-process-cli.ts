/** Runs commands in this process, because a new process costs half a second. */
import { vi } from 'vitest'
import { CommandRefused } from '../../src/cli/command-refused.ts'
import { makeProgram } from '../../src/cli/program.ts'
import { SettingsUnusable } from '../../src/server/settings/settings-unusable.ts'
import { DatabaseUnusable } from '../../src/store/engine/engine.ts'

/** The result of a command: its output, and the sentence and the exit code of a refusal. */
export type CommandResult = {
  readonly out: string
  readonly refusal: string
  readonly refusalCode: number
}

/** Makes a function that runs `paydesk` with arguments, in an environment, and returns its output. */
export function inProcessCli(environment: Readonly<Record<string, string>>) {
  return async (...args: readonly string[]): Promise<CommandResult> => {
    let out = ''
    const writing = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      out += String(chunk)
      return true
    })
    try {
      await makeProgram(environment).parseAsync(['node', 'paydesk', ...args])
      return { out, refusal: '', refusalCode: 0 }
    } catch (error) {
      const isRefusal = [CommandRefused, SettingsUnusable, DatabaseUnusable].some(
        (expected) => error instanceof expected,
      )
      if (!isRefusal) throw error
      const isUsage = error instanceof SettingsUnusable
      const refusalCode = error instanceof CommandRefused ? error.exitCode : isUsage ? 2 : 1
      return { out, refusal: (error as Error).message, refusalCode }
    } finally {
      writing.mockRestore()
    }
  }
}

import type { Command } from 'commander'
import { MESSAGE_CHANNELS, type MessageChannel } from '../domain/message.ts'
import { runMessengerChecks } from '../messengers/suite.ts'
import { systemClock } from '../server/clock.ts'
import { loadMessengerModule } from '../server/load-messenger.ts'
import type { Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { print, printJson } from './output.ts'

type CheckFlags = Flags & { readonly to: string; readonly channel?: string }

/** Adds `paydesk messenger`. */
export function addMessengerCommands(program: Command): void {
  const messenger = program
    .command('messenger')
    .description('Adapters that send messages to customers.')
  messenger
    .command('check')
    .description(
      'Test a messenger module: send a real test message of each kind in each language. The exit code is 1 if a message is not sent.',
    )
    .argument('<module>', 'the path of a messenger module')
    .requiredOption('--to <address>', 'your e-mail address or phone number')
    .option(
      '--channel <name>',
      `one of ${MESSAGE_CHANNELS.join(', ')}. Default: the first channel of the module`,
    )
    .option('--json', 'print JSON')
    .action(check)
}

async function check(path: string, { channel: name, json, to }: CheckFlags): Promise<void> {
  const messenger = await loadMessengerModule(path, '<module>')
  const channel = channelFrom(name, messenger.channels)
  const nowMs = systemClock.nowMs()
  const all = await runMessengerChecks({ messenger, addresses: { [channel]: to }, nowMs })
  // The skipped checks are those of other channels, and those that need a refused address or an outage, which only a
  // test suite can provide.
  const results = all.filter(({ result }) => result !== 'skipped')
  await messenger.close?.()
  const failedCount = results.filter(({ result }) => result === 'failed').length
  if (json === true) printJson({ messenger: messenger.name, failed: failedCount, checks: results })
  else {
    print(`The messenger ${messenger.name}`)
    for (const one of results) {
      print(`  ${one.result === 'passed' ? '✓' : '✗'} ${one.name}`)
      // A module's text must not control the terminal.
      if (one.result !== 'passed') print(`      ${one.reason.replaceAll(/\p{Cc}/gu, '?')}`)
    }
    print(`${results.length - failedCount} passed, ${failedCount} failed.`)
  }
  if (failedCount > 0) process.exitCode = 1
}

function channelFrom(
  name: string | undefined,
  channels: readonly MessageChannel[],
): MessageChannel {
  const channel = name === undefined ? channels[0] : channels.find((one) => one === name)
  if (channel !== undefined) return channel
  throw new CommandRefused(
    `--channel must be one of the module’s channels: ${channels.join(', ')}.`,
    EXIT_CODES.usage.code,
  )
}

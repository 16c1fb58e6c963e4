import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { ProcessorCheck } from '../processors/checks.ts'
import type { Processor } from '../processors/processor.ts'
import { PROCESSOR_CHECKS } from '../processors/processor-checks.ts'
import type { ProcessorTestSetup } from '../processors/processor-under-test.ts'
import type { CallSender } from '../processors/remote/send-call.ts'
import { serverChecks } from '../processors/remote/server-checks.ts'
import { fetchTestSetup, readTestValues, testActionsBy } from '../processors/remote/test-setup.ts'
import { type CheckResult, runProcessorChecks } from '../processors/suite.ts'
import { importNamedModule } from '../server/import-named-module.ts'
import { connectServer, loadModule } from '../server/load-processor.ts'
import { findVariable } from '../server/settings/find-settings.ts'
import { missingProcessorKey } from '../server/settings/read-settings.ts'
import { environmentName, processorAddress, settingProblem } from '../server/settings/setting.ts'
import { SETTINGS } from '../server/settings/settings-table.ts'
import { SettingsUnusable } from '../server/settings/settings-unusable.ts'
import type { Environment, Flags } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { plain, print, printJson } from './output.ts'
import { printSecretFileWarnings } from './secret-file-warnings.ts'

/** Adds `paydesk processor`. */
export function addProcessorCommands(program: Command, environment: Environment): void {
  const processor = program.command('processor').description('Adapters for acquirers.')
  processor
    .command('check')
    .description(
      'Test a processor against the contract, with charges and refunds in its test system. The exit code is 1 if a check fails.',
    )
    .argument('<module|url>', 'the path of a processor module, or the URL of a processor server')
    .option(
      '--setup <file>',
      'the test setup: a JSON file with `amount` and `instruments`, or a module whose default export is a ProcessorTestSetup. Default: the export `testSetup` of the processor module, or the answers of the processor server to the test calls',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nCalls to a server are signed with ${environmentName(SETTINGS.processorKey)}.`,
    )
    .action(async (address: string, flags: Flags) => {
      const target = await openTarget(address, flags, environment)
      try {
        await check(target, flags.json === true)
      } finally {
        target.close()
      }
    })
}

type Target = {
  readonly processor: Processor
  readonly setup: ProcessorTestSetup
  readonly checks: readonly ProcessorCheck[]
  readonly close: () => void
}

async function openTarget(
  address: string,
  flags: Flags,
  environment: Environment,
): Promise<Target> {
  const file = typeof flags.setup === 'string' ? flags.setup : undefined
  const reading = processorAddress(address)
  if ('mustBe' in reading) {
    throw new CommandRefused(
      settingProblem('The processor', address, reading),
      EXIT_CODES.usage.code,
    )
  }
  if (reading.value.kind === 'module') {
    const { path } = reading.value
    const processor = await loadModule(path, '<module|url>')
    const setup = await moduleSetup(path, file)
    return { processor, setup, checks: PROCESSOR_CHECKS, close: () => {} }
  }
  const server = { url: reading.value.url, keys: keysFrom(environment) }
  const { processor, sender } = await connectServer(server)
  try {
    const setup = await serverSetup(sender, file)
    const checks = [...PROCESSOR_CHECKS, ...serverChecks(server, sender)]
    return { processor, setup, checks, close: sender.close }
  } catch (error) {
    sender.close()
    throw error
  }
}

function keysFrom(environment: Environment): readonly string[] {
  const setting = findVariable(SETTINGS.processorKey, environment)
  if (setting === undefined) throw new SettingsUnusable([missingProcessorKey()])
  if ('problem' in setting) throw new SettingsUnusable([setting.problem])
  const reading = SETTINGS.processorKey.read(setting.value)
  if ('mustBe' in reading) {
    throw new SettingsUnusable([settingProblem(setting.source, setting.value, reading)])
  }
  printSecretFileWarnings([setting.file])
  return reading.value
}

async function moduleSetup(path: string, file: string | undefined): Promise<ProcessorTestSetup> {
  if (file?.endsWith('.json')) {
    throw new CommandRefused(
      'The setup of a processor module must complete charges, which a JSON file cannot do: name a module with --setup.',
      EXIT_CODES.usage.code,
    )
  }
  const { testSetup } = await importNamedModule('processor module', path, '<module|url>')
  const setup =
    file === undefined
      ? testSetup
      : (await importNamedModule('setup module', file, '--setup')).default
  if (isTestSetup(setup)) return setup
  throw new CommandRefused(
    file === undefined
      ? `The module ${path} has no export testSetup with amount, instruments, complete and completeRefund. Add it, or name a module with --setup.`
      : `The module ${file} must have a default export with amount, instruments, complete and completeRefund.`,
  )
}

async function serverSetup(
  sender: CallSender,
  file: string | undefined,
): Promise<ProcessorTestSetup> {
  if (file === undefined) {
    const answer = await fetchTestSetup(sender)
    if ('setup' in answer) return answer.setup
    throw new CommandRefused(`${answer.failure}. Add the test calls, or name a file with --setup.`)
  }
  if (!file.endsWith('.json')) return moduleSetup(file, file)
  const reading = readTestValues(await readJson(file))
  if ('mustBe' in reading) throw new CommandRefused(`In ${file} ${reading.mustBe}.`)
  return { ...reading.values, ...testActionsBy(sender) }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const isMissing = !existsSync(file)
    throw new CommandRefused(
      `The setup ${file} cannot be read: ${isMissing ? 'there is no such file.' : reason}`,
      isMissing ? EXIT_CODES.usage.code : EXIT_CODES.refused.code,
    )
  }
}

function isTestSetup(value: unknown): value is ProcessorTestSetup {
  if (typeof value !== 'object' || value === null) return false
  const typeOf = (name: keyof ProcessorTestSetup) => typeof Reflect.get(value, name)
  return (
    typeOf('amount') === 'object' &&
    typeOf('instruments') === 'object' &&
    typeOf('complete') === 'function' &&
    typeOf('completeRefund') === 'function'
  )
}

const MARKS = { passed: '✓', failed: '✗', skipped: '-' } as const

async function check({ checks, processor, setup }: Target, isJson: boolean): Promise<void> {
  if (!isJson) print(`The processor ${processor.name}`)
  const results = await runProcessorChecks(
    { ...setup, processor },
    { checks, onResult: isJson ? () => {} : printResult },
  )
  const count = (kind: CheckResult['result']) =>
    results.filter(({ result }) => result === kind).length
  const [passCount, failureCount, skipCount] = [count('passed'), count('failed'), count('skipped')]
  if (isJson)
    printJson({
      processor: processor.name,
      passed: passCount,
      failed: failureCount,
      skipped: skipCount,
      checks: results,
    })
  else print(`${passCount} passed, ${failureCount} failed, ${skipCount} skipped.`)
  if (failureCount > 0) process.exitCode = 1
}

function printResult({ name, reason, result }: CheckResult): void {
  print(`  ${MARKS[result]} ${name}`)
  if (reason !== undefined) print(`      ${plain(reason)}`)
}

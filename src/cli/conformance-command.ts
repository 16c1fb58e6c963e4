import { type Command, InvalidArgumentError, Option } from 'commander'
import { COMMAND_NAME } from '../program/command-name.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'
import { systemClock } from '../server/clock.ts'
import { API_SETTINGS } from '../server/settings/api-settings.ts'
import { findVariable } from '../server/settings/find-settings.ts'
import { environmentName, serverUrl } from '../server/settings/setting.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { CommandRefused } from './command-refused.ts'
import type { Edition } from './conformance/exchange.ts'
import type { ExchangeResult } from './conformance/exchange-result.ts'
import type { Report } from './conformance/report.ts'
import type { RunResult } from './conformance/run-checks.ts'
import type { Target } from './conformance/send-request.ts'
import type { PaymentWait } from './conformance/wait-for-payment.ts'
import { countText } from './count-text.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { openExportFile } from './exports/export-sink.ts'
import { plain, print, printColumns, printJson, printNote } from './output.ts'
import { jsonOption, onServer, serverAccessFor } from './server-command.ts'
import { applyStyle } from './styles.ts'
import { INTERRUPTIONS, watchInterruption } from './watch-interruption.ts'

/** The longest run, in minutes, if no flag says otherwise. */
const MINUTES_DEFAULT = 15

/** Adds `paydesk conformance`. */
export function addConformanceCommand(
  program: Command,
  environment: Environment,
  version: string,
): void {
  onServer(program, 'conformance')
    .description(
      'Compare the answers of a Paydesk sandbox, or of the real service’s sandbox, with the API contract. Live services are refused. The exit code is 1 if an answer differs or is missing, or if the run ends early.',
    )
    .option(
      '--base-url <url>',
      'the same as --url; a path /api/v1 at its end is ignored',
      baseUrlFrom,
    )
    .addOption(
      new Option('--edition <edition>', 'the edition of the account')
        .choices(['IN', 'US'])
        .default('IN'),
    )
    .option(
      '--payment <id>',
      'a succeeded test payment; the checks refund small parts of it',
      idFrom,
    )
    .option(
      '--pay',
      'instead of --payment: print the address of a checkout page, and wait until a person pays there with a test instrument',
    )
    .option(
      '--webhook-url <url>',
      'an https URL that answers 200, for the webhook checks. A Paydesk sandbox also accepts http on this machine',
      urlFrom,
    )
    .option(
      '--terminal <id>',
      'a terminal of the account. Default: the first of a Paydesk sandbox',
      terminalFrom,
    )
    .option('--html <file>', 'write the report as a page')
    .option('--report <file>', 'write the report as JSON')
    .option('--minutes <number>', 'the maximum duration of the run', minutesFrom, MINUTES_DEFAULT)
    .option(
      '--pause <milliseconds>',
      'the pause between two requests. Default: 200 for another machine, 0 for this one',
      pauseFrom,
    )
    .option('--slow', 'also send the requests that need minutes of waiting')
    .option('--list', 'list the checks and send nothing')
    .addOption(jsonOption('print the report, or the list, as JSON'))
    .addHelpText(
      'after',
      `\nThe guide: docs/guides/conformance.md, or ${API_SETTINGS.url.defaults.live}/docs/guides/conformance`,
    )
    .action(async (flags: Flags) => {
      if (flags.list === true) return list(flags)
      await runConformance(flags, environment, version)
    })
}

function baseUrlFrom(text: string): string {
  const reading = serverUrl(text)
  if ('mustBe' in reading) throw new InvalidArgumentError(`It must be ${reading.mustBe}.`)
  return reading.value.replace(/\/api\/v1$/, '')
}

function urlFrom(text: string): string {
  const reading = serverUrl(text)
  if ('mustBe' in reading) throw new InvalidArgumentError(`It must be ${reading.mustBe}.`)
  return text
}

function terminalFrom(text: string): string {
  if (/^[\w-]{1,50}$/.test(text)) return text
  throw new InvalidArgumentError('It must have 1 to 50 letters, digits and hyphens.')
}

function minutesFrom(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999.')
}

function pauseFrom(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 60_000) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 0 to 60000.')
}

async function list({ edition, json }: Flags): Promise<void> {
  const { ALL_EXCHANGES } = await import('./conformance/exchanges/all.ts')
  const { expectationText } = await import('./conformance/judge.ts')
  const rows = ALL_EXCHANGES.filter(
    ({ editions }) => editions?.includes(edition as Edition) ?? true,
  ).flatMap((exchange) =>
    exchange.checks.map((one) => ({
      id: `${exchange.id}.${one.id}`,
      section: exchange.section,
      confidence: one.confidence,
      request: `${exchange.request.method} ${exchange.request.path}`,
      statement: one.statement,
      expected: expectationText(one.expect),
    })),
  )
  if (json === true) return printJson(rows)
  printColumns(
    ['Check', 'Confidence', 'Request', 'Statement'],
    rows.map(({ confidence, id, request, statement }) => [id, confidence, request, statement]),
  )
  print(`${rows.length} checks. H: documented, M: likely, L: a guess, ours: Paydesk’s own.`)
}

async function runConformance(
  flags: Flags,
  environment: Environment,
  version: string,
): Promise<void> {
  const edition = flags.edition as Edition
  const { target, isLoopback } = await findTarget(flags, environment, edition)
  // The files are opened first, so that a wrong name fails before the run.
  const files = await openFiles(flags)
  const interruption = watchInterruption()
  const isJson = flags.json === true
  try {
    const { ALL_EXCHANGES } = await import('./conformance/exchanges/all.ts')
    const { runChecks } = await import('./conformance/run-checks.ts')
    const { makeReport } = await import('./conformance/report.ts')
    if (!isJson) print(`Conformance of ${target.url}, ${edition} edition`)
    const run = await runChecks({
      target,
      edition,
      exchanges: ALL_EXCHANGES,
      givenValues: await givenValues(flags, { target, edition, signal: interruption.signal }),
      clock: systemClock,
      signal: interruption.signal,
      timeLimitMs: Number(flags.minutes) * 60_000,
      pauseMs: (flags.pause as number | undefined) ?? (isLoopback ? 0 : 200),
      mayBeSlow: flags.slow === true,
      onResult: isJson ? () => {} : printResult,
    })
    const report = makeReport(run, { target, edition, paydeskVersion: version })
    await files.write(report)
    if (isJson) printJson(report)
    else printSummary(report, flags)
    setExitCode(run, report, interruption.signalName())
  } finally {
    interruption.stop()
    await files.discard()
  }
}

async function findTarget(flags: Flags, environment: Environment, edition: Edition) {
  if (flags.baseUrl !== undefined && flags.url !== undefined) {
    throw new CommandRefused(
      '--base-url and --url are the same flag: use one.',
      EXIT_CODES.usage.code,
    )
  }
  const url = flags.baseUrl ?? flags.url
  const { isRealSandbox, proveSandbox } = await import('./conformance/prove-sandbox.ts')
  const tokenVariable = environmentName(API_SETTINGS.token)
  const hasToken =
    flags.token !== undefined || findVariable(API_SETTINGS.token, environment) !== undefined
  if (url !== undefined && isRealSandbox(String(url)) && !hasToken) {
    throw new CommandRefused(
      `${tokenVariable} must be set to an access token of the real sandbox, with scopes that begin with ZohoPaySandbox.`,
      EXIT_CODES.usage.code,
    )
  }
  const access = serverAccessFor({ ...flags, ...(url !== undefined && { url }) }, environment)
  const isPreset = access.accountId === SANDBOX_VALUES.accountId && edition === 'US'
  const target = await proveSandbox({
    url: access.url.replace(/\/api\/v1$/, ''),
    token: access.token,
    accountId: isPreset ? SANDBOX_VALUES.usAccountId : access.accountId,
  })
  if (target.kind === 'zoho' && edition === 'US') {
    throw new CommandRefused(
      'The real service has no sandbox of the US edition. Use --edition IN.',
      EXIT_CODES.usage.code,
    )
  }
  await checkAccess(target)
  return { target, isLoopback: access.isLoopback }
}

/** Refuses a token that the server does not accept, because every check would differ. */
async function checkAccess(target: Target): Promise<void> {
  const { sendRequest } = await import('./conformance/send-request.ts')
  const query = { per_page: '1' }
  const result = await sendRequest(target, { method: 'GET', path: '/payments', query })
  if ('failure' in result) throw new CommandRefused(result.failure, EXIT_CODES.unreachable.code)
  const { status } = result.answer
  if (status === 401 || status === 403) {
    throw new CommandRefused(
      `${target.url} does not accept the token for the account ${target.accountId}: GET /payments answered ${status}. The real sandbox needs scopes that begin with ZohoPaySandbox.`,
      EXIT_CODES.unauthorized.code,
    )
  }
}

/** The id of a terminal that the IN account of every Paydesk sandbox has. */
const PAYDESK_TERMINAL = 'PDTERM01'

type Run = Pick<PaymentWait, 'target' | 'edition' | 'signal'>

async function givenValues(flags: Flags, run: Run) {
  const payment = (flags.payment as string | undefined) ?? (await findPayment(flags, run))
  const preset = run.target.kind === 'paydesk' ? PAYDESK_TERMINAL : undefined
  const terminal = (flags.terminal as string | undefined) ?? preset
  return {
    currency: run.edition === 'IN' ? 'INR' : 'USD',
    run: String(systemClock.nowMs()),
    ...(payment !== undefined && { payment_id: payment }),
    ...(terminal !== undefined && { terminal_id: terminal }),
    ...(flags.webhookUrl !== undefined && { webhook_url: String(flags.webhookUrl) }),
  }
}

/** Undefined: there is no test payment, and its checks are skipped. */
async function findPayment(flags: Flags, run: Run): Promise<string | undefined> {
  if (flags.pay === true) {
    const { waitForPayment } = await import('./conformance/wait-for-payment.ts')
    const { waitFor } = await import('./conformance/send-request.ts')
    const onPage = (url: string) =>
      printNote(`Pay 100.00 with a test instrument within 15 minutes: ${url}`)
    const payment = await waitForPayment({ ...run, wait: waitFor, onPage })
    if (payment === undefined)
      printNote('There is no payment, so the checks of a payment are skipped.')
    return payment
  }
  if (run.target.kind === 'zoho') return undefined
  const { preparePayment } = await import('./conformance/prepare-payment.ts')
  return preparePayment(run.target, run.edition)
}

/** The files get their names only when they are complete. */
async function openFiles({ html, report }: Flags) {
  const page = html === undefined ? undefined : await openExportFile(String(html), '--html')
  const data = report === undefined ? undefined : await openExportFile(String(report), '--report')
  const open = new Set([page, data])
  return {
    write: async (content: Report) => {
      const { renderReportPage } = await import('./conformance/report-page.ts')
      await page?.write(renderReportPage(content))
      await data?.write(`${JSON.stringify(content, null, 2)}\n`)
      await page?.finish()
      await data?.finish()
      open.clear()
    },
    discard: async () => {
      for (const file of open) await file?.discard()
    },
  }
}

const MARKS = { good: '✓', bad: '✗', quiet: '-' } as const

function printResult(
  { checks, exchange, reason }: ExchangeResult,
  number: number,
  count: number,
): void {
  const differing = checks.filter(({ result }) => result === 'differs' || result === 'no_answer')
  const isSkipped = checks.every(({ result }) => result === 'skipped')
  const style = isSkipped ? 'quiet' : differing.length > 0 ? 'bad' : 'good'
  const place = applyStyle('quiet', `${String(number).padStart(String(count).length)}/${count}`)
  print(
    `${place} ${applyStyle(style, MARKS[style])} ${exchange.title} ${applyStyle('quiet', exchange.id)}`,
  )
  if (reason !== undefined) print(`      ${plain(reason)}`)
  if (isSkipped || reason !== undefined) return
  for (const one of differing) {
    const note = one.confidence === 'ours' ? ' (Paydesk’s own)' : ''
    print(`      ${one.id}: ${plain(one.statement)}${note}`)
    print(`        expected ${plain(one.expected)}`)
    print(`        received ${plain(one.received)}`)
  }
}

function printSummary(
  { left_behind: rest, stopped_reason: stopReason, summary }: Report,
  flags: Flags,
) {
  const { conforms, differs, no_answer: noAnswer, ours, skipped: skippedCount } = summary
  print('')
  print(
    `${conforms} conform, ${differs} differ, ${noAnswer} had no answer, ${skippedCount} skipped.`,
  )
  if (ours > 0) print(`Not counted: ${countText(ours, 'difference')} from Paydesk’s own behavior.`)
  if (stopReason !== null) print(`${stopReason} The remaining checks were not run.`)
  for (const one of rest) print(`Left behind: ${plain(one)}`)
  const files = [flags.html, flags.report].filter((one) => one !== undefined)
  if (files.length > 0) print(`The report is in ${files.join(' and ')}.`)
  else
    printNote(`For a report that you can send: ${COMMAND_NAME} conformance --html conformance.html`)
}

function setExitCode(
  run: RunResult,
  { summary }: Report,
  signalName: NodeJS.Signals | undefined,
): void {
  if (signalName !== undefined) process.exitCode = INTERRUPTIONS[signalName]
  else if (summary.differs > 0 || summary.no_answer > 0 || run.stopReason !== undefined) {
    process.exitCode = EXIT_CODES.refused.code
  }
}

/**
 * Prints the reference pages from the code: `npm run print`. A test fails if a printed file differs from this output.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { WIRE_ERRORS } from '../src/api/errors.ts'
import { visibleCommands } from '../src/cli/command-table.ts'
import { REPORT_SCHEMA } from '../src/cli/conformance/report-schema.ts'
import { EXIT_CODES } from '../src/cli/exit-codes.ts'
import { makeProgram } from '../src/cli/program.ts'
import type { JsonSchema } from '../src/docs/open-api.ts'
import { rulesInWords, typeInWords } from '../src/docs/schema-words.ts'
import { DISPUTE_MOVES } from '../src/domain/dispute.ts'
import { MANDATE_MOVES } from '../src/domain/mandate.ts'
import {
  coversServer,
  OPERATOR_PERMISSION_NAMES,
  OPERATOR_PERMISSIONS,
  OPERATOR_ROLES,
  roleHas,
} from '../src/domain/operator.ts'
import { PAYMENT_LINK_MOVES } from '../src/domain/payment-link.ts'
import { PAYMENT_SESSION_MOVES } from '../src/domain/payment-session.ts'
import { PAYOUT_MOVES } from '../src/domain/payout.ts'
import { REFUND_MOVES } from '../src/domain/refund.ts'
import { SAVED_METHOD_MOVES } from '../src/domain/saved-payment-method.ts'
import { WEBHOOK_DELIVERY_MOVES } from '../src/domain/webhook-delivery.ts'
import { WEBHOOK_ENDPOINT_MOVES } from '../src/domain/webhook-endpoint.ts'
import { describeProcessorServer } from '../src/processors/remote/openapi.ts'
import { CONTENTS } from '../src/sandbox/control/contents-schema.ts'
import { createMetrics } from '../src/server/metrics.ts'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from '../src/server/settings/api-settings.ts'
import { RETENTION_SETTINGS } from '../src/server/settings/retention-settings.ts'
import {
  defaultText,
  environmentName,
  flagName,
  type Setting,
  type SettingGroup,
} from '../src/server/settings/setting.ts'
import { SETTING_GROUPS } from '../src/server/settings/settings-table.ts'
import { migrate } from '../src/store/engine/migrate.ts'
import { openSqlite } from '../src/store/engine/sqlite.ts'
import { printApi, printApiMethods, printConsoleMethods, printControlMethods } from './print-api.ts'
import { printCoverage } from './print-coverage.ts'
import { printArchitecture } from './print-imports.ts'
import { printLlms } from './print-llms.ts'
import { printSandbox } from './print-sandbox.ts'
import { printScenarioSteps } from './print-scenarios.ts'
import { printSdkCoverage } from './print-sdk-coverage.ts'
import { printCountries, printCurrencies, printDialingCodes } from './print-tables.ts'

const PRINTED_BY = 'Printed by `npm run print`. Do not edit.'

/** Returns every printed file's text by its path from the repository's root. */
export async function printAll(): Promise<ReadonlyMap<string, string>> {
  const output = new Map([
    ['ARCHITECTURE.md', printArchitecture()],
    ['docs/reference/api.md', printApi(PRINTED_BY)],
    ['docs/reference/errors.md', printErrors()],
    ['docs/reference/settings.md', printSettings()],
    ['docs/reference/metrics.md', printMetrics()],
    ['docs/reference/permissions.md', printPermissions()],
    ['docs/reference/cli.md', printCli()],
    ['docs/reference/coverage.md', printCoverage(PRINTED_BY)],
    ['docs/reference/sdk-coverage.md', await printSdkCoverage(PRINTED_BY)],
    [
      'docs/reference/processor-openapi.json',
      `${JSON.stringify(describeProcessorServer(), null, 2)}\n`,
    ],
    [
      'docs/reference/conformance-report.schema.json',
      `${JSON.stringify(REPORT_SCHEMA, null, 2)}\n`,
    ],
    ['docs/reference/payment-session.md', printSessionMoves()],
    ['docs/reference/mandate.md', printMandateMoves()],
    ['docs/reference/saved-payment-method.md', printSavedMethodMoves()],
    ['docs/reference/payment-link.md', printLinkMoves()],
    ['docs/reference/refund.md', printRefundMoves()],
    ['docs/reference/payout.md', printPayoutMoves()],
    ['docs/reference/dispute.md', printDisputeMoves()],
    ['docs/reference/webhook-delivery.md', printDeliveryMoves()],
    ['docs/reference/webhook-endpoint.md', printEndpointMoves()],
    ['docs/reference/sandbox.md', printSandbox(PRINTED_BY)],
    ['docs/reference/scenario-steps.md', printScenarioSteps(PRINTED_BY)],
    ['sql/schema.sql', await printSchema()],
    ['src/client/methods.ts', await printApiMethods()],
    ['src/client/control-methods.ts', await printControlMethods()],
    ['src/console/console-methods.ts', await printConsoleMethods()],
    ['src/domain/currency.ts', printCurrencies()],
    ['src/domain/country.ts', printCountries()],
    ['src/domain/dialing-code.ts', printDialingCodes()],
  ])
  return new Map([...output, ...printLlms(output)])
}

function printErrors(): string {
  const rows = Object.entries(WIRE_ERRORS).map(
    ([when, { status, code, message }]) =>
      `| ${status} | \`${code}\` | ${when.replaceAll('_', ' ')} | ${message} |`,
  )
  return `# Errors

<!-- ${PRINTED_BY} -->

A failure has a status above 299 and the body \`{"code": "…", "message": "…"}\`, often with \`"field"\`,
the path of the wrong input. Every answer has the header \`X-Request-Id\`, and the request's log lines have
the same id. If several fields are wrong, the error names the first in the order of the documentation, so
the same request always gets the same answer.

| status | code | cause | default message |
|---|---|---|---|
${rows.join('\n')}
`
}

function printMetrics(): string {
  const rows = createMetrics()
    .describe()
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ help, labels, name, type }) => {
      const labelText =
        labels.length === 0 ? 'none' : labels.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${labelText} | ${help} |`
    })
  return `# Metrics

<!-- ${PRINTED_BY} -->

\`/metrics\` has these metrics in the text format of Prometheus, and those of Node that begin with \`process_\` and
\`nodejs_\`. Each process has its own counters and histograms, so sum them over all processes. With \`--workers\` a scrape returns the sum of all
workers. [The production guide](../guides/production.md#alerts) has rules for alerts.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join('\n')}
`
}

function printPermissions(): string {
  const rows = OPERATOR_PERMISSION_NAMES.map((name) => {
    const holders = OPERATOR_ROLES.map((role) => (roleHas(role, name) ? 'yes' : 'no'))
    return `| \`${name}\` | ${OPERATOR_PERMISSIONS[name].text} | ${holders.join(' | ')} | ${coversServer(name) ? 'yes' : 'no'} |`
  })
  return `# Permissions of operators

<!-- ${PRINTED_BY} -->

The console's pages and its routes both read this table. [The console guide](../guides/console.md#roles) explains the roles. A
permission of the whole server needs an operator of all accounts. Every other permission applies to the accounts of the operator.

| permission | allowed actions | ${OPERATOR_ROLES.join(' | ')} | whole server |
|---|---|${OPERATOR_ROLES.map(() => '---|').join('')}---|
${rows.join('\n')}
`
}

function printSettings(): string {
  const row = (setting: Setting) => {
    const flag = setting.isSecret || setting.isSandboxValue ? 'none' : `\`${flagName(setting)}\``
    return `| ${flag} | \`${environmentName(setting)}\` | ${defaultText(setting)} | ${setting.description} |`
  }
  const table = (rows: readonly Setting[]) =>
    `| flag | environment variable | default | effect |\n|---|---|---|---|\n${rows.map(row).join('\n')}`
  const section = ({ heading, settings }: SettingGroup) => {
    const rows = Object.values(settings)
    const isPreset = rows.some(({ isSandboxValue }) => isSandboxValue)
    const note = isPreset
      ? 'The preset accounts are the same at each start. Live mode has none of them. Each account has an edition, IN (India) or US:\nthe country’s version of Zoho Payments, which decides the account’s currencies, payment methods, time zone and available API calls.\n\n'
      : ''
    return `## ${heading}\n\n${note}${table(rows)}`
  }
  return `# Settings

<!-- ${PRINTED_BY} -->

Each setting has an environment variable, and most have a flag. The settings of a server, except \`--config\`, also have a field in
the settings file. A flag wins over a variable, and a variable wins over the file. A start with bad settings reports all problems at once. Unknown variables that begin
with \`PAYDESK_\` are refused. \`paydesk config check\` prints every value with its source.

A variable with \`_FILE\` at its end names a file with the value, such as \`PAYDESK_SECRET_KEY_FILE\`. Container
platforms mount secrets as such files. Blanks and line ends around the value are ignored. An empty file is
refused, and so is a variable that is set together with its \`_FILE\` variable. \`serve\`, and each command that calls a server, warns if every user of the machine can read a file with a secret, or if other users can change it.

\`paydesk init\` writes a [settings file](../../examples/settings/paydesk.config.ts) in TypeScript, or with
\`--format yaml\` [in YAML](../../examples/settings/paydesk.config.yaml); \`--live\` writes [the settings of a live
installation](../../examples/settings/live/paydesk.config.ts). A sandbox's file contains settings by name, and
the contents of a sandbox: [accounts, customers, webhook endpoints, faults, and sessions](#the-sandbox-part-of-a-settings-file).

${SETTING_GROUPS.map(section).join('\n\n')}

## Commands that call a server

All commands with the flag \`--url\`, such as \`paydesk session\` and \`paydesk webhook\`, call a server like any
application. A server ignores these settings. Only \`paydesk webhook listen\` has the flag \`--signing-key\`.

${table([...Object.values(API_SETTINGS), WEBHOOK_KEY_SETTING])}

## Retention

\`paydesk prune\` has these settings as flags, too. Servers ignore the variables, and a settings file cannot contain these settings.

${table(Object.values(RETENTION_SETTINGS))}

## The sandbox part of a settings file

\`sandbox:\` of a settings file lists the contents of a sandbox. All parts are optional. Live mode refuses this part, and so
does a server with several workers. \`paydesk config check\` checks it, and unknown fields are refused.

${Object.entries(CONTENTS).map(printContents).join('\n\n')}
`
}

function printContents([part, { fields, purpose }]: readonly [
  string,
  { readonly purpose: string; readonly fields: JsonSchema },
]): string {
  const rows = fieldRows(`${part}[].`, fields)
  return `### ${part}\n\n${purpose}\n\n| field | type | meaning |\n|---|---|---|\n${rows.join('\n')}`
}

function fieldRows(path: string, { properties = {}, required = [] }: JsonSchema): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const requiredNote = required.includes(name) ? ', required' : ''
    const words = [schema.description, rulesInWords(schema)].filter(Boolean).join(' ')
    const row = `| \`${path}${name}\` | ${typeInWords(schema)}${requiredNote} | ${words} |`
    const inner = schema.items?.properties === undefined ? schema : schema.items
    const innerPath = `${path}${name}${inner === schema ? '' : '[]'}.`
    return [row, ...fieldRows(innerPath, inner)]
  })
}

function printCli(): string {
  const sections: string[] = []
  const visit = (command: Command, path: string) => {
    command.configureOutput({ getOutHelpWidth: () => 90, getOutHasColors: () => false })
    let help = ''
    command.configureOutput({
      writeOut: (text) => {
        help += text
      },
    })
    command.outputHelp()
    sections.push(`## ${path}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`)
    for (const child of visibleCommands(command)) visit(child, `${path} ${child.name()}`)
  }
  visit(makeProgram({}), 'paydesk')
  const exitCodes = Object.values(EXIT_CODES).map(({ code, text }) => `| ${code} | ${text} |`)
  const reasons = Object.entries(EXIT_CODES).flatMap(([name, { code }]) =>
    code === 0 ? [] : [`\`${name}\``],
  )
  return `# Command line

<!-- ${PRINTED_BY} -->

Every command with its arguments and flags, as \`--help\` prints it. In a clone, write \`npx paydesk\`.

Every command takes \`--json\` and then prints one JSON document to the standard output. Commands that run until Ctrl-C
print lines of JSON: \`webhook listen\` and \`logs tail\` print one for each thing that happens, \`mcp\` prints the
messages of its protocol, and \`serve\` prints one line when it listens. Colors appear only on a
terminal. \`--no-color\` and the variable \`NO_COLOR\` turn them off, and \`FORCE_COLOR=1\` turns them on.
\`paydesk completion bash\`, \`zsh\` or \`fish\` prints a script that completes commands, flags and values.

## Exit codes

| code | meaning |
|---|---|
${exitCodes.join('\n')}

If a signal interrupts \`export\`, \`backup\`, \`restore\`, \`prune\`, \`customer erase\`, \`database distribute\` or \`conformance\`, the exit code
is 128 plus the signal's number, such as 130 after Ctrl-C.

## Errors

An error is written to the standard error output. With \`--json\` it is the last line, one object:

\`\`\`json
{"error":{"exit_code":2,"reason":"usage","message":"invalid_parameter: --amount must be …","api":{"status":400,"code":"invalid_parameter","message":"amount must be …","field":"amount","request_id":"…"}}}
\`\`\`

- \`exit_code\` is the exit code of the command, and \`reason\` is the name of this code: ${reasons.join(', ')} or \`interrupted\`.
- \`message\` is the text for a person. Several problems are separated by line breaks.
- \`api\` is there if a call to a server failed. \`status\` is there if the server answered, and \`field\` and \`request_id\` if its
  answer has them.

Other lines of the standard error output are notes for people: progress, warnings and the logs of \`serve\`.

${sections.join('\n')}`
}

/** A table of moves: status → move → possible next statuses. */
type Moves = { readonly [status: string]: { readonly [move: string]: readonly string[] } }

/** A page with the diagram of a table of moves. A status whose moves lead only to itself is final. */
function printLife(thing: string, first: string, moves: Moves, notes: string): string {
  const arrows = Object.entries(moves).flatMap(([from, possible]) =>
    Object.entries(possible).flatMap(([move, targets]) =>
      targets.map((to) => `  ${from} --> ${to}: ${move}`),
    ),
  )
  const finals = Object.entries(moves)
    .filter(([from, possible]) =>
      Object.values(possible)
        .flat()
        .every((to) => to === from),
    )
    .map(([status]) => `  ${status} --> [*]`)
  return `# The life of a ${thing}

<!-- ${PRINTED_BY} -->

The statuses of a ${thing} and the moves between them, printed from the code.

\`\`\`mermaid
stateDiagram-v2
  [*] --> ${first}
${[...arrows, ...finals].join('\n')}
\`\`\`

${notes}
`
}

function printSessionMoves(): string {
  const notes = `A status is final if no move leads from it to another status. \`record_approval\` leads to \`succeeded\` if the processor took the
money for the current attempt in time. Otherwise Paydesk refunds the money. If the approval of the current attempt is late, or
the payment link of the session has ended, the session becomes \`created\`, or \`failed\` after its last attempt. An approval of an earlier, failed attempt does not change the
status. \`expire_now\`, which only a sandbox has, moves the expiry time to now.

After its expiry time, a \`created\` session is shown as \`expired\`: the status follows from the clock, and no
job writes it. An \`in_progress\` session never expires; it waits for the processor.`
  return printLife('payment session', 'created', PAYMENT_SESSION_MOVES, notes).replace(
    'The statuses of a payment session',
    'The statuses of a session',
  )
}

function printMandateMoves(): string {
  const notes = `A mandate is \`processing\` until its customer approves or declines it. Each attempt of an enrollment session makes its own
mandate. \`pause\`, \`resume\` and \`revoke\` are actions of the customer in the UPI app, \`cancel\` is the merchant's.
\`complete\` is the success of the only debit of a mandate with the frequency \`one_time\`.

A mandate whose last day has ended is shown as \`inactive\`: the status follows from the clock. \`expire\` stores
the status, together with the event.`
  return printLife('mandate', 'processing', MANDATE_MOVES, notes)
}

function printSavedMethodMoves(): string {
  const notes = `\`saving\` and \`refused\` are never on the wire: the method is not saved yet, or was not saved. An \`active\` card is shown as
\`expired\` after its last month: the status follows from the clock. \`change\` and \`delete\` are the merchant's. A deleted method keeps its token until its open payments are decided; then the processor has to delete the token.`
  return printLife('saved payment method', 'saving', SAVED_METHOD_MOVES, notes)
}

function printLinkMoves(): string {
  const notes = `A link whose last day has ended is shown as \`expired\`: the status follows from the clock. \`expire\` stores
the status, together with the event. A link with a payment at the processor does not expire: it waits for the decision.
\`expire_now\`, which only a sandbox has, moves the end of the link to now.
\`begin_payment\` is refused while another payment of the link is with the processor, and the link cannot be canceled
then. Only one payment of a link succeeds.`
  return printLife('payment link', 'active', PAYMENT_LINK_MOVES, notes)
}

function printRefundMoves(): string {
  const notes = `A refund is \`initiated\` before the first call to the processor. It is \`pending\` while the processor has not
decided or does not answer, and Paydesk asks again. If the processor gives several final answers, the first one
counts. The amount of a \`failed\` refund can be refunded again.`
  return printLife('refund', 'initiated', REFUND_MOVES, notes)
}

function printPayoutMoves(): string {
  const notes = `A payout collects its transactions in batches, with the status \`collecting\`. It is not shown until it has all
transactions. \`initiate\` leads to \`abandoned\` if the sum of the transactions is not positive; such a payout is never shown. The transactions of a
\`failed\` or abandoned payout are released in batches until \`end_release\`.`
  return printLife('payout', 'collecting', PAYOUT_MOVES, notes)
}

function printDisputeMoves(): string {
  const notes = `The merchant wins or loses. While a dispute is \`open\` the bank has the money, and no refund begins. A \`won\`
dispute gives the merchant the disputed amount and any fee of the dispute back. The amount of a \`lost\` dispute stays with the customer.`
  return printLife('dispute', 'open', DISPUTE_MOVES, notes)
}

function printDeliveryMoves(): string {
  const notes = `\`record_failure\` leads to \`given_up\` after the last attempt of the schedule. \`hold\` stops the delivery while its
endpoint is not active, \`release\` continues it when the endpoint is active again, and \`cancel\` ends it when the
endpoint is deleted. \`resend\` starts the schedule again.`
  return printLife('webhook delivery', 'pending', WEBHOOK_DELIVERY_MOVES, notes)
}

function printEndpointMoves(): string {
  const notes = `The merchant activates and deactivates an endpoint. \`record_dead_delivery\` means that all attempts of one
delivery have failed: Paydesk disables the endpoint, unless it has accepted another delivery in the meantime or has
been activated again.`
  return printLife('webhook endpoint', 'active', WEBHOOK_ENDPOINT_MOVES, notes)
}

async function printSchema(): Promise<string> {
  const engine = openSqlite(':memory:')
  await migrate(engine)
  const rows = await engine.read.all(
    "select sql from sqlite_master where sql is not null order by tbl_name, type = 'index', name",
    [],
  )
  await engine.close()
  return `-- Printed by npm run print, from a database to which all migrations were applied. Do not edit.\n\n${rows.map(({ sql }) => `${sql};`).join('\n\n')}\n`
}

if (import.meta.main) {
  for (const [path, text] of await printAll()) {
    const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/**
 * Prints what outsiders must know from the code that it is true of: `npm run print`. A test fails
 * while a printed file is not what this prints.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { WIRE_ERRORS } from '../src/api/errors.ts'
import { makeProgram } from '../src/cli.ts'
import { environmentName, SETTINGS, type Setting } from '../src/config.ts'
import { PAYMENT_SESSION_MOVES } from '../src/domain/payment-session.ts'
import { migrate } from '../src/store/migrate.ts'
import { openSqlite } from '../src/store/sqlite.ts'
import { printCountries, printCurrencies } from './print-tables.ts'

const PRINTED_BY = 'Printed by `npm run print`. Do not edit.'

/** Gives every printed file's text by its path from the repository's root. */
export async function printAll(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/reference/errors.md', printErrors()],
    ['docs/reference/settings.md', printSettings()],
    ['docs/reference/cli.md', printCli()],
    ['docs/reference/payment-session.md', printMoves()],
    ['sql/schema.sql', await printSchema()],
    ['src/domain/currency.ts', printCurrencies()],
    ['src/domain/country.ts', printCountries()],
  ])
}

function printErrors(): string {
  const rows = Object.entries(WIRE_ERRORS).map(
    ([when, { status, code, message }]) =>
      `| ${status} | \`${code}\` | ${when.replaceAll('_', ' ')} | ${message} |`,
  )
  return `# Errors

<!-- ${PRINTED_BY} -->

A failure has a status above 299 and the body \`{"code": "…", "message": "…"}\`, often with
\`"field"\`, the path of the input that is wrong. Every answer has the header \`X-Request-Id\`, which
the log lines of the request have too. Of several wrong fields the first in the order of the
documentation is named, so the same request always gets the same answer.

| status | code | when | message, unless a more exact one is known |
|---|---|---|---|
${rows.join('\n')}
`
}

function printSettings(): string {
  const row = (setting: Setting) => {
    const flag = setting.isSecret || setting.isSandboxValue ? 'none' : `\`--${setting.name}\``
    return `| ${flag} | \`${environmentName(setting)}\` | ${setting.defaultText} | ${setting.description} |`
  }
  const settings = Object.values(SETTINGS) as readonly Setting[]
  const table = (rows: readonly Setting[]) =>
    `| flag | environment variable | default | what it does |\n|---|---|---|---|\n${rows.map(row).join('\n')}`
  return `# Settings

<!-- ${PRINTED_BY} -->

Each setting can be given by flag or by environment variable; flags win. A start with wrong settings
says all that is wrong at once. A variable that begins with \`PAYDESK_\` and is no setting is refused.

${table(settings.filter(({ isSandboxValue }) => !isSandboxValue))}

## The sandbox's ready accounts

They are the same at each start. In live mode nothing of them exists.

${table(settings.filter(({ isSandboxValue }) => isSandboxValue))}
`
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
    for (const child of command.commands) visit(child, `${path} ${child.name()}`)
  }
  visit(makeProgram(), 'paydesk')
  return `# Command line\n\n<!-- ${PRINTED_BY} -->\n\n${sections.join('\n')}`
}

function printMoves(): string {
  const arrows = Object.entries(PAYMENT_SESSION_MOVES).flatMap(([from, moves]) =>
    Object.entries(moves).flatMap(([move, targets]) =>
      targets.map((to) => `  ${from} --> ${to}: ${move}`),
    ),
  )
  const finals = Object.entries(PAYMENT_SESSION_MOVES)
    .filter(([, moves]) => Object.keys(moves).length === 0)
    .map(([status]) => `  ${status} --> [*]`)
  return `# The life of a payment session

<!-- ${PRINTED_BY} -->

\`\`\`mermaid
stateDiagram-v2
  [*] --> created
${[...arrows, ...finals].join('\n')}
\`\`\`

A \`created\` session whose time has passed is shown as \`expired\`: that is a fact of the clock, which no
job has to write down. A session that is \`in_progress\` never expires; it waits for the processor.
`
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

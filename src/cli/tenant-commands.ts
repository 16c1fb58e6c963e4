import type { Command } from 'commander'
import { jsonOption, onServer } from './api-command.ts'
import type { Environment, Flags } from './arguments.ts'
import { callControl } from './control-call.ts'
import { print, printColumns, printJson, printTable } from './output.ts'

type Tenant = {
  readonly name: string
  readonly base_url: string
  readonly account_id: string
  readonly us_account_id: string
  readonly access_token: string
  readonly signing_key: string
}

/** Adds `paydesk tenant`. */
export function addTenantCommands(program: Command, environment: Environment): void {
  const tenant = program
    .command('tenant')
    .description('Sandboxes beside the program’s own, each with its own data, clock and address.')

  onServer(tenant, 'create')
    .argument('[name]', 'small letters, digits and hyphens; without it one is made up')
    .description('Make a sandbox.')
    .option('--seed <text>', 'ids, keys and times are the same in every run')
    .option('--snapshot <name>', 'begin as this snapshot')
    .addOption(jsonOption())
    .action(async (name: string | undefined, flags: Flags) => {
      const { seed, snapshot } = flags
      const body = { name, seed, snapshot }
      show(await callControl<Tenant>(flags, environment, 'POST', '/tenants', body), flags)
    })

  onServer(tenant, 'fork')
    .description('Make a sandbox with all that the one at --url holds now.')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      show(await callControl<Tenant>(flags, environment, 'POST', '/fork'), flags)
    })

  onServer(tenant, 'list')
    .description('List the sandboxes, the program’s own first.')
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const rows = await callControl<readonly Tenant[]>(flags, environment, 'GET', '/tenants')
      if (flags.json === true) return printJson(rows)
      printColumns(
        ['Sandbox', 'URL', 'Account', 'US account'],
        rows.map((row) => [row.name, row.base_url, row.account_id, row.us_account_id]),
      )
    })

  onServer(tenant, 'delete')
    .argument('<name>', 'of a sandbox')
    .description('Throw a sandbox away, with all that it holds.')
    .action(async (name: string, flags: Flags) => {
      await callControl(flags, environment, 'DELETE', `/tenants/${encodeURIComponent(name)}`)
      print(`Deleted ${name}.`)
    })
}

function show(made: Tenant, flags: Flags): void {
  if (flags.json === true) {
    printJson(made)
    return
  }
  printTable([
    ['Sandbox', made.name],
    ['URL', made.base_url],
    ['Account', made.account_id],
    ['US account', made.us_account_id],
    ['Access token', made.access_token],
    ['Signing key', made.signing_key],
  ])
}

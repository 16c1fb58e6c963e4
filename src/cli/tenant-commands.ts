import type { Command } from 'commander'
import type { Tenant, TenantCreate } from '../client/control.ts'
import type { Environment, Flags } from './arguments.ts'
import { printColumns, printDeletedIds, printJson, printTable } from './output.ts'
import { jsonOption, onServer, withControl } from './server-command.ts'

/** Adds `paydesk tenant`. */
export function addTenantCommands(program: Command, environment: Environment): void {
  const tenant = program
    .command('tenant')
    .description('Separate sandboxes in one program, each with its own data, clock and address.')

  onServer(tenant, 'create')
    .argument(
      '[name]',
      'lowercase letters, digits and hyphens. Default: the next free name, such as tenant-1',
    )
    .description('Create a tenant.')
    .option(
      '--seed <text>',
      'makes ids, keys and times the same in every run, and freezes the clock',
    )
    .option('--snapshot <name>', 'start with the content of this snapshot')
    .addOption(jsonOption())
    .action((name: string | undefined, flags: Flags & Omit<TenantCreate, 'name'>) =>
      withControl(flags, environment, async ({ tenants }) => {
        const { seed, snapshot } = flags
        const newTenant = await tenants.create({
          ...(name !== undefined && { name }),
          ...(seed !== undefined && { seed }),
          ...(snapshot !== undefined && { snapshot }),
        })
        show(newTenant, flags)
      }),
    )

  onServer(tenant, 'fork')
    .description('Create a tenant as a copy of the sandbox at --url.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async (control) => show(await control.fork(), flags)),
    )

  onServer(tenant, 'list')
    .description('List the sandboxes: the main one, then its tenants.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withControl(flags, environment, async ({ tenants }) => {
        const rows = await tenants.list()
        if (flags.json === true) return printJson(rows)
        printColumns(
          ['Sandbox', 'URL', 'Account', 'US account'],
          rows.map((row) => [row.name, row.base_url, row.account_id, row.us_account_id]),
        )
      }),
    )

  onServer(tenant, 'delete')
    .argument('<name>', 'the tenant')
    .description('Delete a tenant and everything in it.')
    .addOption(jsonOption())
    .action((name: string, flags: Flags) =>
      withControl(flags, environment, async ({ tenants }) => {
        await tenants.delete(name)
        printDeletedIds(flags, { name }, `Deleted ${name}.`)
      }),
    )
}

function show(tenant: Tenant, flags: Flags): void {
  if (flags.json === true) {
    printJson(tenant)
    return
  }
  printTable([
    ['Sandbox', tenant.name],
    ['URL', tenant.base_url],
    ['Account', tenant.account_id],
    ['US account', tenant.us_account_id],
    ['Access token', tenant.access_token],
    ['Signing key', tenant.signing_key],
  ])
}

import type { Command } from 'commander'
import type { Customer, CustomerChange, CustomerPage, CustomerQuery } from '../client/index.ts'
import { type Environment, type Flags, idFrom } from './arguments.ts'
import { nothingToChange } from './command-refused.ts'
import { addEraseCommand } from './erase-command.ts'
import { createWithKey } from './idempotency.ts'
import { print, printColumns, printDeletedIds, printJson, printTable, showTime } from './output.ts'
import { jsonOption, onServer, withApi, withDaysAndLimit } from './server-command.ts'
import { takeRows } from './take-rows.ts'

type CustomerFlags = {
  readonly country?: string
  readonly email?: string
  readonly name?: string
  readonly phone?: string
}

type CreateFlags = Flags &
  CustomerFlags & {
    readonly email: string
    readonly idempotencyKey?: string
    readonly name: string
  }

type ListFlags = Flags & {
  readonly from?: string
  readonly limit: number
  readonly search?: string
  readonly to?: string
}

/** Adds `paydesk customer`. */
export function addCustomerCommands(program: Command, environment: Environment): void {
  const customer = program.command('customer').description('The customers of an account.')
  addCreate(customer, environment)
  addUpdate(customer, environment)

  const list = onServer(customer, 'list')
    .description('List customers, newest first.')
    .option('--search <text>', 'a customer’s id, an e-mail address or a phone number')
  withDaysAndLimit(list).action((flags: ListFlags) =>
    withApi(flags, environment, async ({ customers }) => {
      const rows = await takeRows(customers.listAll(queryOf(flags)), flags.limit)
      if (flags.json === true) return printJson(rows)
      if (rows.length === 0) return print('No matching customers.')
      printCustomers(rows)
    }),
  )

  onServer(customer, 'show')
    .argument('<customer_id>', 'the customer', idFrom)
    .description('Show a customer.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ customers }) => {
        const customer = await customers.retrieve(id)
        if (flags.json === true) printJson(customer)
        else printCustomer(customer)
      }),
    )

  addEraseCommand(customer, environment)

  onServer(customer, 'delete')
    .argument('<customer_id>', 'the customer', idFrom)
    .description('Delete a customer: erase the e-mail address, the phone number and the meta_data.')
    .addOption(jsonOption())
    .action((id: string, flags: Flags) =>
      withApi(flags, environment, async ({ customers }) => {
        await customers.delete(id)
        printDeletedIds(flags, { customer_id: id }, `Deleted customer ${id}.`)
      }),
    )
}

function addCreate(customer: Command, environment: Environment): void {
  const create = onServer(customer, 'create')
    .description('Create a customer.')
    .requiredOption('--name <text>', 'the name, at most 100 characters')
    .requiredOption('--email <address>', 'the e-mail address')
  withPhone(create)
    .option('--idempotency-key <text>', 'commands with the same key create only one customer')
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withApi(flags, environment, async ({ customers }, { url }) => {
        const { email, idempotencyKey: key, name } = flags
        const customer = await createWithKey(
          { noun: 'customer', url, ...(key !== undefined && { key }) },
          (idempotencyKey) =>
            customers.create({ ...fieldsOf(flags), name, email }, { idempotencyKey }),
        )
        if (flags.json === true) printJson(customer)
        else printCustomer(customer)
      }),
    )
}

function addUpdate(customer: Command, environment: Environment): void {
  const update = onServer(customer, 'update')
    .argument('<customer_id>', 'the customer', idFrom)
    .description('Change a customer.')
    .option('--name <text>', 'the new name')
    .option('--email <address>', 'the new e-mail address')
  withPhone(update)
    .addOption(jsonOption())
    .action((id: string, flags: Flags & CustomerFlags) => {
      const change = fieldsOf(flags)
      if (Object.keys(change).length === 0) throw nothingToChange('customer update')
      return withApi(flags, environment, async ({ customers }) => {
        const customer = await customers.update(id, change)
        if (flags.json === true) printJson(customer)
        else printCustomer(customer)
      })
    })
}

function withPhone(command: Command): Command {
  return command
    .option('--phone <number>', 'the phone number, such as "+91 90000 00001"')
    .option('--country <code>', 'the country of the phone number, such as IN')
}

function fieldsOf({ country, email, name, phone }: CustomerFlags): CustomerChange {
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(country !== undefined && { phone_country_code: country }),
  }
}

function queryOf({ from, search, to }: ListFlags): CustomerQuery {
  return {
    ...(search !== undefined && { search_text: search }),
    ...(from !== undefined && { from_date: from }),
    ...(to !== undefined && { to_date: to }),
  }
}

function printCustomers(rows: readonly CustomerPage['customers'][number][]): void {
  printColumns(
    ['Created', 'Customer', 'Name', 'E-mail', 'Phone'],
    rows.map((row) => [
      showTime(row.created_time * 1000),
      row.customer_id,
      row.customer_name,
      row.customer_email,
      row.customer_phone,
    ]),
  )
}

function printCustomer(customer: Customer): void {
  const phone = [customer.dialing_code, customer.phone].filter(Boolean).join(' ')
  printTable([
    ['Customer', customer.customer_id],
    ['Name', customer.name],
    ['E-mail', customer.email],
    ['Phone', phone],
    ['Created', showTime(customer.created_time * 1000)],
    ['Changed', showTime(customer.last_modified_time * 1000)],
    ...(customer.meta_data ?? []).map(({ key, value }) => [`meta_data ${key}`, value] as const),
  ])
}

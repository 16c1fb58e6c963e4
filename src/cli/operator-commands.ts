import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AccountId } from '../domain/id.ts'
import {
  OPERATOR_ROLES,
  type OperatorRecord,
  type OperatorRole,
  operatorStatusOf,
  parseAccountRefundMax,
  parseOperatorEmail,
} from '../domain/operator.ts'
import { isPlainText } from '../domain/text.ts'
import {
  changeOperator,
  disableOperator,
  enableOperator,
  endOperatorSessions,
  linkOperator,
  type OperatorChange,
} from '../operations/change-operator.ts'
import { createOperator, type InvitedOperator, inviteAgain } from '../operations/invite-operator.ts'
import type { Core } from '../server/core.ts'
import { operatorRecordFields } from '../wire/operator.ts'
import { accountIdFrom, type Environment, type Flags } from './arguments.ts'
import { CommandRefused, nothingToChange } from './command-refused.ts'
import {
  onDatabase,
  pastableOnDatabase,
  settingsFor,
  withExistingCore,
} from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { nameFrom } from './name-argument.ts'
import { withOsUser } from './os-user.ts'
import { print, printColumns, printJson, printTable } from './output.ts'

/** The longest issuer and the longest id of a person, in characters. */
const IDENTITY_LENGTH_MAX = 254
/** The value of `--accounts` and `--refund-max` that removes the bound. */
const NO_BOUND = 'all'
/** The value of `--account-refund-max` that removes the limits of single accounts. */
const NO_LIMITS = 'none'

type CreateFlags = Flags & {
  readonly name: string
  readonly email: string
  readonly role: OperatorRole
  readonly accounts: readonly AccountId[] | undefined
  readonly refundMax: bigint | undefined
  readonly accountRefundMax?: ReadonlyMap<AccountId, bigint> | null
}

/** Adds `paydesk operator`. */
export function addOperatorCommands(program: Command, environment: Environment): void {
  const operator = program
    .command('operator')
    .description('The people who sign in to the console of a live server.')
  addCreate(operator, environment)
  addList(operator, environment)
  addInvite(operator, environment)
  addUpdate(operator, environment)
  addLink(operator, environment)
  addAccess(operator, environment)
}

function addCreate(operator: Command, environment: Environment): void {
  withBounds(onDatabase(operator, 'create'))
    .description(
      'Create an operator. The link of the invitation is shown only once, and works once, within one day. The console is on as soon as an operator exists.',
    )
    .requiredOption('--name <text>', 'the name of the person', nameFrom)
    .requiredOption('--email <address>', 'the e-mail address to sign in with', emailFrom)
    .addOption(
      new Option('--role <role>', 'the permissions of the person')
        .choices(OPERATOR_ROLES)
        .makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .action((flags: CreateFlags) =>
      withLiveCore(flags, environment, async (core) => {
        const { accountRefundMax, accounts, email, name, refundMax, role } = flags
        await requireAccounts(core, [...(accounts ?? []), ...(accountRefundMax?.keys() ?? [])])
        const bounds = { accountIds: accounts, refundMaxMinor: refundMax }
        const limits = { accountRefundMax: accountRefundMax ?? undefined }
        const request = { name, email, role, ...bounds, ...limits }
        const invitation = await createOperator(withOsUser(core, environment), request)
        if (invitation === undefined) {
          throw new CommandRefused(`An operator with the address ${email} exists already.`)
        }
        await printInvited(invitation, flags, environment)
      }),
    )
}

function addList(operator: Command, environment: Environment): void {
  onDatabase(operator, 'list')
    .description('List the operators.')
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withLiveCore(flags, environment, async ({ store }) => {
        const operators = await store.operators.list()
        if (flags.json === true) return printJson(operators.map(operatorRecordFields))
        if (operators.length === 0) {
          return print(
            `No operators, so the console is off. To create one: ${pastableOnDatabase('operator create', flags)}`,
          )
        }
        printColumns(
          ['Operator', 'E-mail', 'Role', 'Accounts', 'Status', 'Name'],
          operators.map((one) => [
            one.id,
            one.email,
            one.role,
            one.accountIds?.join(', ') ?? NO_BOUND,
            operatorStatusOf(one),
            one.name,
          ]),
        )
      }),
    )
}

function addInvite(operator: Command, environment: Environment): void {
  onDatabase(operator, 'invite')
    .argument('<operator>', 'the id or the e-mail address')
    .description(
      'Make a new invitation, for an operator who lost the password or the phone. The old password works until the invitation is accepted.',
    )
    .addOption(jsonOption())
    .action((text: string, flags: Flags) =>
      withLiveCore(flags, environment, async (core) => {
        const record = await requireOperator(core, text, flags)
        const invitation = await inviteAgain(withOsUser(core, environment), record.id)
        if (invitation === undefined) throw unknownOperator(text, flags)
        await printInvited(invitation, flags, environment)
      }),
    )
}

type UpdateFlags = Flags & {
  readonly name?: string
  readonly role?: OperatorRole
  readonly accounts?: readonly AccountId[] | null
  readonly refundMax?: bigint | null
  readonly accountRefundMax?: ReadonlyMap<AccountId, bigint> | null
}

function addUpdate(operator: Command, environment: Environment): void {
  withBounds(onDatabase(operator, 'update'))
    .argument('<operator>', 'the id or the e-mail address')
    .description(
      'Change an operator. A field without a flag does not change. The change applies from the operator’s next request on.',
    )
    .option('--name <text>', 'the name of the person', nameFrom)
    .addOption(new Option('--role <role>', 'the permissions of the person').choices(OPERATOR_ROLES))
    .addOption(jsonOption())
    .action((text: string, flags: UpdateFlags) =>
      withLiveCore(flags, environment, async (core) => {
        const record = await requireOperator(core, text, flags)
        const change = changeOf(flags)
        if (Object.keys(change).length === 0) {
          throw nothingToChange('operator update')
        }
        const limitIds = change.accountRefundMax?.keys() ?? []
        await requireAccounts(core, [...(change.accountIds ?? []), ...limitIds])
        const changedOperator = await changeOperator(
          withOsUser(core, environment),
          record.id,
          change,
        )
        printChanged(changedOperator ?? record, flags)
      }),
    )
}

function changeOf(flags: UpdateFlags): OperatorChange {
  const { accountRefundMax, accounts, name, refundMax, role } = flags
  return {
    ...(name !== undefined && { name }),
    ...(role !== undefined && { role }),
    ...(accounts !== undefined && { accountIds: accounts ?? undefined }),
    ...(refundMax !== undefined && { refundMaxMinor: refundMax ?? undefined }),
    ...(accountRefundMax !== undefined && { accountRefundMax: accountRefundMax ?? undefined }),
  }
}

type LinkFlags = Flags & { readonly issuer: string; readonly subject: string }

function addLink(operator: Command, environment: Environment): void {
  onDatabase(operator, 'link')
    .argument('<operator>', 'the id or the e-mail address')
    .description(
      'Connect an operator with a person at the OpenID Connect provider. This person then signs in as the operator, and each sign-in sets the role that --oidc-roles gives the person.',
    )
    .requiredOption('--issuer <url>', 'the issuer, as the provider spells it', identityPartFrom)
    .requiredOption(
      '--subject <id>',
      'the provider’s id of the person (sub), which the log shows after a refused sign-in',
      identityPartFrom,
    )
    .addOption(jsonOption())
    .action((text: string, flags: LinkFlags) =>
      withLiveCore(flags, environment, async (core) => {
        const record = await requireOperator(core, text, flags)
        const { issuer, subject } = flags
        const linkedOperator = await linkOperator(withOsUser(core, environment), record.id, {
          issuer,
          subject,
        })
        if (linkedOperator === 'taken') {
          throw new CommandRefused('Another operator is connected with this person.')
        }
        printChanged(linkedOperator ?? record, flags)
      }),
    )
}

function identityPartFrom(text: string): string {
  if (!isPlainText(text, IDENTITY_LENGTH_MAX)) {
    throw new InvalidArgumentError(
      `It must have 1 to ${IDENTITY_LENGTH_MAX} characters on one line.`,
    )
  }
  return text
}

function addAccess(operator: Command, environment: Environment): void {
  const change = (
    name: string,
    description: string,
    act: (core: ReturnType<typeof withOsUser>, id: string) => Promise<OperatorRecord | undefined>,
  ) =>
    onDatabase(operator, name)
      .argument('<operator>', 'the id or the e-mail address')
      .description(description)
      .addOption(jsonOption())
      .action((text: string, flags: Flags) =>
        withLiveCore(flags, environment, async (core) => {
          const record = await requireOperator(core, text, flags)
          printChanged((await act(withOsUser(core, environment), record.id)) ?? record, flags)
        }),
      )
  change(
    'disable',
    'Keep an operator from signing in. The sessions and the invitation of the operator end at once.',
    disableOperator,
  )
  change('enable', 'Let a disabled operator sign in again.', enableOperator)
  change('sign-out', 'End all sessions of an operator.', async (core, id) => {
    await endOperatorSessions(core, id)
    return core.store.operators.find(id)
  })
}

function withBounds(command: Command): Command {
  return command
    .option(
      '--accounts <ids>',
      `the accounts that the person sees, separated by commas, or \`${NO_BOUND}\`. Default for new operators: \`${NO_BOUND}\``,
      accountsFrom,
    )
    .option(
      '--refund-max <minor units>',
      `the largest refund without a second person, in minor units (paise, cents), or \`${NO_BOUND}\` for no limit. Default for new operators: \`${NO_BOUND}\``,
      refundMaxFrom,
    )
    .option(
      '--account-refund-max <limits>',
      `limits for single accounts, in place of --refund-max, such as 1234567=500000,2345678=0, or \`${NO_LIMITS}\`. Default for new operators: \`${NO_LIMITS}\``,
      accountRefundMaxFrom,
    )
}

function accountsFrom(text: string): readonly AccountId[] | null {
  return text === NO_BOUND ? null : text.split(',').map((id) => accountIdFrom(id.trim()))
}

function refundMaxFrom(text: string): bigint | null {
  if (text === NO_BOUND) return null
  if (!/^\d{1,15}$/.test(text)) {
    throw new InvalidArgumentError(`It must be a whole number of minor units, or \`${NO_BOUND}\`.`)
  }
  return BigInt(text)
}

function accountRefundMaxFrom(text: string): ReadonlyMap<AccountId, bigint> | null {
  if (text === NO_LIMITS) return null
  const limits = parseAccountRefundMax(text)
  if (limits !== undefined) return limits
  throw new InvalidArgumentError(
    `It must be pairs of an account and minor units, each account once, such as 1234567=500000,2345678=0, or \`${NO_LIMITS}\`.`,
  )
}

function emailFrom(text: string): string {
  const email = parseOperatorEmail(text)
  if (email === undefined) {
    throw new InvalidArgumentError('It must be an e-mail address, such as asha@example.com.')
  }
  return email
}

/** A sandbox has no operators: its console is open to this machine. */
function withLiveCore(
  flags: Flags,
  environment: Environment,
  work: (core: Core) => Promise<void>,
): Promise<void> {
  return withExistingCore(flags, environment, async (core) => {
    if (core.mode === 'sandbox') {
      throw new CommandRefused(
        'This is the database of a sandbox. Its console needs no operators: it is open to this machine. For a live database add --live.',
      )
    }
    await work(core)
  })
}

async function requireAccounts(
  { store }: Core,
  ids: readonly AccountId[] | null | undefined,
): Promise<void> {
  for (const id of ids ?? []) {
    if ((await store.accounts.find(id)) === undefined) {
      throw new CommandRefused(`There is no account ${id}.`)
    }
  }
}

async function requireOperator(
  { store }: Core,
  text: string,
  flags: Flags,
): Promise<OperatorRecord> {
  const operator = text.includes('@')
    ? await store.operators.findByEmail(text.trim().toLowerCase())
    : await store.operators.find(text)
  if (operator === undefined) throw unknownOperator(text, flags)
  return operator
}

function unknownOperator(text: string, flags: Flags): CommandRefused {
  return new CommandRefused(
    `There is no operator ${text}. To list the operators: ${pastableOnDatabase('operator list', flags)}`,
  )
}

async function printInvited(
  { invitationToken, operator }: InvitedOperator,
  flags: Flags,
  environment: Environment,
): Promise<void> {
  const { consoleOn, consoleUrl } = await settingsFor(flags, environment)
  const link = `${consoleUrl ?? ''}/console/invitation/${invitationToken}`
  if (flags.json === true) {
    printJson({ ...operatorRecordFields(operator), invitation_link: link })
    return
  }
  printTable([
    ['Operator', operator.id],
    ['E-mail', operator.email],
    ['Role', operator.role],
    ['Invitation', link],
  ])
  print('The link is not shown again. It works once, within one day. Send it only to the person.')
  if (consoleUrl === undefined) {
    print(
      consoleOn === 'public'
        ? 'Put the public address of the server before the link, or set PAYDESK_PUBLIC_URL.'
        : 'Put the address of the console before the link, or set PAYDESK_CONSOLE_URL.',
    )
  }
}

function printChanged(operator: OperatorRecord, flags: Flags): void {
  if (flags.json === true) {
    printJson(operatorRecordFields(operator))
    return
  }
  const { account_ids: accounts, ...fields } = operatorRecordFields(operator)
  const accountLimits = Object.entries(fields.account_refund_max_minor)
  printTable([
    ['Operator', fields.operator_id],
    ['E-mail', fields.email],
    ['Name', fields.name],
    ['Role', fields.role],
    ['Accounts', typeof accounts === 'string' ? accounts : accounts.join(', ')],
    ['Refund limit', refundLimitText(fields.refund_max_minor)],
    ...accountLimits.map(
      ([id, minor]) => [`Refund limit, account ${id}`, refundLimitText(minor)] as const,
    ),
    ['Status', fields.status],
  ])
}

function refundLimitText(minor: number | null): string {
  return minor === null ? 'none' : `${minor} minor units`
}

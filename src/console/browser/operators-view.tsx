import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../client/calls.ts'
import { OPERATOR_ROLES } from '../../domain/operator.ts'
import type { ConsoleMethodSchemas } from '../console-methods.ts'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { useOperatorFacts } from './operator-context.ts'
import {
  ActionButton,
  CopyableText,
  Dialog,
  Field,
  Form,
  optionOf,
  ResourceView,
  Status,
  ViewHead,
} from './parts.tsx'

type Operator = AnswerOf<ConsoleMethodSchemas, 'listOperators'>['operators'][number]
type Invitation = AnswerOf<ConsoleMethodSchemas, 'createOperator'>['invited']

/** The people who may sign in, and their access. */
export function OperatorsView(): JSX.Element {
  const operators = useResource(consoleReading('listOperators', {}))
  const [isInviting, setInviting] = useState(false)
  const [changing, setChanging] = useState<Operator>()
  const [invitation, setInvitation] = useState<Invitation>()
  return (
    <div>
      <ViewHead
        title="Operators"
        actions={
          <button type="button" class="primary" onClick={() => setInviting(true)}>
            Invite
          </button>
        }
      >
        The people who may sign in to this console.
      </ViewHead>
      <ResourceView resource={operators}>
        {({ operators: rows }) => (
          <List
            label="Operators"
            columns={[
              { title: 'Name', class: 'main' },
              { title: 'E-mail' },
              { title: 'Role' },
              { title: 'Accounts' },
              { title: 'Status' },
              { title: 'Actions', class: 'wide' },
            ]}
            rows={rows.map((one) => ({
              key: one.operator_id,
              cells: [
                one.name,
                one.email,
                one.role,
                typeof one.account_ids === 'string' ? 'all' : one.account_ids.join(', '),
                <Status value={one.status} />,
                <Actions one={one} onChange={() => setChanging(one)} onInvited={setInvitation} />,
              ],
            }))}
          />
        )}
      </ResourceView>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} onInvited={setInvitation} />}
      {changing && <ChangeDialog one={changing} onClose={() => setChanging(undefined)} />}
      {invitation && (
        <LinkDialog invitation={invitation} onClose={() => setInvitation(undefined)} />
      )}
    </div>
  )
}

function Actions({
  one: { email, operator_id: id, status },
  onChange,
  onInvited,
}: {
  readonly one: Operator
  readonly onChange: () => void
  readonly onInvited: (invitation: Invitation) => void
}): JSX.Element {
  const path = { operator_id: id }
  // Nobody changes the own access.
  const isSelf = email === useOperatorFacts().operator.email
  const invite = async () => onInvited(await consoleCalls.call('inviteOperator', { path }))
  const hiddenEmail = <span class="hidden">{` ${email}`}</span>
  return (
    <span class="actions">
      {!isSelf && (
        <button type="button" class="small" onClick={onChange}>
          Change{hiddenEmail}
        </button>
      )}
      {status !== 'disabled' && (
        <ActionButton class="small" onAction={invite}>
          New invitation{hiddenEmail}
        </ActionButton>
      )}
      {status !== 'disabled' && (
        <ActionButton
          class="small"
          onAction={() => consoleCalls.call('signOutOperator', { path })}
          successText={`Ended all sessions of ${email}.`}
        >
          Sign out{hiddenEmail}
        </ActionButton>
      )}
      {!isSelf && (
        <ActionButton
          class="small"
          onAction={() =>
            consoleCalls.call(status === 'disabled' ? 'enableOperator' : 'disableOperator', {
              path,
            })
          }
          successText={`${status === 'disabled' ? 'Enabled' : 'Disabled'} ${email}.`}
        >
          {status === 'disabled' ? 'Enable' : 'Disable'}
          {hiddenEmail}
        </ActionButton>
      )}
    </span>
  )
}

/** The texts of a form about an operator. */
type Access = {
  readonly name: string
  readonly role: (typeof OPERATOR_ROLES)[number]
  readonly accounts: string
  readonly refundMax: string
}

function AccessFields({
  access,
  onAccess,
}: {
  readonly access: Access
  readonly onAccess: (access: Access) => void
}): JSX.Element {
  const set = (change: Partial<Access>) => onAccess({ ...access, ...change })
  return (
    <>
      <Field label="Name" value={access.name} onValue={(name) => set({ name })} />
      <Field
        label="Role"
        value={access.role}
        options={OPERATOR_ROLES}
        onValue={(role) => set({ role: optionOf(OPERATOR_ROLES, role) ?? access.role })}
      />
      <Field
        label="Accounts"
        value={access.accounts}
        onValue={(accounts) => set({ accounts })}
        hint="all, or ids separated by commas"
      />
      <Field
        label="Largest refund in minor units"
        value={access.refundMax}
        onValue={(refundMax) => set({ refundMax })}
        hint="all, or a number such as 500000. A larger refund needs a second person."
        input={{ inputmode: 'numeric' }}
      />
    </>
  )
}

function InviteDialog({
  onClose,
  onInvited,
}: {
  readonly onClose: () => void
  readonly onInvited: (invitation: Invitation) => void
}): JSX.Element {
  const [email, setEmail] = useState('')
  const [access, setAccess] = useState<Access>({
    name: '',
    role: 'viewer',
    accounts: 'all',
    refundMax: 'all',
  })
  const send = async () => {
    const { accounts, name, refundMax, role } = access
    const body = {
      name,
      email,
      role,
      accounts: tight(accounts),
      refund_max_minor: tight(refundMax),
    }
    onInvited(await consoleCalls.call('createOperator', { body }))
    onClose()
  }
  return (
    <Dialog title="Invite an operator" onClose={onClose}>
      <Form label="Create the invitation" onSend={send}>
        <div class="fields">
          <Field
            label="E-mail address"
            value={email}
            onValue={setEmail}
            input={{ type: 'email', autocomplete: 'off' }}
          />
          <AccessFields access={access} onAccess={setAccess} />
        </div>
      </Form>
    </Dialog>
  )
}

function ChangeDialog({
  one,
  onClose,
}: {
  readonly one: Operator
  readonly onClose: () => void
}): JSX.Element {
  const { say } = useConsole()
  const [access, setAccess] = useState<Access>({
    name: one.name,
    role: one.role,
    accounts: typeof one.account_ids === 'string' ? one.account_ids : one.account_ids.join(','),
    refundMax: one.refund_max_minor === null ? 'all' : String(one.refund_max_minor),
  })
  const send = async () => {
    const { accounts, name, refundMax, role } = access
    await consoleCalls.call('updateOperator', {
      path: { operator_id: one.operator_id },
      body: { name, role, accounts: tight(accounts), refund_max_minor: tight(refundMax) },
    })
    say(`Changed ${one.email}. The change applies from their next request on.`)
    onClose()
  }
  return (
    <Dialog title={`Change ${one.email}`} onClose={onClose}>
      <Form label="Save" onSend={send}>
        <div class="fields">
          <AccessFields access={access} onAccess={setAccess} />
        </div>
      </Form>
    </Dialog>
  )
}

function LinkDialog({
  invitation: { invitation_link: link, operator },
  onClose,
}: {
  readonly invitation: Invitation
  readonly onClose: () => void
}): JSX.Element {
  return (
    <Dialog title={`Invitation for ${operator.email}`} onClose={onClose}>
      <p>
        The link works once, within one day, and is not shown again. Send it only to this person,
        over a channel that nobody else reads.
      </p>
      <CopyableText text={link} what="invitation link" />
    </Dialog>
  )
}

/** Removes blanks, which people type after commas. */
function tight(text: string): string {
  return text.replaceAll(/\s/g, '')
}

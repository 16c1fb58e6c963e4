import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../client/calls.ts'
import { OPERATOR_ROLES } from '../../domain/operator.ts'
import type { ConsoleMethodSchemas } from '../console-methods.ts'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
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
import { words } from './show.ts'
import { text } from './text.ts'

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
        title={text('Operators')}
        actions={[
          <ExportButton key="export" table="operators" filters={{}} />,
          <button key="invite" type="button" class="primary" onClick={() => setInviting(true)}>
            {text('Invite')}
          </button>,
        ]}
      >
        {text('The people who may sign in to this console.')}
      </ViewHead>
      <ResourceView resource={operators}>
        {({ operators: rows }) => (
          <List
            label={text('Operators')}
            columns={[
              { title: text('Name'), class: 'main' },
              { title: text('E-mail') },
              { title: text('Role'), class: 'tight' },
              { title: text('Accounts') },
              { title: text('Status') },
              { title: text('Actions'), class: 'own-line' },
            ]}
            rows={rows.map((one) => ({
              key: one.operator_id,
              cells: [
                <span class="actor">{one.name}</span>,
                <span class="email">{one.email}</span>,
                words(one.role),
                typeof one.account_ids === 'string' ? (
                  text('all')
                ) : (
                  <span class="account-ids">{one.account_ids.join(', ')}</span>
                ),
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
  // An operator cannot change their own access here.
  const isSelf = email === useOperatorFacts().operator.email
  const invite = async () => onInvited(await consoleCalls.call('inviteOperator', { path }))
  const hiddenEmail = <span class="hidden">{` ${email}`}</span>
  return (
    <span class="actions">
      {!isSelf && (
        <button type="button" class="small" onClick={onChange}>
          {text('Change')}
          {hiddenEmail}
        </button>
      )}
      {status !== 'disabled' && (
        <ActionButton class="small" onAction={invite}>
          {text('New invitation')}
          {hiddenEmail}
        </ActionButton>
      )}
      {status !== 'disabled' && (
        <ActionButton
          class="small"
          onAction={() => consoleCalls.call('signOutOperator', { path })}
          successText={text('Ended all sign-in sessions of {email}.', { email })}
        >
          {text('End sign-in sessions')}
          {hiddenEmail}
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
          successText={text(status === 'disabled' ? 'Enabled {email}.' : 'Disabled {email}.', {
            email,
          })}
        >
          {status === 'disabled' ? text('Enable') : text('Disable')}
          {hiddenEmail}
        </ActionButton>
      )}
    </span>
  )
}

type Access = {
  readonly name: string
  readonly role: (typeof OPERATOR_ROLES)[number]
  readonly accounts: string
  readonly refundMax: string
  readonly accountRefundMax: string
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
      <Field label={text('Name')} value={access.name} onValue={(name) => set({ name })} />
      <Field
        label={text('Role')}
        value={access.role}
        options={OPERATOR_ROLES}
        onValue={(role) => set({ role: optionOf(OPERATOR_ROLES, role) ?? access.role })}
      />
      <Field
        label={text('Accounts')}
        value={access.accounts}
        onValue={(accounts) => set({ accounts })}
        hint={text('Ids separated by commas, or “all”')}
      />
      <Field
        label={text('Largest refund in minor units')}
        value={access.refundMax}
        onValue={(refundMax) => set({ refundMax })}
        hint={text('Such as 500000, or “all” for no limit. A larger refund needs a second person.')}
        input={{ inputmode: 'numeric' }}
      />
      <Field
        label={text('Largest refund per account')}
        value={access.accountRefundMax}
        onValue={(accountRefundMax) => set({ accountRefundMax })}
        hint={text(
          'Pairs such as 1234567=500000 (account=minor units), separated by commas, or “none”',
        )}
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
    accountRefundMax: 'none',
  })
  const send = async () => {
    const body = { ...bodyOf(access), email }
    onInvited(await consoleCalls.call('createOperator', { body }))
    onClose()
  }
  return (
    <Dialog title={text('Invite an operator')} onClose={onClose}>
      <Form label={text('Create the invitation')} onSend={send}>
        <div class="fields">
          <Field
            label={text('E-mail address')}
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
    accountRefundMax:
      Object.entries(one.account_refund_max_minor)
        .map(([id, minor]) => `${id}=${minor}`)
        .join(',') || 'none',
  })
  const send = async () => {
    await consoleCalls.call('updateOperator', {
      path: { operator_id: one.operator_id },
      body: bodyOf(access),
    })
    say(
      text('Changed the operator {email}. The change applies from their next request on.', {
        email: one.email,
      }),
    )
    onClose()
  }
  return (
    <Dialog title={text('Change {name}', { name: one.email })} onClose={onClose}>
      <Form label={text('Save')} onSend={send}>
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
    <Dialog title={text('Invitation for {email}', { email: operator.email })} onClose={onClose}>
      <p>
        {text(
          'The link works once, within one day, and is not shown again. Send it only to this person, over a channel that nobody else reads.',
        )}
      </p>
      <CopyableText text={link} what={text('invitation link')} />
    </Dialog>
  )
}

function bodyOf({ accountRefundMax, accounts, name, refundMax, role }: Access) {
  return {
    name,
    role,
    accounts: tight(accounts),
    refund_max_minor: tight(refundMax),
    account_refund_max: tight(accountRefundMax) || 'none',
  }
}

/** Removes blanks, which people type after commas. */
function tight(text: string): string {
  return text.replaceAll(/\s/g, '')
}

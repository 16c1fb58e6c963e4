import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { apiReading, connect } from './connection.ts'
import { type Console, ConsoleContext, useConsole } from './context.ts'
import { refresh } from './live.ts'
import { createOperatorSend, pageFacts } from './operator-server.ts'
import { Empty, ViewHead } from './parts.tsx'
import { PaymentsView, PaymentView, RefundButton } from './payments-view.tsx'
import { CONSOLE_PATH, go, type Place, serverPath, usePlace, viewPath } from './router.tsx'
import { type NamedView, Shell, ThemeSelect, useMessages } from './shell.tsx'

const VIEWS: readonly NamedView[] = [['payments', 'Payments', 'card']]

/** The interval in which an open view is read again, in milliseconds. */
const READ_AGAIN_MS = 15_000

function viewOf({ parts: [view = '', id] }: Place): ComponentChildren {
  switch (view) {
    case 'payments':
      return id === undefined ? <AccountPayments /> : <AccountPayment id={id} key={id} />
    default:
      return (
        <div>
          <ViewHead title="No such page">The console has no page at this address.</ViewHead>
          <Empty title="Nothing here.">
            <a href={CONSOLE_PATH}>Go to the payments</a>
          </Empty>
        </div>
      )
  }
}

/** The console of a live server. */
export function OperatorApp(): JSX.Element {
  const facts = useMemo(pageFacts, [])
  const place = usePlace()
  const [messages, say] = useMessages()
  const [chosenId, setAccountId] = useState<string>()
  const [isSignedOut, setSignedOut] = useState(false)
  useMemo(() => connect(createOperatorSend(facts.token, () => setSignedOut(true))), [])
  useEffect(() => {
    const reading = setInterval(() => {
      if (document.visibilityState === 'visible') refresh()
    }, READ_AGAIN_MS)
    return () => clearInterval(reading)
  }, [])
  const isAtStart = place.parts.length === 0
  useEffect(() => {
    if (isAtStart) go(viewPath('payments'), true)
  }, [isAtStart])
  const account = facts.accounts.find(({ id }) => id === chosenId) ?? facts.accounts[0]
  const context: Console | undefined = account && {
    accountId: account.id,
    setAccountId,
    edition: account.edition,
    may: (permission) => facts.operator.permissions.includes(permission),
    say,
    nowMs: () => Date.now(),
  }
  return (
    <ConsoleContext.Provider value={context}>
      <Shell
        name="Payments console"
        place={place}
        views={VIEWS}
        messages={messages}
        tools={
          <div class="tools">
            <ThemeSelect />
            {account && (
              <label>
                <span class="hidden">Account</span>
                <select
                  value={account.id}
                  onChange={(event: Event) =>
                    setAccountId((event.currentTarget as HTMLSelectElement).value)
                  }
                >
                  {facts.accounts.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <form method="post" action={serverPath('/console/sign-out')}>
              <input type="hidden" name="token" value={facts.token} />
              <button type="submit" class="small" title={facts.operator.email}>
                Sign out
              </button>
            </form>
          </div>
        }
        notice={
          isSignedOut && [
            'Your session has ended. ',
            <a key="in" href={serverPath('/console/sign-in')}>
              Sign in again
            </a>,
          ]
        }
      >
        {context === undefined ? (
          <div>
            <ViewHead title="No accounts">This server has no accounts that you can see.</ViewHead>
          </div>
        ) : (
          !isAtStart && viewOf(place)
        )}
      </Shell>
    </ConsoleContext.Provider>
  )
}

function AccountPayments(): JSX.Element {
  return (
    <PaymentsView
      readingOf={(query) => apiReading('listPayments', { query })}
      empty="Payments appear here when customers pay."
    />
  )
}

function AccountPayment({ id }: { readonly id: string }): JSX.Element {
  const { accountId, may } = useConsole()
  return (
    <PaymentView
      id={id}
      actionsOf={(payment) =>
        may('refund') && <RefundButton payment={payment} accountId={accountId} isMain />
      }
    />
  )
}

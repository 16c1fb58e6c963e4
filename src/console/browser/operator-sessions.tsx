import type { JSX } from 'preact'
import { consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { SessionView } from './session-view.tsx'
import { SessionsView } from './sessions-view.tsx'
import { text } from './text.ts'
import type { ViewProps } from './view-props.ts'

/** The payment sessions of an account, or one of them. */
export function OperatorSessions({ id }: ViewProps): JSX.Element {
  if (id !== undefined) return <AccountSession id={id} key={id} />
  return (
    <SessionsView
      empty={text('Sessions appear here when the merchant’s application creates them.')}
      toolsOf={(filters) => <ExportButton table="sessions" filters={filters} />}
    />
  )
}

function AccountSession({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  return (
    <SessionView
      id={id}
      reading={consoleReading('readSessionStory', {
        path: { payments_session_id: id },
        query: { account_id: accountId },
      })}
      unpaidOf={() => text('Nobody has tried to pay this session.')}
    />
  )
}

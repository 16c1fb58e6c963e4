import type { JSX } from 'preact'
import { apiWithContacts } from './connection.ts'
import { consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { MandatesView, MandateView } from './mandates-view.tsx'
import { OpenContacts } from './open-contacts.tsx'
import type { ViewProps } from './view-props.ts'

/** The mandates of an account, or one of them. */
export function OperatorMandates({ id }: ViewProps): JSX.Element {
  return id === undefined ? (
    <MandatesView
      toolsOf={(filters) => <ExportButton key="export" table="mandates" filters={filters} />}
    />
  ) : (
    <AccountMandate id={id} key={id} />
  )
}

function AccountMandate({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  return (
    <MandateView
      id={id}
      reading={consoleReading('readMandateStory', {
        path: { mandate_id: id },
        query: { account_id: accountId },
      })}
      actionsOf={() => (
        <OpenContacts
          read={() =>
            apiWithContacts.call('retrieveMandate', {
              path: { mandate_id: id },
              query: { account_id: accountId },
            })
          }
        />
      )}
    />
  )
}

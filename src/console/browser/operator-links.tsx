import type { JSX } from 'preact'
import { apiWithContacts } from './connection.ts'
import { consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { ExportButton } from './export-button.tsx'
import { LinkView } from './link-view.tsx'
import { LinksView } from './links-view.tsx'
import { OpenContacts } from './open-contacts.tsx'
import type { ViewProps } from './view-props.ts'

/** The payment links of an account, or one of them. */
export function OperatorLinks({ id }: ViewProps): JSX.Element {
  return id === undefined ? (
    <LinksView
      toolsOf={(filters) => <ExportButton key="export" table="payment_links" filters={filters} />}
    />
  ) : (
    <AccountLink id={id} key={id} />
  )
}

function AccountLink({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  return (
    <LinkView
      id={id}
      reading={consoleReading('readLinkStory', {
        path: { payment_link_id: id },
        query: { account_id: accountId },
      })}
      actionsOf={() => (
        <OpenContacts
          read={() =>
            apiWithContacts.call('retrievePaymentLink', {
              path: { payment_link_id: id },
              query: { account_id: accountId },
            })
          }
        />
      )}
    />
  )
}

import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { OperatorConsoleFacts } from '../console-facts.ts'
import { keepAccount, keptAccount } from './chosen-account.ts'
import { connect } from './connection.ts'
import { consoleReading } from './console-calls.ts'
import { type Console, ConsoleContext } from './context.ts'
import { LanguageSelect } from './language-select.tsx'
import { LazyView } from './lazy-view.tsx'
import { listen, useResource } from './live.ts'
import { OperatorContext } from './operator-context.ts'
import { createOperatorSend, pageFacts } from './operator-server.ts'
import { OPERATOR_VIEWS } from './operator-views.ts'
import { Empty, ViewHead } from './parts.tsx'
import {
  CONSOLE_PATH,
  go,
  type Place,
  serverPath,
  setAddressAccount,
  usePlace,
  viewPath,
  viewPathAt,
} from './router.tsx'
import { SavedSearches } from './saved-searches.tsx'
import { Search } from './search-dialog.tsx'
import { Shell, ThemeSelect, useMessages } from './shell.tsx'
import { countText, text } from './text.ts'

const STREAM_PATH = '/console/api/v1/changes'
/** The poll interval for changes that the stream does not report, such as deliveries. */
const POLL_MS = 15_000

function viewOf(
  views: typeof OPERATOR_VIEWS,
  { parts: [path = '', id, ...rest] }: Place,
): ComponentChildren {
  const view = views.find((one) => one.path === path)
  if (view !== undefined) return <LazyView view={view} id={id} rest={rest} />
  return (
    <div>
      <ViewHead title={text('Page not found')}>
        {text('The console has no page at this address.')}
      </ViewHead>
      <Empty title={text('Nothing here.')}>
        <a href={CONSOLE_PATH}>{text('Go to the first view')}</a>
      </Empty>
    </div>
  )
}

/**
 * Returns the account of the address. If the address has none: the account that was shown last, otherwise the first.
 * Undefined: the operator cannot see the account of the address, or cannot see any account.
 */
function accountOf(
  accounts: OperatorConsoleFacts['accounts'],
  { accountId }: Place,
): OperatorConsoleFacts['accounts'][number] | undefined {
  const id = accountId ?? keptAccount()
  const account = accounts.find((one) => one.id === id)
  return account ?? (accountId === undefined ? accounts[0] : undefined)
}

/** Does not reveal whether the account exists. */
function NoAccount({
  hasOthers,
  id,
}: {
  readonly id: string | undefined
  readonly hasOthers: boolean
}): JSX.Element {
  if (id === undefined || !hasOthers) {
    return (
      <div>
        <ViewHead title={text('No accounts')}>
          {text('This server has no accounts that you can see.')}
        </ViewHead>
      </div>
    )
  }
  return (
    <div>
      <ViewHead title={text('You cannot see this account')}>
        {text(
          'This address belongs to the account {id}, which your access does not include. Ask an administrator for access, or choose another account.',
          { id },
        )}
      </ViewHead>
    </div>
  )
}

/** The console of a live server. */
export function OperatorApp(): JSX.Element {
  const facts = useMemo(pageFacts, [])
  const place = usePlace()
  const [messages, say] = useMessages()
  const [isSignedOut, setSignedOut] = useState(false)
  useMemo(() => connect(createOperatorSend(facts.token, () => setSignedOut(true))), [])
  const { permissions } = facts.operator
  const views = OPERATOR_VIEWS.filter(({ permission }) => permissions.includes(permission))
  const listedViews = views.filter(({ isUnlisted }) => isUnlisted !== true)
  const startPath = views[0]?.path ?? ''
  const isAtStart = place.parts.length === 0
  const account = accountOf(facts.accounts, place)
  // The account is set before the views are rendered, because their links contain it.
  setAddressAccount(account?.id)
  const hasNoAccount = account !== undefined && place.accountId === undefined
  // This effect runs before the browser shows the page, because the start view must not replace an account that the
  // operator has chosen.
  useLayoutEffect(() => {
    if (isAtStart) go(viewPath(startPath), true)
    // An address of an earlier version gets the account, so that it can be copied.
    else if (hasNoAccount) go(`${viewPath(...place.parts)}${location.search}`, true)
  }, [isAtStart, hasNoAccount, place])
  useEffect(() => {
    if (account === undefined) return undefined
    keepAccount(account.id)
    return listen(`${serverPath(STREAM_PATH)}?account_id=${account.id}`, POLL_MS)
  }, [account?.id])
  const setAccountId = (id: string) => {
    // The chosen account does not have the object in the address, so its list of such objects is shown.
    if (id !== account?.id) go(viewPathAt(id, place.parts[0] ?? startPath))
  }
  const waiting = useResource(
    account && permissions.includes('approve_refunds')
      ? consoleReading('countWaitingRefundApprovals', { query: { account_id: account.id } })
      : undefined,
  )
  const waitingCount = waiting.answer?.waiting.count ?? 0
  const context: Console | undefined = account && {
    accountId: account.id,
    setAccountId,
    edition: account.edition,
    may: (permission) => permissions.includes(permission),
    isLive: true,
    say,
    listTools: <SavedSearches viewName={place.parts[0] ?? startPath} />,
    nowMs: () => Date.now(),
  }
  return (
    <OperatorContext.Provider value={facts}>
      <ConsoleContext.Provider value={context}>
        <Shell
          name={text('Payments console')}
          place={place}
          views={listedViews.map(
            ({ icon, path, title }) =>
              [path, text(title), icon, path === 'refund-approvals' ? waitingCount : 0] as const,
          )}
          messages={messages}
          tools={
            <div class="tools">
              {account && (
                <Search
                  readingOf={(searchText) =>
                    consoleReading('searchAccount', {
                      query: { account_id: account.id, text: searchText },
                    })
                  }
                  hint={text(
                    'A complete id, reference number, invoice number, e-mail address or phone number; or the name of a view',
                  )}
                  views={listedViews.map(({ path, title }) => ({
                    title: text(title),
                    href: viewPath(path),
                  }))}
                  hasAccountInAddress
                />
              )}
              <LanguageSelect />
              <ThemeSelect />
              {facts.accounts.length > 0 && (
                <label>
                  <span class="hidden">{text('Account')}</span>
                  <select
                    value={account?.id ?? ''}
                    onChange={(event: Event) =>
                      setAccountId((event.currentTarget as HTMLSelectElement).value)
                    }
                  >
                    {account === undefined && (
                      <option value="" disabled>
                        {text('Choose an account')}
                      </option>
                    )}
                    {facts.accounts.map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
              )}
              <form action={serverPath('/console/access')}>
                <button type="submit" class="small">
                  {text('Your access')}
                </button>
              </form>
              <form method="post" action={serverPath('/console/sign-out')}>
                <input type="hidden" name="token" value={facts.token} />
                <button type="submit" class="small" title={facts.operator.email}>
                  {text('Sign out')}
                </button>
              </form>
            </div>
          }
          notice={
            isSignedOut && [
              `${text('Your session has ended.')} `,
              <a key="in" href={serverPath('/console/sign-in')}>
                {text('Sign in again')}
              </a>,
            ]
          }
        >
          {context === undefined ? (
            <NoAccount id={place.accountId} hasOthers={facts.accounts.length > 0} />
          ) : (
            !isAtStart && viewOf(views, place)
          )}
        </Shell>
        <p class="hidden" role="status">
          {waitingCount > 0 &&
            countText(
              waitingCount,
              '{count} refund waits for your decision.',
              '{count} refunds wait for your decision.',
            )}
        </p>
      </ConsoleContext.Provider>
    </OperatorContext.Provider>
  )
}

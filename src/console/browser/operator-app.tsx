import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { useChosenAccount } from './chosen-account.ts'
import { connect } from './connection.ts'
import { type Console, ConsoleContext } from './context.ts'
import { LanguageSelect } from './language-select.tsx'
import { LazyView } from './lazy-view.tsx'
import { listen } from './live.ts'
import { OperatorContext } from './operator-context.ts'
import { createOperatorSend, pageFacts } from './operator-server.ts'
import { OPERATOR_VIEWS } from './operator-views.ts'
import { Empty, ViewHead } from './parts.tsx'
import { CONSOLE_PATH, go, type Place, serverPath, usePlace, viewPath } from './router.tsx'
import { Shell, ThemeSelect, useMessages } from './shell.tsx'
import { text } from './text.ts'

/** The stream of the changes of an account. */
const STREAM_PATH = '/console/api/v1/changes'
/** The poll interval for changes that the stream does not report, such as deliveries, in milliseconds. */
const POLL_MS = 15_000

function viewOf(
  views: typeof OPERATOR_VIEWS,
  { parts: [path = '', id, ...rest] }: Place,
): ComponentChildren {
  const view = views.find((one) => one.path === path)
  if (view !== undefined) return <LazyView view={view} id={id} rest={rest} />
  return (
    <div>
      <ViewHead title={text('No such page')}>
        {text('The console has no page at this address.')}
      </ViewHead>
      <Empty title={text('Nothing here.')}>
        <a href={CONSOLE_PATH}>{text('Go to the first view')}</a>
      </Empty>
    </div>
  )
}

/** The console of a live server. */
export function OperatorApp(): JSX.Element {
  const facts = useMemo(pageFacts, [])
  const place = usePlace()
  const [messages, say] = useMessages()
  const [chosenId, setAccountId] = useChosenAccount()
  const [isSignedOut, setSignedOut] = useState(false)
  useMemo(() => connect(createOperatorSend(facts.token, () => setSignedOut(true))), [])
  const { permissions } = facts.operator
  const views = OPERATOR_VIEWS.filter(({ permission }) => permissions.includes(permission))
  const startPath = views[0]?.path ?? ''
  const isAtStart = place.parts.length === 0
  useEffect(() => {
    if (isAtStart) go(viewPath(startPath), true)
  }, [isAtStart])
  const account = facts.accounts.find(({ id }) => id === chosenId) ?? facts.accounts[0]
  const accountId = account?.id
  useEffect(() => {
    if (accountId === undefined) return undefined
    return listen(`${serverPath(STREAM_PATH)}?account_id=${accountId}`, POLL_MS)
  }, [accountId])
  const context: Console | undefined = account && {
    accountId: account.id,
    setAccountId,
    edition: account.edition,
    may: (permission) => permissions.includes(permission),
    isLive: true,
    say,
    nowMs: () => Date.now(),
  }
  return (
    <OperatorContext.Provider value={facts}>
      <ConsoleContext.Provider value={context}>
        <Shell
          name={text('Payments console')}
          place={place}
          views={views
            .filter(({ isUnlisted }) => isUnlisted !== true)
            .map(({ icon, path, title }) => [path, text(title), icon] as const)}
          messages={messages}
          tools={
            <div class="tools">
              <LanguageSelect />
              <ThemeSelect />
              {account && (
                <label>
                  <span class="hidden">{text('Account')}</span>
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
            <div>
              <ViewHead title={text('No accounts')}>
                {text('This server has no accounts that you can see.')}
              </ViewHead>
            </div>
          ) : (
            !isAtStart && viewOf(views, place)
          )}
        </Shell>
      </ConsoleContext.Provider>
    </OperatorContext.Provider>
  )
}

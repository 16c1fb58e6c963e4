import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ClockView } from './clock-view.tsx'
import { type Console, ConsoleContext } from './context.ts'
import { CredentialsView } from './credentials-view.tsx'
import { CustomersView, CustomerView } from './customers-view.tsx'
import { DeliveryView } from './delivery-view.tsx'
import { EndpointView } from './endpoint-view.tsx'
import { EventView } from './event-view.tsx'
import { FaultsView } from './faults-view.tsx'
import { Icon, type IconName } from './icons.tsx'
import { LinkView } from './link-view.tsx'
import { LinksView } from './links-view.tsx'
import { listen, useResource } from './live.ts'
import { MandatesView, MandateView } from './mandates-view.tsx'
import { MessagesView, MessageView } from './messages-view.tsx'
import { OverviewView } from './overview-view.tsx'
import { Empty, Loading, ViewHead } from './parts.tsx'
import { PaymentsView, PaymentView } from './payments-view.tsx'
import { PayoutsView, PayoutView } from './payouts-view.tsx'
import { ExchangeView, RequestsView } from './requests-view.tsx'
import { CONSOLE_PATH, type Place, usePlace, viewPath } from './router.tsx'
import { SandboxesView } from './sandboxes-view.tsx'
import { Search } from './search-dialog.tsx'
import { ApiConnectionError, controlReading } from './server.ts'
import { SessionView } from './session-view.tsx'
import { SessionsView } from './sessions-view.tsx'
import { showTime } from './show.ts'
import { chooseTheme, chosenTheme, THEMES } from './theme.ts'
import { VirtualAccountsView, VirtualAccountView } from './virtual-accounts-view.tsx'
import { WebhooksView } from './webhooks-view.tsx'
import type { ClockState } from './wire.ts'

const VIEWS: readonly (readonly [path: string, title: string, icon: IconName])[] = [
  ['', 'Overview', 'home'],
  ['sessions', 'Sessions', 'cart'],
  ['links', 'Payment links', 'link'],
  ['payments', 'Payments', 'card'],
  ['customers', 'Customers', 'person'],
  ['mandates', 'Mandates', 'repeat'],
  ['payouts', 'Payouts', 'bank'],
  ['messages', 'Messages', 'letter'],
  ['virtual-accounts', 'Virtual accounts', 'tray'],
  ['requests', 'Requests', 'arrows'],
  ['webhooks', 'Webhooks', 'bell'],
  ['faults', 'Faults', 'bolt'],
  ['clock', 'Clock', 'clock'],
  ['sandboxes', 'Sandboxes', 'boxes'],
  ['credentials', 'Credentials', 'key'],
]

/** The display time of a message, in milliseconds. */
const MESSAGE_MS = 7_000

function viewOf({ parts: [view = '', id, more, eventId] }: Place): ComponentChildren {
  switch (view) {
    case '':
      return <OverviewView />
    case 'sessions':
      return id === undefined ? <SessionsView /> : <SessionView id={id} key={id} />
    case 'links':
      return id === undefined ? <LinksView /> : <LinkView id={id} key={id} />
    case 'payments':
      return id === undefined ? <PaymentsView /> : <PaymentView id={id} key={id} />
    case 'customers':
      return id === undefined ? <CustomersView /> : <CustomerView id={id} key={id} />
    case 'mandates':
      return id === undefined ? <MandatesView /> : <MandateView id={id} key={id} />
    case 'payouts':
      return id === undefined ? <PayoutsView /> : <PayoutView id={id} key={id} />
    case 'messages':
      return id === undefined ? <MessagesView /> : <MessageView id={id} key={id} />
    case 'virtual-accounts':
      return id === undefined ? <VirtualAccountsView /> : <VirtualAccountView id={id} key={id} />
    case 'requests':
      return id === undefined ? <RequestsView /> : <ExchangeView id={id} key={id} />
    case 'webhooks':
      if (id === undefined) return <WebhooksView />
      return more === 'deliveries' && eventId !== undefined ? (
        <DeliveryView endpointId={id} eventId={eventId} key={eventId} />
      ) : (
        <EndpointView id={id} key={id} />
      )
    case 'events':
      return id === undefined ? <WebhooksView /> : <EventView id={id} key={id} />
    case 'faults':
      return <FaultsView />
    case 'clock':
      return <ClockView />
    case 'sandboxes':
      return <SandboxesView />
    case 'credentials':
      return <CredentialsView />
    default:
      return (
        <div>
          <ViewHead title="Page not found" />
          <Empty title="The console has no page at this address.">
            <a href={CONSOLE_PATH}>Go to the overview</a>
          </Empty>
        </div>
      )
  }
}

/** The console. */
export function App(): JSX.Element {
  const place = usePlace()
  const facts = useResource(controlReading('readFacts', {}))
  const clock = useResource(controlReading('readClock', {}))
  const [accountId, setAccountId] = useState<string>()
  const [messages, setMessages] = useState<readonly Message[]>([])
  // The sandbox's time at the last answer, continued by the page's clock.
  const clockReading = useRef<ClockReading>({ atMs: 0, timeMs: 0, rate: 0 })
  const isFirst = useRef(true)

  useEffect(listen, [])
  // Runs together with the new view, not after it is painted, so that immediate typing does not go to the previous
  // view.
  useLayoutEffect(() => {
    const [heading] = document.getElementsByTagName('h1')
    const [link] = document.querySelectorAll<HTMLElement>('.views [aria-current]')
    const strip = link?.closest('ul')
    // On a phone the links to the views are a strip, which scrolls to the link of the current view.
    if (link && strip)
      strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.clientWidth) * 0.5
    // Not on the first page, because a new reader starts at its top.
    if (isFirst.current) isFirst.current = false
    else {
      heading?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
  }, [place.visit])

  const state = clock.answer?.clock
  // Set before the first rendering, which needs it.
  if (state !== undefined && clockReading.current.state !== state) {
    clockReading.current = {
      atMs: performance.now(),
      timeMs: state.time_ms,
      rate: state.rate,
      state,
    }
  }

  const say: Console['say'] = (text, tone = 'good') => {
    const message = { id: performance.now(), text, tone }
    setMessages((before) => [...before.slice(-2), message])
    setTimeout(() => setMessages((before) => before.filter((one) => one !== message)), MESSAGE_MS)
  }
  const sandboxFacts = facts.answer?.facts
  const context: Console | undefined = sandboxFacts && {
    facts: sandboxFacts,
    accountId: accountId ?? sandboxFacts.account_id,
    setAccountId,
    say,
    clock: state,
    nowMs: () => {
      const { atMs, rate, timeMs } = clockReading.current
      return timeMs + (performance.now() - atMs) * rate
    },
  }
  const [part = ''] = place.parts
  // The view of an event belongs to the webhooks.
  const viewName = part === 'events' ? 'webhooks' : part
  const isCutOff = [facts, clock].some(({ error }) => error instanceof ApiConnectionError)

  return (
    <ConsoleContext.Provider value={context}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="name" href={CONSOLE_PATH}>
          <span class="tile" aria-hidden="true">
            P
          </span>
          <span>Paydesk console</span>
        </a>
        {sandboxFacts && (
          <span class="tag">{sandboxFacts.name === 'main' ? 'Sandbox' : sandboxFacts.name}</span>
        )}
        {context && <TopTools context={context} />}
      </header>
      <nav class="views" aria-label="Views">
        <ul>
          {VIEWS.map(([path, title, icon]) => {
            const isHere = viewName === path
            return (
              <li key={path}>
                <a
                  href={path === '' ? CONSOLE_PATH : viewPath(path)}
                  aria-current={isHere ? 'page' : undefined}
                >
                  <Icon name={icon} />
                  {title}
                </a>
              </li>
            )
          })}
        </ul>
      </nav>
      <main id="main" tabIndex={-1}>
        {isCutOff && (
          <p class="notice bad cut-off" role="alert">
            The sandbox does not respond. The page may be out of date. Check that the sandbox is
            running.
          </p>
        )}
        {context === undefined || state === undefined ? (
          <div>
            <h1 tabIndex={-1}>Console</h1>
            <Loading />
          </div>
        ) : (
          viewOf(place)
        )}
      </main>
      <div class="messages" role="status" aria-live="polite">
        {messages.map(({ id, text, tone }) => (
          <p key={id} class={tone}>
            {text}
          </p>
        ))}
      </div>
    </ConsoleContext.Provider>
  )
}

type ClockReading = {
  readonly atMs: number
  readonly timeMs: number
  readonly rate: number
  readonly state?: ClockState
}
type Message = { readonly id: number; readonly text: string; readonly tone: 'good' | 'bad' }

/** The controls above all views: the account and the clock. */
function TopTools({ context }: { readonly context: Console }): JSX.Element {
  const { accountId, clock, facts, nowMs, setAccountId } = context
  const [, tick] = useState(0)
  useEffect(() => {
    const ticking = setInterval(() => tick((count) => count + 1), 1_000)
    return () => clearInterval(ticking)
  }, [])
  return (
    <div class="tools">
      {clock && (
        <a class="now" href={viewPath('clock')}>
          <Icon name="clock" />
          <span class="hidden">{'The sandbox’s clock: '}</span>
          <span>
            {showTime(nowMs())}
            {clock.is_frozen && <em>{' frozen'}</em>}
          </span>
        </a>
      )}
      <Search />
      <ThemeSelect />
      <label>
        <span class="hidden">Account</span>
        <select
          value={accountId}
          onChange={(event: Event) =>
            setAccountId((event.currentTarget as HTMLSelectElement).value)
          }
        >
          <option value={facts.account_id}>{`IN ${facts.account_id}`}</option>
          <option value={facts.us_account_id}>{`US ${facts.us_account_id}`}</option>
        </select>
      </label>
    </div>
  )
}

const THEME_TITLES = { system: 'System theme', light: 'Light', dark: 'Dark' } as const

/** The choice of the theme. */
function ThemeSelect(): JSX.Element {
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <label>
      <span class="hidden">Theme</span>
      <select
        value={theme}
        onChange={(event: Event) => {
          const { value } = event.currentTarget as HTMLSelectElement
          const choice = THEMES.find((one) => one === value) ?? 'system'
          chooseTheme(choice)
          setTheme(choice)
        }}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {THEME_TITLES[one]}
          </option>
        ))}
      </select>
    </label>
  )
}

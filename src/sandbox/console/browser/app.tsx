import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Console, ConsoleContext } from '../../../console/browser/context.ts'
import { CustomersView } from '../../../console/browser/customers-view.tsx'
import { Icon } from '../../../console/browser/icons.tsx'
import { listen, useResource } from '../../../console/browser/live.ts'
import { MandatesView } from '../../../console/browser/mandates-view.tsx'
import { Empty, ViewHead } from '../../../console/browser/parts.tsx'
import { CONSOLE_PATH, type Place, usePlace, viewPath } from '../../../console/browser/router.tsx'
import { Search } from '../../../console/browser/search-dialog.tsx'
import { type NamedView, Shell, ThemeSelect, useMessages } from '../../../console/browser/shell.tsx'
import { showTime } from '../../../console/browser/show.ts'
import { VirtualAccountsView } from '../../../console/browser/virtual-accounts-view.tsx'
import { ClockView } from './clock-view.tsx'
import { CredentialsView } from './credentials-view.tsx'
import { SandboxCustomer } from './customers-view.tsx'
import { SandboxDelivery } from './delivery-view.tsx'
import { SandboxEndpoint } from './endpoint-view.tsx'
import { SandboxEvent } from './event-view.tsx'
import { FaultsView } from './faults-view.tsx'
import { SandboxLink, SandboxLinks } from './links-view.tsx'
import { SandboxMandate } from './mandates-view.tsx'
import { MessagesView, MessageView } from './messages-view.tsx'
import { OverviewView } from './overview-view.tsx'
import { SandboxPayment, SandboxPayments } from './payments-view.tsx'
import { SandboxPayout, SandboxPayouts } from './payouts-view.tsx'
import { ExchangeView, RequestsView } from './requests-view.tsx'
import { type SandboxConsole, SandboxContext } from './sandbox-context.ts'
import { SandboxesView } from './sandboxes-view.tsx'
import { ApiConnectionError, controlReading, STREAM_PATH } from './server.ts'
import { SandboxSession, SandboxSessions } from './sessions-view.tsx'
import { SandboxVirtualAccount } from './virtual-accounts-view.tsx'
import { SandboxWebhooks } from './webhooks-view.tsx'
import type { ClockState } from './wire.ts'

/** The poll interval for changes that the stream does not report, such as those by the control API. */
const POLL_MS = 8_000

const VIEWS: readonly NamedView[] = [
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

function viewOf({ parts: [view = '', id, more, eventId] }: Place): ComponentChildren {
  switch (view) {
    case '':
      return <OverviewView />
    case 'sessions':
      return id === undefined ? <SandboxSessions /> : <SandboxSession id={id} key={id} />
    case 'links':
      return id === undefined ? <SandboxLinks /> : <SandboxLink id={id} key={id} />
    case 'payments':
      return id === undefined ? <SandboxPayments /> : <SandboxPayment id={id} key={id} />
    case 'customers':
      return id === undefined ? <CustomersView /> : <SandboxCustomer id={id} key={id} />
    case 'mandates':
      return id === undefined ? <MandatesView /> : <SandboxMandate id={id} key={id} />
    case 'payouts':
      return id === undefined ? <SandboxPayouts /> : <SandboxPayout id={id} key={id} />
    case 'messages':
      return id === undefined ? <MessagesView /> : <MessageView id={id} key={id} />
    case 'virtual-accounts':
      return id === undefined ? <VirtualAccountsView /> : <SandboxVirtualAccount id={id} key={id} />
    case 'requests':
      return id === undefined ? <RequestsView /> : <ExchangeView id={id} key={id} />
    case 'webhooks':
      if (id === undefined) return <SandboxWebhooks />
      return more === 'deliveries' && eventId !== undefined ? (
        <SandboxDelivery endpointId={id} eventId={eventId} key={eventId} />
      ) : (
        <SandboxEndpoint id={id} key={id} />
      )
    case 'events':
      return id === undefined ? <SandboxWebhooks /> : <SandboxEvent id={id} key={id} />
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
  const [messages, say] = useMessages()
  // The sandbox's time at the last answer, continued by the page's clock.
  const clockReading = useRef<ClockReading>({ atMs: 0, timeMs: 0, rate: 0 })

  useEffect(() => listen(STREAM_PATH, POLL_MS), [])

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

  const sandboxFacts = facts.answer?.facts
  const sandbox: SandboxConsole | undefined = sandboxFacts && { facts: sandboxFacts, clock: state }
  const context: Console | undefined = sandboxFacts && {
    accountId: accountId ?? sandboxFacts.account_id,
    setAccountId,
    edition: accountId === sandboxFacts.us_account_id ? 'US' : 'IN',
    may: () => true,
    isLive: false,
    say,
    nowMs: () => {
      const { atMs, rate, timeMs } = clockReading.current
      return timeMs + (performance.now() - atMs) * rate
    },
  }
  const isCutOff = [facts, clock].some(({ error }) => error instanceof ApiConnectionError)

  return (
    <ConsoleContext.Provider value={context}>
      <SandboxContext.Provider value={sandbox}>
        <Shell
          name="Paydesk console"
          place={place}
          views={VIEWS}
          messages={messages}
          tag={
            sandboxFacts && (
              <span class="tag">
                {sandboxFacts.name === 'main' ? 'Sandbox' : sandboxFacts.name}
              </span>
            )
          }
          tools={context && sandbox && <TopTools context={context} sandbox={sandbox} />}
          notice={
            isCutOff &&
            'The sandbox does not respond. The page may be out of date. Check that the sandbox is running.'
          }
        >
          {context !== undefined && state !== undefined ? viewOf(place) : undefined}
        </Shell>
      </SandboxContext.Provider>
    </ConsoleContext.Provider>
  )
}

type ClockReading = {
  readonly atMs: number
  readonly timeMs: number
  readonly rate: number
  readonly state?: ClockState
}

function TopTools({
  context: { accountId, nowMs, setAccountId },
  sandbox: { clock, facts },
}: {
  readonly context: Console
  readonly sandbox: SandboxConsole
}): JSX.Element {
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
      <Search
        readingOf={(text) => controlReading('search', { query: { text } })}
        hint="An id, URL of a page, account number, reference, invoice number, e-mail address, phone number, amount or description"
        views={VIEWS.map(([path, title]) => ({ title, href: viewPath(path) }))}
        onOpen={({ account_id: id }) => {
          if (id !== undefined) setAccountId(id)
        }}
        hasAccountInAddress={false}
      />
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

import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Console } from './context.ts'
import { Icon, type IconName } from './icons.tsx'
import { Loading } from './parts.tsx'
import { CONSOLE_PATH, type Place, viewPath } from './router.tsx'
import { showCount, text } from './text.ts'
import { chooseTheme, chosenTheme, THEMES } from './theme.ts'

/** A view in the navigation. */
export type NamedView = readonly [
  path: string,
  title: string,
  icon: IconName,
  /** The number of things that wait for the operator there. */
  waitingCount?: number | undefined,
]

type Message = {
  readonly id: number
  readonly text: string
  readonly tone: 'good' | 'bad'
  readonly language: 'en' | undefined
}

/** The display time of a message. */
const MESSAGE_MS = 7_000

/** Keeps the messages of actions for their display time. Returns them, and the function that adds one. */
export function useMessages(): readonly [readonly Message[], Console['say']] {
  const [messages, setMessages] = useState<readonly Message[]>([])
  const say: Console['say'] = (sentence, tone = 'good', language = undefined) => {
    const message = { id: performance.now(), text: sentence, tone, language }
    setMessages((before) => [...before.slice(-2), message])
    setTimeout(() => setMessages((before) => before.filter((one) => one !== message)), MESSAGE_MS)
  }
  return [messages, say]
}

/** The frame of all views. */
export function Shell({
  children,
  messages,
  name,
  notice,
  place,
  tag,
  tools,
  views,
}: {
  readonly name: string
  readonly tag?: ComponentChildren
  readonly tools?: ComponentChildren
  readonly views: readonly NamedView[]
  readonly place: Place
  /** A warning above the view. */
  readonly notice?: ComponentChildren
  readonly messages: readonly Message[]
  /** Undefined: the page is loading. */
  readonly children: ComponentChildren
}): JSX.Element {
  useNewView(place)
  const [part = ''] = place.parts
  // The view of an event belongs to the webhooks.
  const viewName = part === 'events' ? 'webhooks' : part
  return (
    <>
      <a class="skip" href="#main">
        {text('Skip to the content')}
      </a>
      <header class="top">
        <a class="name" href={CONSOLE_PATH}>
          <span class="tile" aria-hidden="true">
            P
          </span>
          <span>{name}</span>
        </a>
        {tag}
        {tools}
      </header>
      <nav class="views" aria-label={text('Views')}>
        <ul>
          {views.map(([path, title, icon, waitingCount = 0]) => (
            <li key={path}>
              <a
                href={path === '' ? CONSOLE_PATH : viewPath(path)}
                aria-current={viewName === path ? 'page' : undefined}
              >
                <Icon name={icon} />
                {title}
                {waitingCount > 0 && (
                  <span class="count">
                    {showCount(waitingCount)} <span class="hidden">{text('waiting')}</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" tabIndex={-1}>
        {notice && (
          <p class="notice bad cut-off" role="alert">
            {notice}
          </p>
        )}
        {children ?? (
          <div>
            <h1 tabIndex={-1}>{text('Console')}</h1>
            <Loading />
          </div>
        )}
      </main>
      <div class="messages" role="status" aria-live="polite">
        {messages.map(({ id, language, text: sentence, tone }) => (
          <p key={id} class={tone} lang={language} dir="auto">
            {sentence}
          </p>
        ))}
      </div>
    </>
  )
}

/** Moves the focus to a new view as soon as the view is there, so that immediate typing does not go to the old view. */
function useNewView({ visit }: Place): void {
  const isFirst = useRef(true)
  useLayoutEffect(() => {
    const [heading] = document.getElementsByTagName('h1')
    const [link] = document.querySelectorAll<HTMLElement>('.views [aria-current]')
    const strip = link?.closest('ul')
    // On a phone the links to the views are a strip, which scrolls to the link of the current view.
    if (link && strip)
      strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.clientWidth) * 0.5
    // On the first page the focus stays, because a new reader starts at the top.
    if (isFirst.current) isFirst.current = false
    else {
      heading?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
  }, [visit])
}

const THEME_TITLES = { system: 'System theme', light: 'Light', dark: 'Dark' } as const

/** The choice of the theme. */
export function ThemeSelect(): JSX.Element {
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <label>
      <span class="hidden">{text('Theme')}</span>
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
            {text(THEME_TITLES[one])}
          </option>
        ))}
      </select>
    </label>
  )
}

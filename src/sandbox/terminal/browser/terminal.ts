/**
 * The script of a terminal's page: it shows a new amount without a reload, and the remaining time.
 */

const POLL_MS = 1_000

type Answer = {
  readonly terminal: {
    readonly state: string
    readonly payments_sessions: readonly {
      readonly payments_session_id: string
      readonly seconds_left: number
    }[]
  }
}

const main = document.querySelector('main')
const shownId = document.querySelector<HTMLInputElement>('input[name=payments_session_id]')?.value
const path = location.pathname
const terminalId = path.slice(path.lastIndexOf('/') + 1)

function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

function showTime(seconds: number): void {
  const text = document.querySelector('#left')
  const bar = document.querySelector<HTMLProgressElement>('#left-bar')
  if (text !== null) text.textContent = clockText(seconds)
  if (bar !== null) bar.value = seconds
}

/** True after the press of a button: the result is on its way, and a reload would cancel it. */
let isSubmitted = false
addEventListener('submit', () => {
  isSubmitted = true
})
// The browser's Back shows the page again as it was.
addEventListener('pageshow', () => {
  isSubmitted = false
})

async function look(): Promise<void> {
  if (document.hidden || main === null) return
  const response = await fetch(`../terminals/${terminalId}`)
  if (!response.ok) return
  const { terminal } = (await response.json()) as Answer
  if (isSubmitted) return
  if (terminal.state !== main.dataset.state) {
    // A new page starts without the result of the last payment.
    location.replace(path)
    return
  }
  const shownSession = terminal.payments_sessions.find((one) => one.payments_session_id === shownId)
  if (shownSession !== undefined) showTime(shownSession.seconds_left)
}

setInterval(() => {
  // A sandbox that is restarted answers again later.
  look().catch(() => {})
}, POLL_MS)

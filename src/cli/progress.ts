import type { Clock } from '../domain/clock.ts'
import { terminalLines } from '../domain/terminal-text.ts'
import { steadyClock } from '../server/clock.ts'

/** The state of long work after one of its steps. */
export type WorkStep = {
  /** The state in words, such as `12,000 rows`. */
  readonly text: string
  /** The finished part of the work, from 0 to 1. Undefined: the end is not known. */
  readonly share?: number
  /** The finished items, if the end is not known. */
  readonly count?: number
}

/**
 * The progress of a command on the error output, beside the result on the standard output. A terminal shows the last
 * state in one changing line. A log gets lines only after some seconds, so that short work leaves none. The first line
 * of a part names the part; then a line follows at each tenth or after many items.
 */
export type Progress = {
  /** Begins a part of the work, such as `comparing the ledger with the payments`. Its steps may take long. */
  readonly begin: (part: string) => void
  /** Shows the state after a step. It may be called as often as the work has steps. */
  readonly show: (step: WorkStep) => void
  /** Removes the changing line of a terminal. Call it before the command prints its result or an error. */
  readonly end: () => void
}

/** The output of a progress: a terminal, a file or a pipe. */
export type ProgressOutput = {
  readonly columns?: number
  readonly isTTY?: boolean
  readonly write: (text: string) => unknown
}

/** The shortest time between two changes of the line on a terminal. */
const CHANGE_MS = 100
/** The time after which a log gets lines of steps. */
const SHORT_WORK_MS = 2_000
/** The longest time between two lines of a log while there are steps. */
const SILENCE_MS_MAX = 60_000
/** The number of items between two lines of a log. */
const LINE_COUNT = 100_000
/** The number of equal parts of work with a known end. A log gets a line after each part. */
const LINE_PARTS = 10
/** The minimum elapsed time and the minimum finished part for an estimate of the time left. */
const ESTIMATE_FROM = { elapsedMs: 5_000, share: 0.02 } as const
const PERCENT = 100
/** The columns of a terminal with an unknown width. */
const COLUMN_COUNT = 80

/** Makes the progress of a command. `isHidden`: it shows nothing, because rows on the same terminal would mix with it. */
export function createProgress(
  isHidden = false,
  output: ProgressOutput = process.stderr,
  clock: Clock = steadyClock,
): Progress {
  if (isHidden) return { begin: () => {}, show: () => {}, end: () => {} }
  return output.isTTY === true ? terminalProgress(output, clock) : logProgress(output, clock)
}

function terminalProgress(output: ProgressOutput, clock: Clock): Progress {
  const startedAtMs = clock.nowMs()
  let part: string | undefined
  let changedAtMs: number | undefined
  const change = (text: string) => {
    // A longer line would wrap, and its first row would stay.
    const cut = terminalLines(text).slice(0, (output.columns ?? COLUMN_COUNT) - 1)
    output.write(`\r\x1b[K${cut}`)
    changedAtMs = clock.nowMs()
  }
  return {
    begin: (newPart) => {
      part = newPart
      change(newPart)
    },
    show: (step) => {
      const nowMs = clock.nowMs()
      if (changedAtMs !== undefined && nowMs - changedAtMs < CHANGE_MS) return
      const leftText = timeLeft(step.share, nowMs - startedAtMs)
      change([part, `${stepText(step)}${leftText}`].filter(Boolean).join(': '))
    },
    end: () => {
      if (changedAtMs !== undefined) output.write('\r\x1b[K')
      changedAtMs = undefined
    },
  }
}

function logProgress(output: ProgressOutput, clock: Clock): Progress {
  const startedAtMs = clock.nowMs()
  let writtenAtMs = startedAtMs
  let reachedShare = 0
  // The part that has begun, while the log does not show it.
  let hiddenPart: string | undefined
  const write = (text: string) => {
    output.write(`${terminalLines(text)}\n`)
    writtenAtMs = clock.nowMs()
  }
  const isShort = () => clock.nowMs() - startedAtMs < SHORT_WORK_MS
  return {
    begin: (part) => {
      if (isShort()) {
        hiddenPart = part
        return
      }
      hiddenPart = undefined
      write(part)
    },
    show: (step) => {
      if (isShort()) return
      if (hiddenPart !== undefined) write(hiddenPart)
      hiddenPart = undefined
      const nowMs = clock.nowMs()
      const position = Math.floor(
        step.share === undefined ? (step.count ?? 0) / LINE_COUNT : step.share * LINE_PARTS,
      )
      if (position <= reachedShare && nowMs - writtenAtMs < SILENCE_MS_MAX) return
      reachedShare = Math.max(reachedShare, position)
      write(stepText(step))
    },
    end: () => {},
  }
}

function stepText({ share, text }: WorkStep): string {
  return share === undefined ? text : `${Math.floor(share * PERCENT)}%, ${text}`
}

/** Writes an estimate, such as `, about 3 min left`. Empty as long as it would be a guess. */
function timeLeft(share: number | undefined, elapsedMs: number): string {
  if (share === undefined || share < ESTIMATE_FROM.share || elapsedMs < ESTIMATE_FROM.elapsedMs) {
    return ''
  }
  const seconds = Math.ceil(((elapsedMs / share) * (1 - share)) / 1_000)
  return `, about ${seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`} left`
}

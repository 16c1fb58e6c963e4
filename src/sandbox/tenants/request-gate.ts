import { clearTimeout, setTimeout } from 'node:timers'
import { waitAtMost } from '../../server/wait-at-most.ts'

/** The gate for the requests of one tenant. */
export type RequestGate = {
  /**
   * Lets a request in. Returns undefined if it is inside at once. If the gate is closed, returns a promise, which
   * resolves to true when the request is inside, and to false after the longest wait or when the tenant is deleted.
   */
  readonly enter: () => Promise<boolean> | undefined
  /** Lets a request in if the gate is open. False: it is not inside. */
  readonly enterIfOpen: () => boolean
  readonly leave: () => void
  readonly insideCount: () => number
  /**
   * Keeps new requests outside, waits until no request is inside, does the work, and lets the waiting requests in.
   * Calls run one after the other. Throws RequestsUnderWay if requests do not end, and SandboxGone if the tenant is
   * deleted.
   */
  readonly closeFor: <Result>(work: () => Promise<Result>, drainMs?: number) => Promise<Result>
  /** Refuses the waiting requests, and all later ones. */
  readonly closeForGood: () => void
}

/** Requests inside the gate did not end. Nothing was done. */
export class RequestsUnderWay extends Error {}
/** The tenant was deleted. */
export class SandboxGone extends Error {}

/** The longest wait of a request in front of a closed gate, in milliseconds of real time. */
const WAIT_MS_MAX = 15_000
/** The longest wait for requests inside to end: more than the longest `--processor-timeout`. */
const DRAIN_MS_MAX = 60_000

/** Makes an open gate. */
export function createRequestGate(waitMs = WAIT_MS_MAX): RequestGate {
  let insideCount = 0
  let isGone = false
  /** Resolves when the gate opens. Undefined: the gate is open. */
  let opening: PromiseWithResolvers<void> | undefined
  let emptying: PromiseWithResolvers<void> | undefined
  let turns: Promise<unknown> = Promise.resolve()

  async function waitOutside(): Promise<boolean> {
    const deadline = Promise.withResolvers<false>()
    const timer = setTimeout(() => deadline.resolve(false), waitMs)
    try {
      while (opening !== undefined && !isGone) {
        const isOpen = await Promise.race([opening.promise.then(() => true), deadline.promise])
        if (!isOpen) return false
      }
    } finally {
      clearTimeout(timer)
    }
    if (isGone) return false
    insideCount += 1
    return true
  }

  async function drain(drainMs: number): Promise<void> {
    if (insideCount === 0) return
    emptying = Promise.withResolvers()
    try {
      const late = () => new RequestsUnderWay('requests do not end')
      await waitAtMost(emptying.promise, drainMs, late)
    } finally {
      emptying = undefined
    }
  }

  async function closeOnce<Result>(work: () => Promise<Result>, drainMs: number): Promise<Result> {
    if (isGone) throw new SandboxGone('the tenant was deleted')
    opening = Promise.withResolvers()
    try {
      await drain(drainMs)
      return await work()
    } finally {
      const { resolve } = opening
      opening = undefined
      resolve()
    }
  }

  function enterIfOpen(): boolean {
    if (opening !== undefined || isGone) return false
    insideCount += 1
    return true
  }

  return {
    enter: () => (enterIfOpen() ? undefined : waitOutside()),
    enterIfOpen,
    leave: () => {
      insideCount -= 1
      if (insideCount === 0) emptying?.resolve()
    },
    insideCount: () => insideCount,
    closeFor: (work, drainMs = DRAIN_MS_MAX) => {
      const turn = turns.then(() => closeOnce(work, drainMs))
      turns = turn.catch(() => {})
      return turn
    },
    closeForGood: () => {
      isGone = true
      opening?.resolve()
    },
  }
}

import type { Clock } from '../../domain/clock.ts'
import { scrubPath } from './scrub.ts'

/**
 * The header in the calls of a program that polls events, such as `paydesk webhook listen`. A
 * sandbox keeps these calls out of its request log, and shows the program as a receiver instead.
 */
export const LISTENER_HEADER = 'x-paydesk-listener'

/** The facts in the header, which a listener sends about itself. */
export type ListenerFacts = {
  /** Random, for this run of the program. */
  readonly id: string
  /** The receiver of the forwarded events. Undefined: the program only shows them. */
  readonly forwardTo?: string | undefined
}

/** A program that reads events. */
export type Listener = ListenerFacts & {
  /** False: the program has made no call for some seconds. */
  readonly isRunning: boolean
  /** The events that it has read, the last ones first. */
  readonly eventIds: readonly string[]
}

/** The listeners of one tenant. */
export type Listeners = {
  /** Notes a call of a listener, with the event that it read, if any. */
  readonly note: (listener: ListenerFacts, eventId: string | undefined) => void
  /** The newest first. */
  readonly list: () => readonly Listener[]
}

/**
 * A listener counts as running for this time after its last call, in milliseconds of real time. Listeners call each
 * second.
 */
const SILENCE_MS_MAX = 5_000
const LISTENER_COUNT_MAX = 20
/** The largest number of events of one listener that are remembered. */
const EVENT_COUNT_MAX = 500
/** The longest value of the header, in characters. */
const HEADER_LENGTH_MAX = 500

/** Writes the header's value. */
export function listenerHeader({ forwardTo, id }: ListenerFacts): string {
  return new URLSearchParams({
    id,
    ...(forwardTo !== undefined && { forward_to: scrubPath(forwardTo) }),
  }).toString()
}

/** Undefined: there is no header, or its value is not a listener's. */
export function parseListenerHeader(value: unknown): ListenerFacts | undefined {
  if (typeof value !== 'string' || value.length > HEADER_LENGTH_MAX) return undefined
  const fields = new URLSearchParams(value)
  const id = fields.get('id') ?? ''
  if (!/^[\w-]{1,40}$/.test(id)) return undefined
  const forwardTo = fields.get('forward_to')
  return forwardTo === null ? { id } : { id, forwardTo: scrubPath(forwardTo) }
}

/** Makes an empty list of listeners. `steady`: a monotonic clock. */
export function createListeners(steady: Clock): Listeners {
  const listeners = new Map<string, { facts: ListenerFacts; seenMs: number; eventIds: string[] }>()
  return {
    note: (facts, eventId) => {
      const before = listeners.get(facts.id)?.eventIds ?? []
      const eventIds =
        eventId === undefined || before.includes(eventId)
          ? before
          : [eventId, ...before.slice(0, EVENT_COUNT_MAX - 1)]
      listeners.delete(facts.id)
      listeners.set(facts.id, { facts, seenMs: steady.nowMs(), eventIds })
      const [oldestId] = listeners.keys()
      if (listeners.size > LISTENER_COUNT_MAX && oldestId !== undefined) listeners.delete(oldestId)
    },
    list: () =>
      [...listeners.values()].toReversed().map(({ eventIds, facts, seenMs }) => ({
        ...facts,
        eventIds,
        isRunning: steady.nowMs() - seenMs <= SILENCE_MS_MAX,
      })),
  }
}

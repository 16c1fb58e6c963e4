import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, type PaydeskError, STREAM_PATH } from './server.ts'

/** What happens within this time is shown at once, in milliseconds. */
const GATHER_MS = 250
/** Changes that nothing tells of, such as those by the control API, are seen after this, in milliseconds. */
const LOOK_MS = 8_000

const listeners = new Set<() => void>()
let isGathering = false

/** Has everything that is shown asked for again, soon. */
export function refresh(): void {
  if (isGathering) return
  isGathering = true
  setTimeout(() => {
    isGathering = false
    for (const listener of listeners) listener()
  }, GATHER_MS)
}

/** Listens to what happens in the sandbox while the page is open. */
export function listen(): () => void {
  const source = new EventSource(STREAM_PATH)
  source.onmessage = refresh
  source.onopen = refresh
  source.onerror = refresh
  const look = setInterval(() => {
    if (document.visibilityState === 'visible') refresh()
  }, LOOK_MS)
  document.addEventListener('visibilitychange', refresh)
  return () => {
    source.close()
    clearInterval(look)
    document.removeEventListener('visibilitychange', refresh)
  }
}

/** What was asked for. What was there before stays until something new has come. */
export type Resource<Answer> = {
  readonly answer: Answer | undefined
  readonly error: PaydeskError | undefined
  readonly isLoading: boolean
  readonly reload: () => void
}

/** Asks for something, and again whenever something may have changed. Undefined: for nothing. */
export function useResource<Answer>(path: string | undefined): Resource<Answer> {
  const [held, setHeld] = useState<{
    readonly path: string
    readonly text?: string
    readonly answer?: Answer
    readonly error?: PaydeskError
  }>()
  const [isLoading, setLoading] = useState(true)
  const loadRef = useRef(() => {})

  useEffect(() => {
    if (path === undefined) return undefined
    let isGone = false
    let isAsking = false
    let isWanted = false
    const load = async () => {
      // One after the other, so that an older answer never comes over a newer one.
      if (isAsking) {
        isWanted = true
        return
      }
      isAsking = true
      try {
        const answer = await ask<Answer>('GET', path)
        const text = JSON.stringify(answer)
        if (!isGone) {
          // The same answer leaves all as it is: what is read is not drawn anew.
          setHeld((before) =>
            before?.path === path && before.text === text && before.error === undefined
              ? before
              : { path, text, answer },
          )
        }
      } catch (error) {
        if (!isGone) {
          setHeld((before) => ({
            path,
            error: error as PaydeskError,
            ...(before?.path === path && before.answer !== undefined && { answer: before.answer }),
          }))
        }
      }
      isAsking = false
      if (isGone) return
      setLoading(false)
      if (isWanted) {
        isWanted = false
        void load()
      }
    }
    loadRef.current = () => void load()
    const again = () => void load()
    listeners.add(again)
    setLoading(true)
    void load()
    return () => {
      isGone = true
      listeners.delete(again)
    }
  }, [path])

  // Of another path nothing is shown: it could be taken for what was asked for.
  const isOfPath = held !== undefined && held.path === path
  return {
    answer: isOfPath ? held.answer : undefined,
    error: isOfPath ? held.error : undefined,
    isLoading: isLoading || !isOfPath,
    reload: () => loadRef.current(),
  }
}

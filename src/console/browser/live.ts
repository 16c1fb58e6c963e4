import { useEffect, useRef, useState } from 'preact/hooks'
import type { PaydeskError, Reading } from './connection.ts'

/** Changes within this time are shown together. */
const GATHER_MS = 250
const listeners = new Set<() => void>()
let isGathering = false

/** Reloads all shown resources soon. */
export function refresh(): void {
  if (isGathering) return
  isGathering = true
  setTimeout(() => {
    isGathering = false
    for (const listener of listeners) listener()
  }, GATHER_MS)
}

let ownChangeCount = 0

/** Reloads all shown resources after a change by this page. Lists then show new rows at once. */
export function refreshAfterChange(): void {
  ownChangeCount += 1
  refresh()
}

/** Returns the number of changes by this page. */
export function countOwnChanges(): number {
  return ownChangeCount
}

/**
 * Listens to the changes that a stream of the server reports, while the page is visible: browsers limit the connections of
 * all windows together. `pollMs`: the interval of reads for changes that the stream does not report.
 */
export function listen(streamPath: string, pollMs: number): () => void {
  let source: EventSource | undefined
  const follow = () => {
    source?.close()
    source = undefined
    if (document.visibilityState !== 'visible') return
    source = new EventSource(streamPath)
    source.onmessage = refresh
    source.onopen = refresh
    source.onerror = refresh
  }
  const look = setInterval(() => {
    if (document.visibilityState === 'visible') refresh()
  }, pollMs)
  follow()
  document.addEventListener('visibilitychange', follow)
  return () => {
    source?.close()
    clearInterval(look)
    document.removeEventListener('visibilitychange', follow)
  }
}

/** The old answer stays until a new one arrives. */
type Resource<Answer> = {
  readonly answer: Answer | undefined
  readonly error: PaydeskError | undefined
  readonly isLoading: boolean
  readonly reload: () => void
}

/** Loads a resource, and loads it again after each possible change. Undefined: loads nothing. */
export function useResource<Answer>(reading: Reading<Answer> | undefined): Resource<Answer> {
  const key = reading?.key
  const [outcome, setOutcome] = useState<{
    readonly key: string
    readonly text?: string
    readonly answer?: Answer
    readonly error?: PaydeskError
  }>()
  const [isLoading, setLoading] = useState(true)
  const loadRef = useRef(() => {})

  useEffect(() => {
    if (reading === undefined) return undefined
    let isGone = false
    let isAsking = false
    let isWanted = false
    const load = async () => {
      // Only one read runs at a time, so that an older answer never replaces a newer one.
      if (isAsking) {
        isWanted = true
        return
      }
      isAsking = true
      try {
        const answer = await reading.readAnswer()
        const text = JSON.stringify(answer)
        if (!isGone) {
          // An equal answer changes nothing, so the reader's view is not redrawn.
          setOutcome((before) =>
            before?.key === reading.key && before.text === text && before.error === undefined
              ? before
              : { key: reading.key, text, answer },
          )
        }
      } catch (error) {
        if (!isGone) {
          setOutcome((before) => ({
            key: reading.key,
            error: error as PaydeskError,
            ...(before?.key === reading.key &&
              before.answer !== undefined && { answer: before.answer }),
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
  }, [key])

  // An answer to another read is not shown, because it could be mistaken for this read's answer.
  const isOfRead = outcome !== undefined && outcome.key === key
  return {
    answer: isOfRead ? outcome.answer : undefined,
    error: isOfRead ? outcome.error : undefined,
    isLoading: isLoading || !isOfRead,
    reload: () => loadRef.current(),
  }
}

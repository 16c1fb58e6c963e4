import type { JSX } from 'preact'
import { EventView } from '../../../console/browser/event-view.tsx'
import { useResource } from '../../../console/browser/live.ts'
import { controlReading } from './server.ts'

/** One event, with the running `paydesk webhook listen` that reads it. */
export function SandboxEvent({ id }: { readonly id: string }): JSX.Element {
  const { answer } = useResource(controlReading('listListeners', {}))
  return <EventView id={id} listeners={answer?.listeners ?? []} />
}

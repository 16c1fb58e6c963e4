import { waitAtMost } from '../../server/wait-at-most.ts'
import type { PausableWork } from './move-clock.ts'
import { type RequestGate, RequestsUnderWay, SandboxGone } from './request-gate.ts'
import { CopyRefused } from './snapshot.ts'

/** The longest wait for background work to end: one call to a processor can take 40 s. */
const PAUSE_MS_MAX = 60_000

/**
 * Does some work while a tenant has no background work and no requests. It pauses the background work, closes the
 * gate, and waits until no request is inside; new requests wait outside. Throws CopyRefused if work or requests do
 * not end.
 */
export async function standStill<Result>(
  {
    gate,
    work,
  }: { readonly gate: RequestGate; readonly work: Pick<PausableWork, 'pause' | 'resume'> },
  act: () => Promise<Result>,
  pauseMs = PAUSE_MS_MAX,
): Promise<Result> {
  try {
    await waitAtMost(work.pause(), pauseMs, workUnderWay)
    return await gate.closeFor(act)
  } catch (error) {
    if (error instanceof RequestsUnderWay) {
      throw new CopyRefused(
        `Requests to this sandbox are still in progress: ${gate.insideCount()}. The sandbox is unchanged. Please try again.`,
      )
    }
    if (error instanceof SandboxGone) throw new CopyRefused('This sandbox was deleted.')
    throw error
  } finally {
    work.resume()
  }
}

function workUnderWay(): CopyRefused {
  return new CopyRefused(
    'A webhook or a call to the processor is still in progress. The sandbox is unchanged. Please try again.',
  )
}

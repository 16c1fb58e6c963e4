import { inTime } from '../../server/in-time.ts'
import type { WorkInHand } from './move-clock.ts'
import { type RequestGate, RequestsUnderWay, SandboxGone } from './request-gate.ts'
import { CopyRefused } from './snapshot.ts'

/** The longest wait for background work to end, in milliseconds: one call of a processor can take 40 s. */
const PAUSE_MS_MAX = 60_000

/**
 * Does something with a sandbox that stands still: first its background work pauses, and then its gate
 * closes until no request is inside. Requests that come meanwhile wait. Throws CopyRefused when the
 * sandbox does not come to stand.
 */
export async function standStill<Result>(
  {
    gate,
    work,
  }: { readonly gate: RequestGate; readonly work: Pick<WorkInHand, 'pause' | 'resume'> },
  act: () => Promise<Result>,
  pauseMs = PAUSE_MS_MAX,
): Promise<Result> {
  try {
    await inTime(work.pause(), pauseMs, workUnderWay)
    return await gate.closeFor(act)
  } catch (error) {
    if (error instanceof RequestsUnderWay) {
      throw new CopyRefused(
        `${gate.insideCount()} requests to this sandbox are under way and do not end. The sandbox is as it was. Please try again.`,
      )
    }
    if (error instanceof SandboxGone) throw new CopyRefused('This sandbox was thrown away.')
    throw error
  } finally {
    work.resume()
  }
}

function workUnderWay(): CopyRefused {
  return new CopyRefused(
    'A webhook or a call of the processor is under way and does not end. The sandbox is as it was. Please try again.',
  )
}

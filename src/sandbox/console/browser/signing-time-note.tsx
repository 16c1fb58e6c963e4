import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { showDuration } from '../../../domain/duration.ts'
import { useSandbox } from './sandbox-context.ts'

/** The difference between sandbox and machine clock that receivers tolerate. */
const DIFFERENCE_MS_MAX = 60_000

/** Warns after a clock move that webhooks are signed with the sandbox's time, while receivers have the real time. */
export function SigningTimeNote(): JSX.Element | null {
  const { nowMs } = useConsole()
  const { clock, facts } = useSandbox()
  const differenceMs = clock === undefined ? 0 : Math.abs(nowMs() - Date.now())
  if (facts.webhook_time === 'real' || differenceMs <= DIFFERENCE_MS_MAX) return null
  return (
    <div class="notice calm" role="note">
      <p>
        {`The sandbox’s clock is ${showDuration(differenceMs)} away from this machine’s, and webhook signatures have the sandbox’s time. A receiver that compares `}
        <code>t</code>
        {
          ' with its own clock refuses the webhooks. Use the sandbox’s time in this check, or start the sandbox with '
        }
        <code>--webhook-time real</code>
        {'.'}
      </p>
    </div>
  )
}

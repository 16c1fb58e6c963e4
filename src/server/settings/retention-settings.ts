import {
  KEPT_DAYS_MAX,
  KEPT_DAYS_MIN,
  type PrunedKind,
  parseRetention,
  showRetention,
} from '../../domain/retention.ts'
import type { Defaults, Setting, SettingReading } from './setting.ts'
import { always } from './setting.ts'

type RetentionTime = { readonly keptMs: number | undefined }
type RetentionSetting = Setting<RetentionTime> & { readonly defaults: Defaults<RetentionTime> }

const DAY_MS = 24 * 60 * 60_000

const retention = (
  name: string,
  kind: PrunedKind,
  { defaultDays, description }: { readonly defaultDays?: number; readonly description: string },
): RetentionSetting => ({
  name,
  placeholder: '<days>',
  read: (text): SettingReading<RetentionTime> => {
    const value = parseRetention(text, kind)
    return value === undefined
      ? { mustBe: `a number of days from ${KEPT_DAYS_MIN[kind]}d to ${KEPT_DAYS_MAX}d, or forever` }
      : { value }
  },
  defaults: always({ keptMs: defaultDays === undefined ? undefined : defaultDays * DAY_MS }),
  show: ({ keptMs }) => showRetention(keptMs),
  description,
})

/** The times for which `paydesk prune` keeps rows. */
export const RETENTION_SETTINGS = {
  unpaid_sessions: retention('keep-unpaid-sessions', 'unpaid_sessions', {
    description:
      'How long unpaid payment sessions and their failed payments stay after the session’s expiry, such as 400d.',
  }),
  events: retention('keep-events', 'events', {
    description:
      'How long webhook events stay after their creation, such as 180d, together with their deliveries. An event with an open delivery stays.',
  }),
  delivery_attempts: retention('keep-delivery-attempts', 'delivery_attempts', {
    defaultDays: 30,
    description:
      'How long delivery attempts stay, with the answers of receivers. Only a time below 30d has an effect, because servers delete older attempts automatically.',
  }),
} as const satisfies Readonly<Record<PrunedKind, RetentionSetting>>

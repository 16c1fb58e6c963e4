import { amountOut, currencyText, envelope, secondsOut } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import { OVERVIEW_PERIODS } from '../domain/overview-period.ts'

/** The query of the overview. */
export const OverviewQuery = Type.Object({
  period: Type.Optional(
    Type.Enum([...OVERVIEW_PERIODS], {
      default: 'today',
      'x-expected': `one of ${OVERVIEW_PERIODS.join(', ')}`,
    }),
  ),
})

const outcomeCounts = {
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  waiting: Type.Integer(),
}
const classes = (what: string) =>
  Type.Array(
    Type.Object({
      up_to_ms: Type.Optional(
        Type.Integer({
          description:
            'The upper limit of the class. The last class has no limit and lacks this field.',
        }),
      ),
      count: Type.Integer(),
    }),
    { description: `The number of ${what} in each class, in the order of the upper limits.` },
  )

/** The answer with the figures of an account. */
export const OverviewAnswer = envelope(
  'overview',
  Type.Object({
    from_date: Type.String({
      description: 'The first day of the period, in the account’s calendar.',
    }),
    to_date: Type.String({ description: 'Today, in the account’s calendar.' }),
    utc_offset_minutes: Type.Integer({
      description: 'The offset from UTC of the account’s calendar, in minutes.',
    }),
    from_time: secondsOut('The start of the period.'),
    to_time: secondsOut('The end of the period: the present.'),
    counted_to_time: secondsOut(
      'The end of the counted time. If it is before `to_time`, the server is still counting newer payments and refunds.',
    ),
    payments: Type.Object({
      ...outcomeCounts,
      span_ms: Type.Integer({ description: 'An hour, or a day.' }),
      spans: Type.Array(
        Type.Object({ time_ms: Type.Integer({ description: 'The start.' }), ...outcomeCounts }),
      ),
    }),
    volume: Type.Array(
      Type.Object({
        currency: currencyText(),
        count: Type.Integer({ description: 'The number of successful payments.' }),
        amount: amountOut('The captured amount of the successful payments.'),
        amounts: Type.Array(amountOut('The captured amount of one span.')),
      }),
      { description: 'One entry for each currency, most successes first.' },
    ),
    methods: Type.Array(Type.Object({ method: Type.String(), ...outcomeCounts }), {
      description: 'The payments by method, the most frequent first.',
    }),
    failures: Type.Array(
      Type.Object({
        code: Type.String({ description: 'The code of the decline, or `approved_late`.' }),
        reason: Type.String({ description: 'A sentence.' }),
        count: Type.Integer(),
      }),
      { description: 'The failed payments by reason, the most frequent first.' },
    ),
    pay_times: Type.Object({
      count: Type.Integer({
        description:
          'The number of successful payments, without those of mandates, saved payment methods and virtual accounts.',
      }),
      median_up_to_ms: Type.Optional(
        Type.Integer({
          description:
            'The upper limit of the class that contains the median. Absent: `count` is 0, or the last class contains the median.',
        }),
      ),
      p95_up_to_ms: Type.Optional(Type.Integer()),
      classes: classes('these payments'),
    }),
    refunds: Type.Array(
      Type.Object({
        currency: currencyText(),
        outcome: Type.Enum(['succeeded', 'failed', 'waiting']),
        count: Type.Integer(),
        amount: amountOut('The sum of these refunds.'),
      }),
    ),
    open_work: Type.Array(
      Type.Object({
        kind: Type.Enum(['payment', 'refund', 'delivery', 'dispute']),
        ages: classes('open objects'),
        is_lower_bound: Type.Boolean({ description: 'True: there can be more.' }),
      }),
      { description: 'All open work by age, also from before the period.' },
    ),
  }),
)

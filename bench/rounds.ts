import type { Goal } from './report.ts'

/** A server or program that a benchmark compares with others. */
export type Contender = {
  readonly name: string
  readonly measure: (seconds: number) => Promise<Measurement>
}

export type Measurement = {
  /** Requests, rows or deliveries a second. */
  readonly perSecond: number
  /** CPU time of the server's process for one of them. Undefined: not measured. */
  readonly cpuMicros?: number | undefined
  /** CPU time of PostgreSQL's processes for one of them. Undefined: there is no PostgreSQL. */
  readonly databaseCpuMicros?: number | undefined
}

/** A contender's results, one for each round. */
export type Series = { readonly name: string; readonly perRound: readonly Measurement[] }

/** The number of concurrent requests, rows or reads. */
export const CONNECTION_COUNT = 64

/** The warm-up of each contender before the first measurement. */
const WARM_UP_SECONDS = 3

/**
 * Measures contenders in turns. A round has one measurement of each, so that other load on the machine affects all of
 * them. Every second round measures them in reverse order. `prepare` runs before each measurement.
 */
export async function measureInRounds(
  contenders: readonly Contender[],
  roundCount: number,
  seconds: number,
  prepare: () => Promise<void>,
): Promise<readonly Series[]> {
  const measuredContenders = contenders.map(({ name, measure }) => ({
    name,
    measure,
    perRound: [] as Measurement[],
  }))
  for (const { measure } of measuredContenders) {
    await prepare()
    await measure(Math.min(WARM_UP_SECONDS, seconds))
  }
  for (let round = 0; round < roundCount; round += 1) {
    for (const { measure, perRound } of round % 2 === 0
      ? measuredContenders
      : measuredContenders.toReversed()) {
      await prepare()
      perRound.push(await measure(seconds))
    }
  }
  return measuredContenders
}

/**
 * The median of the rounds' ratios of throughput. The measurements of one round share the state of the machine; the
 * medians of two contenders can come from different rounds.
 */
export function ratioOf(series: Series, base: Series): number {
  return medianRatio(series, base, ({ perSecond }) => perSecond)
}

/** The median of the rounds' ratios of CPU time for one request. */
export function cpuRatioOf(series: Series, base: Series): number {
  return medianRatio(series, base, ({ cpuMicros = Number.NaN }) => cpuMicros)
}

function medianRatio(series: Series, base: Series, figureOf: (one: Measurement) => number): number {
  return medianOf(
    series.perRound.map((one, round) => {
      const other = base.perRound[round]
      return other === undefined ? Number.NaN : figureOf(one) / figureOf(other)
    }),
  )
}

/** The median of the rounds' CPU time of the server's process for one request, in microseconds. NaN: not measured. */
export function cpuMicrosOf({ perRound }: Series): number {
  return medianOf(perRound.map(({ cpuMicros = Number.NaN }) => cpuMicros))
}

/** Returns the middle value, or the mean of the two middle values. NaN if there are no values, or if one is NaN. */
export function medianOf(values: readonly number[]): number {
  if (values.some(Number.isNaN)) return Number.NaN
  const sortedValues = values.toSorted((a, b) => a - b)
  const middle = (sortedValues.length - 1) / 2
  const valueAt = (index: number) => sortedValues[index] ?? Number.NaN
  return (valueAt(Math.floor(middle)) + valueAt(Math.ceil(middle))) / 2
}

/**
 * The goals of contenders that must reach a share of another contender's throughput. `subject`: benchmark and engine.
 */
export function ratioGoals(
  subject: string,
  all: readonly Series[],
  base: Series,
  ratioMin: number,
): readonly Goal[] {
  return all.map((series) => {
    const ratio = ratioOf(series, base)
    return {
      measured: `${subject}, ${series.name}: ${ratio.toFixed(2)} of ${base.name}`,
      limit: `at least ${ratioMin}`,
      isMet: ratio >= ratioMin,
    }
  })
}

/** Returns the cells of the median, the least and the greatest value, as whole numbers. */
export function spreadCells(values: readonly number[]): readonly string[] {
  return [medianOf(values), Math.min(...values), Math.max(...values)].map((value) =>
    Math.round(value).toLocaleString('en-US'),
  )
}

/**
 * Makes the table of a comparison, with ratios to one of the contenders. `unit`: the counted unit in the singular, such
 * as `request`.
 */
export function tableOf(
  all: readonly Series[],
  base: Series,
  unit: string,
): readonly (readonly string[])[] {
  const hasDatabase = all.some(({ perRound }) =>
    perRound.some(({ databaseCpuMicros }) => databaseCpuMicros !== undefined),
  )
  const databaseMicrosOf = ({ perRound }: Series) =>
    medianOf(perRound.map(({ databaseCpuMicros = Number.NaN }) => databaseCpuMicros))
  return [
    [
      '',
      `CPU µs a ${unit}`,
      'least',
      ...(hasDatabase ? ['PostgreSQL’s CPU µs'] : []),
      `${unit}s/s`,
      'min',
      'max',
      `of ${base.name}`,
      'times its CPU',
    ],
    ...all.map((series) => {
      const { name, perRound } = series
      const least = Math.min(...perRound.map(({ cpuMicros = Number.NaN }) => cpuMicros))
      return [
        name,
        tenths(cpuMicrosOf(series)),
        tenths(least),
        ...(hasDatabase ? [tenths(databaseMicrosOf(series))] : []),
        ...spreadCells(perRound.map(({ perSecond }) => perSecond)),
        ratioOf(series, base).toFixed(2),
        tenths(cpuRatioOf(series, base)),
      ]
    }),
  ]
}

function tenths(value: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(1)
}

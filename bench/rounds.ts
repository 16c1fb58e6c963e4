/** One of those that a benchmark compares. */
export type Contender = {
  readonly name: string
  /** Runs it for so many seconds and gives how many requests or rows a second it did. */
  readonly measure: (seconds: number) => Promise<number>
}

/** A contender's requests or rows a second, one figure for each round. */
export type Rates = { readonly name: string; readonly perRound: readonly number[] }

/** The number of concurrent requests, rows or reads. */
export const CONNECTION_COUNT = 64

/** Every contender runs for so long before anything counts, in seconds. */
const WARM_UP_SECONDS = 2

/**
 * Measures contenders in turns: a round has one measurement of each, so that all else that the
 * machine does meets all of them. Every other round goes backwards. `before` prepares each
 * measurement.
 */
export async function measureInRounds(
  contenders: readonly Contender[],
  roundCount: number,
  seconds: number,
  before: () => Promise<void>,
): Promise<readonly Rates[]> {
  const measured = contenders.map(({ name, measure }) => ({
    name,
    measure,
    perRound: [] as number[],
  }))
  for (const { measure } of measured) {
    await before()
    await measure(WARM_UP_SECONDS)
  }
  for (let round = 0; round < roundCount; round += 1) {
    for (const { measure, perRound } of round % 2 === 0 ? measured : measured.toReversed()) {
      await before()
      perRound.push(await measure(seconds))
    }
  }
  return measured
}

/**
 * The median of the rounds' ratios. Neighbours in one round shared the machine's mood, which the
 * medians of all rounds need not have done.
 */
export function ratioOf(rates: Rates, to: Rates): number {
  return medianOf(rates.perRound.map((rate, round) => rate / (to.perRound[round] ?? Number.NaN)))
}

/** Gives the middle value, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const at = (index: number) => sorted[index] ?? Number.NaN
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2
}

/** The maximum number of draws of one id. A drawn id is rarely taken, so many taken ids in a row are a fault. */
const DRAW_COUNT_MAX = 8

/**
 * Runs work that draws an id, and repeats it with another id if another process has taken the id. `work` gets the
 * number of ids drawn before, and returns undefined when its id is taken. Throws after eight taken ids in a row.
 */
export async function withFreeId<Result>(
  work: (drawCount: number) => Promise<Result | undefined>,
): Promise<Result> {
  for (let drawCount = 0; drawCount < DRAW_COUNT_MAX; drawCount += 1) {
    const result = await work(drawCount)
    if (result !== undefined) return result
  }
  throw new Error(`${DRAW_COUNT_MAX} ids in a row were taken`)
}

/** Stores a row under a drawn id. `insert` returns false when the id is taken. Returns the stored row. */
export function storeWithFreeId<Row>(
  draw: (drawCount: number) => Row,
  insert: (row: Row) => Promise<boolean>,
): Promise<Row> {
  return withFreeId(async (drawCount) => {
    const row = draw(drawCount)
    return (await insert(row)) ? row : undefined
  })
}

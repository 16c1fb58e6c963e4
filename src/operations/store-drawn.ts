/** An id that is taken is rare, and many in a row mean that something else is wrong. */
const DRAW_COUNT_MAX = 8

/**
 * Stores a row under an id that was drawn for it, and draws again where another process has taken
 * that one. `insert` gives false where the id is taken. Gives the row that was stored.
 */
export async function storeDrawn<Row>(
  draw: () => Row,
  insert: (row: Row) => Promise<boolean>,
): Promise<Row> {
  for (let drawCount = 0; drawCount < DRAW_COUNT_MAX; drawCount += 1) {
    const row = draw()
    if (await insert(row)) return row
  }
  throw new Error(`${DRAW_COUNT_MAX} ids in a row were taken`)
}

/** An id that is taken is rare, and many in a row mean that something else is wrong. */
const DRAW_COUNT_MAX = 8

/**
 * Stores a row under a drawn id, and draws again when another process has taken that id. `draw` gets the
 * number of ids drawn before; `insert` returns false when the id is taken. Returns the stored row.
 */
export async function storeDrawn<Row>(
  draw: (drawCount: number) => Row,
  insert: (row: Row) => Promise<boolean>,
): Promise<Row> {
  for (let drawCount = 0; drawCount < DRAW_COUNT_MAX; drawCount += 1) {
    const row = draw(drawCount)
    if (await insert(row)) return row
  }
  throw new Error(`${DRAW_COUNT_MAX} ids in a row were taken`)
}

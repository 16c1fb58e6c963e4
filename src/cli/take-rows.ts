/** Returns the first rows of a list. */
export async function takeRows<Row>(
  rows: AsyncIterable<Row>,
  countMax: number,
): Promise<readonly Row[]> {
  const taken: Row[] = []
  for await (const row of rows) {
    taken.push(row)
    if (taken.length === countMax) break
  }
  return taken
}

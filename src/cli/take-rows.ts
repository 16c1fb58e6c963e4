/** Returns the first rows of a list. */
export async function takeRows<Row>(
  rows: AsyncIterable<Row>,
  countMax: number,
): Promise<readonly Row[]> {
  const firstRows: Row[] = []
  for await (const row of rows) {
    firstRows.push(row)
    if (firstRows.length === countMax) break
  }
  return firstRows
}

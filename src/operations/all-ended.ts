/**
 * Waits until all writes of a transaction have ended, even after a failure: the transaction may not
 * end before them. Returns their results. Throws the first error.
 */
export async function allEnded<Writes extends readonly Promise<unknown>[] | []>(writes: Writes) {
  await Promise.allSettled(writes)
  return Promise.all(writes)
}

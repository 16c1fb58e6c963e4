/** The orders that were fulfilled; in your shop a table with the order's id as its key. */
export const fulfilled = new Set<string>()

/** Does what an order is about, once. */
export function fulfil(orderId: string): void {
  if (fulfilled.has(orderId)) return
  fulfilled.add(orderId)
}

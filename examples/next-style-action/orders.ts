/** The ids of fulfilled orders. In your shop this is a table with the order's id as its key. */
export const shippedOrderIds = new Set<string>()

/** Fulfills an order once. */
export function fulfill(orderId: string): void {
  if (shippedOrderIds.has(orderId)) return
  shippedOrderIds.add(orderId)
}

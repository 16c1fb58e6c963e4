/** The address of a cardholder or an account holder, or the address to which goods go. */
export type BillingAddress = {
  readonly name?: string
  readonly addressLine1?: string
  readonly addressLine2?: string
  readonly city?: string
  readonly state?: string
  readonly postalCode?: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
}

/**
 * The parameters of the hosted checkout page, by their names on the wire. The session of a payment
 * link has no URLs, because its customers return to the link.
 */
export type HostedPageParameters = {
  readonly success_url?: string
  readonly failure_url?: string
  readonly description?: string
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly phone_country_code?: string
  readonly udf1?: string
  readonly udf2?: string
  readonly udf3?: string
  readonly udf4?: string
  readonly udf5?: string
}

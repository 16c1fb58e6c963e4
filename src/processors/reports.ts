/** Lists that a processor reports in pages, oldest change first. */

/** The maximum number of items of a page. */
export const REPORT_COUNT_MAX = 500

/** One page of a list of reports. */
export type ReportPage<Report> =
  | {
      readonly kind: 'page'
      /** At most `REPORT_COUNT_MAX`. Empty: nothing was added after the position. */
      readonly items: readonly Report[]
      /**
       * The position after the last item: 1 to 200 characters, without a number that could be a card number. The next
       * call passes it as `after`. A page with items must have it, except the last page of a payout's transactions.
       */
      readonly next?: string
    }
  /** The list could not be read. Paydesk reads the same page again later. */
  | { readonly kind: 'unknown'; readonly reason: string }

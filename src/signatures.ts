/** What a merchant's server needs to check redirects and widget answers: `paydesk/signatures`. */
export {
  REDIRECT_FIELDS,
  type RedirectValues,
  verifyRedirect,
  verifyWidgetPayment,
} from './domain/signature.ts'

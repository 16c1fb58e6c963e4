/** Drop-in mode cannot start; the message is a sentence for the developer. */
export class ImpersonationRefused extends Error {}

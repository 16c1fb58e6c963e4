/** The real host names cannot be answered for, in a sentence for the person who asked for it. */
export class ImpersonationRefused extends Error {}

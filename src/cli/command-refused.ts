/** A command that cannot be carried out, in a sentence that says what to do next. */
export class CommandRefused extends Error {}

/** A command that cannot be carried out. The message says what to do next. */
export class CommandRefused extends Error {}

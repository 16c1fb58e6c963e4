/** The exit codes of all commands. `paydesk help exit-codes` and the reference page print this table. */
export const EXIT_CODES = {
  done: { code: 0, text: 'The command succeeded.' },
  refused: {
    code: 1,
    text: 'The command is not possible in the current state of the server or the database, or a check or a scenario failed. The message names the reason.',
  },
  usage: {
    code: 2,
    text: 'The command line or a setting is wrong: an unknown command or flag, a bad or missing value, a file that does not exist. Nothing was done.',
  },
  unreachable: {
    code: 3,
    text: 'No server answers at the URL, or the program there is not Paydesk.',
  },
  unauthorized: {
    code: 4,
    text: 'The server does not accept the access token, or the token lacks a scope or has no access to the account.',
  },
} as const

/** An exit code of a command. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]['code']

import { embedding } from './embedding.ts'

/** The program in commands for the user to type: `npx paydesk`, or the single executable as the user called it. */
export const COMMAND_NAME =
  embedding === undefined ? 'npx paydesk' : quote(process.argv[1] ?? 'paydesk')

function quote(path: string): string {
  return /^[\w./\\:~+-]+$/.test(path) ? path : `'${path}'`
}

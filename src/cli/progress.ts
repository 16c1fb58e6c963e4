import { printNote } from './output.ts'

/** The progress of a command on the error output. */
export type Progress = {
  /**
   * Shows a text: on a terminal in place of the last one, otherwise as a line if `isMilestone` is true. This keeps logs
   * short.
   */
  readonly show: (text: string, isMilestone: boolean) => void
  /** Removes the changing line of a terminal. */
  readonly end: () => void
}

/** Makes a command's progress. `isHidden`: it shows nothing, because rows on the same terminal would mix with it. */
export function createProgress(isHidden = false): Progress {
  const { stderr } = process
  let isShown = false
  return {
    show: (text, isMilestone) => {
      if (isHidden) return
      if (stderr.isTTY) {
        stderr.write(`\r\x1b[K${text}`)
        isShown = true
      } else if (isMilestone) printNote(text)
    },
    end: () => {
      if (isShown) stderr.write('\r\x1b[K')
      isShown = false
    },
  }
}

/**
 * A program that waits for the end of a test run, and then ends the processes that the run left behind. The run holds
 * the other end of its standard input, which closes when the run ends, also by SIGKILL.
 */
import { rmSync } from 'node:fs'
import { entriesOfProc, environmentOf, killAll } from './process-tree.ts'
import { RUN_FOLDER_VARIABLE, readLeftovers } from './run-folder.ts'

const runFolder = process.argv[2] ?? ''
const mark = `${RUN_FOLDER_VARIABLE}=${runFolder}`

process.stdin.resume().once('close', () => {
  const markedPids = entriesOfProc().filter(
    (pid) => pid !== process.pid && environmentOf(pid).includes(mark),
  )
  const leftovers = readLeftovers(runFolder)
  killAll([...markedPids, ...leftovers.flatMap((one) => ('pid' in one ? one.pid : []))])
  for (const one of leftovers) {
    if ('folder' in one) rmSync(one.folder, { recursive: true, force: true, maxRetries: 5 })
  }
  rmSync(runFolder, { recursive: true, force: true })
})

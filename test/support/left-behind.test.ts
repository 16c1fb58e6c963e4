import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { closedWithFile, closeLeftOpen } from './left-open.ts'
import { cpuSecondsOfTree, readProcess } from './process-tree.ts'
import { RUN_FOLDER_VARIABLE } from './run-folder.ts'

const REAPER = fileURLToPath(new URL('reaper.ts', import.meta.url))
/** A program that never ends. It starts a reaper and an endless process, and prints the id of that process. */
const RUN = `
const { spawn } = require('node:child_process')
spawn(process.execPath, [${JSON.stringify(REAPER)}, process.env.${RUN_FOLDER_VARIABLE}], {
  stdio: ['pipe', 'ignore', 'inherit'],
  detached: true,
})
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
  stdio: 'ignore',
  detached: true,
})
console.log(child.pid)
setInterval(() => {}, 1000)`

test('all processes of a killed run end, also those in another process session', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-run-'))
  const run = spawn(process.execPath, ['-e', RUN], {
    env: { ...process.env, [RUN_FOLDER_VARIABLE]: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk] = await once(run.stdout, 'data')
  const childPid = Number(chunk)
  expect(readProcess(childPid)).toMatchObject({ pid: childPid })
  run.kill('SIGKILL')
  await expect.poll(() => existsSync(folder), { timeout: 50_000 }).toBe(false)
  const isAlive = () => readProcess(childPid)?.isZombie === false
  await expect.poll(isAlive, { timeout: 50_000 }).toBe(false)
})

test('resources of a failed test are closed once, in reverse order, even if one of them fails to close', async () => {
  const closeOrder: string[] = []
  closedWithFile(() => closeOrder.push('first'))
  closedWithFile(() => {
    throw new Error('broken by the test')
  })
  const closeSecond = closedWithFile(() => closeOrder.push('second'))
  closedWithFile(() => closeOrder.push('third'))
  await closeSecond()
  await closeLeftOpen()
  await closeLeftOpen()
  expect(closeOrder).toEqual(['second', 'third', 'first'])
})

test('the CPU time of a test file includes processes that have ended', async () => {
  const secondsBefore = cpuSecondsOfTree(process.pid) ?? Number.NaN
  const busy = 'while (process.cpuUsage().user < 400_000);'
  await once(spawn(process.execPath, ['-e', busy], { stdio: 'ignore' }), 'exit')
  expect(cpuSecondsOfTree(process.pid)).toBeGreaterThan(secondsBefore + 0.35)
})

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, inject, test } from 'vitest'
import { createNodeChecks } from './node-checks.ts'

const PROCESS = 'select pg_backend_pid() as id'

test('a check sends nothing on a connection whose last statement timed out', async () => {
  const checks = createNodeChecks(() => inject('postgresUrl'))
  try {
    const [first] = await checks.query(PROCESS, [])
    expect(await checks.query(PROCESS, [])).toEqual([first])
    await expect(checks.query('select pg_sleep(10)', [])).rejects.toMatchObject({ code: '57014' })
    const [next] = await checks.query(PROCESS, [])
    expect(next?.id).not.toBe(first?.id)
    // Other errors leave the connection usable.
    await expect(checks.query('select 1 / 0', [])).rejects.toMatchObject({ code: '22012' })
    expect(await checks.query(PROCESS, [])).toEqual([next])
  } finally {
    await checks.close()
  }
})

test('a check ends although the coordinator never answers', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const checks = createNodeChecks(() => `postgres://one@127.0.0.1:${port}/one`)
  try {
    expect(await checks.check(0)).toBe('unknown')
  } finally {
    await checks.close()
    for (const socket of sockets) socket.destroy()
    silent.close()
  }
})

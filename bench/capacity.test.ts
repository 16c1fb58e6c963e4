import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { capacityFor, MACHINE_CORE_COUNT, PLANNED_PART } from './capacity.ts'

const PAGE = readFileSync(new URL('../docs/guides/capacity.md', import.meta.url), 'utf8')

function tableBelow(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = PAGE.split(`## ${heading}\n`)
  return section
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ) as string[][]
}

test('the table of the capacity guide follows from its measured CPU times', () => {
  const costs = new Map(
    tableBelow('Measured CPU time').map(([name, server, database]) => [
      name,
      { serverMicros: Number(server), databaseMicros: Number(database) },
    ]),
  )
  const rows = tableBelow('10,000 creates a second')
  expect(rows.length).toBe(costs.size)
  for (const [name, serverCores, servers, databaseCores, machines] of rows) {
    const cost = costs.get(name)
    if (cost === undefined) throw new Error(`no CPU time of ${name}`)
    const capacity = capacityFor(10_000, cost)
    expect([serverCores, servers, databaseCores, machines], name).toEqual([
      capacity.serverCores.toFixed(1),
      String(capacity.servers),
      capacity.databaseCores.toFixed(1),
      String(capacity.databaseMachines),
    ])
  }
  expect(PAGE).toContain(`half of each core`)
  expect([PLANNED_PART, MACHINE_CORE_COUNT]).toEqual([0.5, 16])
})

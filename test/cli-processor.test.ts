import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paydesk } from './support/command-line.ts'
import { exampleUnderTest } from './support/example-processor.ts'

const EXAMPLE = fileURLToPath(new URL('support/example-processor.ts', import.meta.url))
const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const { amount, instruments } = exampleUnderTest()
const VALUES = { amount: { ...amount, amountMinor: Number(amount.amountMinor) }, instruments }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-check-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a module and returns its path. */
function moduleWith(name: string, code: string): string {
  const file = join(folder, `${name}.ts`)
  const example = `import { exampleUnderTest } from '${EXAMPLE}'\nconst right = exampleUnderTest()\n`
  writeFileSync(file, example + code)
  return file
}

test('a module that follows the contract passes, and for any other the output names the broken rule', async () => {
  const right = moduleWith(
    'right',
    'export const testSetup = right\nexport default right.processor\n',
  )
  const passReport = await paydesk(['processor', 'check', right])
  expect(passReport.out).toMatch(/^The processor example\n {2}✓ has the fields of a processor\n/)
  // The example has every optional capability.
  const passCount = passReport.out.match(/^ {2}✓ /gm)?.length ?? 0
  expect(passCount).toBeGreaterThanOrEqual(28)
  expect(passReport.out).toContain(`\n${passCount} passed, 0 failed, 0 skipped.\n`)
  expect(passReport.code).toBe(0)

  const wrong = moduleWith(
    'wrong',
    `export default {
      ...right.processor,
      refund: async () => ({ kind: 'succeeded', processorReference: String(Math.random()) }),
      cancelCharge: undefined,
    }`,
  )
  const setup = moduleWith('setup', 'export default right\n')
  const failure = await paydesk(['processor', 'check', wrong, '--setup', right])
  expect(failure).toMatchObject({ code: 1, out: '' })
  expect(failure.err).toContain('must have a default export with amount, instruments, complete')
  const report = await paydesk(['processor', 'check', wrong, '--setup', setup])
  expect(report.code).toBe(1)
  expect(report.out).toContain(
    '  ✗ a refund gets one final status and keeps it, even when it is sent again\n      the refund that is sent once more must be',
  )
  expect(report.out).toContain(
    '  - a canceled charge is declined, unless the customer completed it first\n      the processor has no cancelCharge',
  )
})

test('a module without a test setup, a module that is not a processor, and an http:// URL cause a clear error', async () => {
  const bare = moduleWith('bare', 'export default right.processor\n')
  const unset = await paydesk(['processor', 'check', bare])
  expect(unset).toMatchObject({ code: 1, out: '' })
  expect(unset.err).toContain('has no export testSetup')
  const none = await paydesk(['processor', 'check', moduleWith('none', 'export default {}\n')])
  expect(none.err).toContain(
    'must have a default export with the members name, charge, findCharge and refund',
  )
  const plain = await paydesk(['processor', 'check', 'http://processor.example'])
  expect(plain.err).toContain('must be an https:// URL')
})

test('for a server that verifies no signature the output names each broken rule about signatures', async () => {
  const { processor } = exampleUnderTest()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const call = JSON.parse(Buffer.concat(chunks).toString())
    const path = request.url ?? ''
    const answer = path.endsWith('/describe')
      ? { name: 'open' }
      : path.endsWith('/find-charge')
        ? await processor.findCharge(call.attemptId)
        : path.endsWith('/charge')
          ? await processor.charge(call)
          : await processor.refund(call)
    response.end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  try {
    const values = join(folder, 'values.json')
    writeFileSync(values, JSON.stringify(VALUES))
    const args = ['processor', 'check', url, '--setup', values, '--json']
    const { code, out } = await paydesk(args, { PAYDESK_PROCESSOR_KEY: KEY })
    const failure = JSON.parse(out).checks.filter(
      ({ result }: { result: string }) => result === 'failed',
    )
    expect(code).toBe(1)
    expect(failure).toEqual(
      expect.arrayContaining(
        [
          'a call without a signature is refused',
          'a call signed with another key is refused',
          'a call whose body was changed after signing is refused',
          'a call signed more than five minutes ago is refused',
          'a call signed more than five minutes ahead is refused',
          'a call sent to the path of another call is refused',
        ].map((name) => expect.objectContaining({ name, result: 'failed' })),
      ),
    )
    const noKey = await paydesk(['processor', 'check', url])
    expect(noKey.err).toContain('A processor with a URL needs a key: set PAYDESK_PROCESSOR_KEY')
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

import { expect, test } from 'vitest'
import { createProgress } from './progress.ts'

/** Makes a progress on an output that collects its texts, with a clock that the test sets. */
function progressOn(output: { readonly columns?: number; readonly isTTY?: boolean }) {
  const texts: string[] = []
  let nowMs = 0
  const progress = createProgress(
    false,
    { ...output, write: (text) => texts.push(text) },
    { nowMs: () => nowMs },
  )
  return {
    ...progress,
    takeLines: () => texts.splice(0),
    setTime: (ms: number) => {
      nowMs = ms
    },
  }
}

test('a log gets a line at each tenth of long work, and none of the steps between', () => {
  const { begin, end, setTime, show, takeLines } = progressOn({})
  begin('copying')
  setTime(2_000)
  for (let step = 1; step <= 100; step += 1) show({ share: step / 100, text: `${step} MB` })
  begin('checking')
  end()
  expect(takeLines()).toEqual([
    'copying\n',
    ...[10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((part) => `${part}%, ${part} MB\n`),
    'checking\n',
  ])
})

test('a log gets no line of short work', () => {
  const { begin, end, setTime, show, takeLines } = progressOn({})
  begin('copying')
  setTime(1_999)
  begin('checking')
  show({ share: 0.5, text: '1 row' })
  show({ count: 500_000, text: '500,000 rows' })
  end()
  expect(takeLines()).toEqual([])
})

test('a log gets a line after many items, and at least one a minute', () => {
  const { setTime, show, takeLines } = progressOn({})
  setTime(2_000)
  for (const count of [99_999, 100_000, 150_000, 350_000, 399_999]) {
    show({ count, text: `${count} rows` })
  }
  expect(takeLines()).toEqual(['100000 rows\n', '350000 rows\n'])
  setTime(61_999)
  show({ count: 399_999, text: '399999 rows' })
  expect(takeLines()).toEqual([])
  setTime(62_000)
  show({ count: 399_999, text: '399999 rows' })
  expect(takeLines()).toEqual(['399999 rows\n'])
})

test('a terminal shows the last state in one line, and the time left of long work', () => {
  const { begin, end, setTime, show, takeLines } = progressOn({ isTTY: true, columns: 40 })
  begin('deleting old rows')
  setTime(99)
  show({ share: 0.01, text: '1 row' })
  expect(takeLines()).toEqual(['\r\x1b[Kdeleting old rows'])
  setTime(100)
  show({ share: 0.01, text: '1 row' })
  setTime(10_000)
  show({ share: 0.5, text: '9 rows' })
  setTime(20_000)
  show({ share: 0.1, text: '9 rows that have a very long text' })
  end()
  end()
  expect(takeLines()).toEqual([
    '\r\x1b[Kdeleting old rows: 1%, 1 row',
    '\r\x1b[Kdeleting old rows: 50%, 9 rows, about 1',
    '\r\x1b[Kdeleting old rows: 10%, 9 rows that hav',
    '\r\x1b[K',
  ])
})

test('the time left is in seconds below 90 seconds, in minutes above, and never a guess', () => {
  const { setTime, show, takeLines } = progressOn({ isTTY: true })
  for (const [ms, share] of [
    [4_999, 0.5],
    [10_000, 0.5],
    [20_000, 0.01],
    [30_000, 0.1],
  ] as const) {
    setTime(ms)
    show({ share, text: 'x' })
  }
  expect(takeLines().map((text) => text.slice(4))).toEqual([
    '50%, x',
    '50%, x, about 10 s left',
    '1%, x',
    '10%, x, about 5 min left',
  ])
})

test('a text of another program cannot control the terminal', () => {
  const { begin, setTime, takeLines } = progressOn({})
  setTime(2_000)
  begin('copying \x1b]0;title\x07')
  expect(takeLines()).toEqual(['copying ?]0;title?\n'])
})

test('a hidden progress writes nothing', () => {
  const texts: string[] = []
  const { begin, end, show } = createProgress(true, { write: (text) => texts.push(text) })
  begin('copying')
  show({ text: '1 row' })
  end()
  expect(texts).toEqual([])
})

import { describe, expect, test } from 'vitest'
import { choosePrimary, describeStates, type HostState } from './primary.ts'

const primary = (timeline: number): HostState => ({ kind: 'primary', timeline })
const readOnly: HostState = { kind: 'read_only', timeline: 1 }
const standby: HostState = { kind: 'standby' }
const unreachable: HostState = { kind: 'unreachable', error: new Error('no answer') }

describe('the selected server', () => {
  test.each<[string, readonly HostState[], number, number, number | undefined]>([
    ['is the server that accepts writes', [standby, primary(1)], 0, 0, 1],
    ['is the first of several servers that were never promoted', [primary(1), primary(1)], 0, 0, 0],
    ['stays the same among equal servers', [primary(1), primary(1)], 1, 1, 1],
    ['is the server that was promoted last', [primary(1), primary(2)], 0, 1, 1],
    [
      'is never a replaced server, even when no other server answers',
      [primary(1), unreachable],
      1,
      2,
      undefined,
    ],
    ['is undefined while only standbys answer', [standby, standby], 0, 1, undefined],
    ['is undefined while no server answers', [unreachable, unreachable], 0, 1, undefined],
    ['stays the same for reads while it accepts no writes', [readOnly, standby], 0, 1, 0],
    [
      'is never a different server that accepts no writes',
      [unreachable, readOnly],
      0,
      1,
      undefined,
    ],
    [
      'is undefined at the start if no server accepts writes',
      [readOnly, standby],
      -1,
      0,
      undefined,
    ],
    [
      'is a server that accepts writes rather than a read-only server',
      [readOnly, primary(1)],
      0,
      1,
      1,
    ],
  ])('%s', (_name, states, current, timelineMin, index) => {
    expect(choosePrimary(states, current, timelineMin)?.index).toBe(index)
  })
})

test('the description names each server with its state', () => {
  const hosts = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ url: '', place: `${name}/db` }))
  expect(
    describeStates(hosts, [standby, unreachable, readOnly, primary(1), primary(2)], 2),
  ).toEqual({
    'a/db': 'is a standby',
    'b/db': 'cannot be reached: no answer',
    'c/db': 'accepts no writes',
    'd/db': 'was replaced by another primary',
    'e/db': 'is a primary',
  })
})

import { expect, test } from 'vitest'
import { parseDatabaseUrl } from './database-url.ts'

test.each([
  ['postgres://u:p@h1:5432/db', [['postgres://u:p@h1:5432/db', 'h1:5432/db']]],
  ['postgresql://h1/db?sslmode=require', [['postgresql://h1/db?sslmode=require', 'h1/db']]],
  ['postgres://u@h1/db?target_session_attrs=read-write', [['postgres://u@h1/db', 'h1/db']]],
  [
    'postgres://u:p%40s@h1:5432,h2:5433/db?target_session_attrs=read-write&sslmode=require',
    [
      ['postgres://u:p%40s@h1:5432/db?sslmode=require', 'h1:5432/db'],
      ['postgres://u:p%40s@h2:5433/db?sslmode=require', 'h2:5433/db'],
    ],
  ],
  [
    'postgres://u@[::1]:5432,h2/db?target_session_attrs=any',
    [
      ['postgres://u@[::1]:5432/db', '[::1]:5432/db'],
      ['postgres://u@h2/db', 'h2/db'],
    ],
  ],
  ['postgres:///db?host=/run/postgresql', [['postgres:///db?host=/run/postgresql', '/db']]],
  ['postgres://h1,/db', undefined],
  ['postgres://h1:1,h2:99999/db', undefined],
  ['postgres://h1/db?target_session_attrs=standby', undefined],
  ['postgres://h1,h2/db?target_session_attrs=prefer-standby', undefined],
  ['mysql://h1/db', undefined],
  ['h1,h2', undefined],
  [`postgres://${'h,'.repeat(16)}h/db`, undefined],
])('the database URL %s names the expected servers', (text, servers) => {
  expect(parseDatabaseUrl(text)?.map(({ place, url }) => [url, place])).toEqual(servers)
})

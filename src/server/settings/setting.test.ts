import { expect, test } from 'vitest'
import { defaultText, type Setting } from './setting.ts'
import { SETTING_GROUPS, SETTINGS } from './settings-table.ts'

const ALL: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS)

test('each default in the help is accepted as a value, and has the same effect', () => {
  const withDefaults = ALL.filter(([, { defaultName, defaults }]) => defaults && !defaultName)
  expect(withDefaults.length).toBeGreaterThan(20)
  for (const [key, setting] of withDefaults) {
    const values = [setting.defaults?.sandbox, setting.defaults?.live]
    const texts = [...defaultText(setting).matchAll(/`([^`]+)`|\b(on|off)\b/g)].map(
      ([, quotedWord, word]) => quotedWord ?? word ?? '',
    )
    const wantedValues = new Set(values.filter((value) => String(value ?? '') !== ''))
    expect(texts.length, key).toBe(wantedValues.size)
    for (const text of texts) {
      const read = setting.read(text)
      expect([...wantedValues], key).toContainEqual('value' in read ? read.value : read.mustBe)
    }
  }
})

test.each([
  ['port', '`4242`'],
  ['data', '`./paydesk.db` in a sandbox, none in live mode'],
  ['secretKey', 'a well-known one in a sandbox, none in live mode'],
  ['processorTimeout', '`5` in a sandbox, `20` in live mode'],
  ['rateLimits', 'off in a sandbox, on in live mode'],
  ['fixPermissions', 'off (Paydesk only warns)'],
  ['operationsPort', 'none, so `--port` serves the paths'],
  ['publicUrl', 'the address of the server'],
  ['webhookNetworks', 'none'],
  ['webhookRetries', '`24x1h,12x2h` (hourly for a day, then every two hours for a day)'],
] as const)('the default of %s is shown as %s', (key, text) => {
  expect(defaultText(SETTINGS[key])).toBe(text)
})

test('each setting is listed under exactly one heading', () => {
  const groupedNames = SETTING_GROUPS.flatMap(({ settings }) => Object.keys(settings))
  expect(groupedNames.toSorted()).toEqual(Object.keys(SETTINGS).toSorted())
})

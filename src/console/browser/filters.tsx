import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { useConsole } from './context.ts'
import { Field } from './parts.tsx'
import { setFilters } from './router.tsx'
import { text } from './text.ts'

/** The value of an input is in the address under its name. */
type FilterInput = {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly input?: Readonly<Record<string, unknown>>
}

/** Returns the inputs for the period of a list, by days of the account. */
export function periodInputs(): readonly FilterInput[] {
  return [
    { name: 'from', label: text('From'), input: { type: 'date' } },
    { name: 'to', label: text('To'), input: { type: 'date' } },
  ]
}

/** Returns the input for an exact amount, in the currency of the account's edition. */
export function amountInput(): FilterInput {
  return {
    name: 'amount',
    label: text('Amount'),
    hint: text('The exact amount, such as 1499.90'),
    input: { inputmode: 'decimal' },
  }
}

/** Makes the input for a search text. */
export function searchInput(hint: string): FilterInput {
  return { name: 'q', label: text('Search for'), hint, input: { type: 'search' } }
}

/** Returns the number of the list's page in the address. */
export function pageInAddress(): string {
  return new URLSearchParams(location.search).get('page') ?? '1'
}

/** Returns the values of a list's filters in the address. An empty text: no filter. */
export function filtersIn<Name extends string>(
  names: readonly Name[],
): Readonly<Record<Name | 'page', string>> & { readonly isFiltered: boolean } {
  const values = valuesInAddress(names)
  return {
    ...values,
    page: pageInAddress(),
    isFiltered: Object.values(values).some((value) => value !== ''),
  }
}

function valuesInAddress<Name extends string>(
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const query = new URLSearchParams(location.search)
  const values = Object.fromEntries(names.map((name) => [name, query.get(name) ?? '']))
  return values as Record<Name, string>
}

/** The filters of a list: choices, which apply at once, and inputs, which the button applies together. */
export function Filters({
  children,
  inputs,
}: {
  readonly inputs: readonly FilterInput[]
  readonly children?: ComponentChildren
}): JSX.Element {
  const inputsInAddress = JSON.stringify(valuesInAddress(inputs.map(({ name }) => name)))
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    JSON.parse(inputsInAddress),
  )
  // A saved search changes the address without a new view. This runs before the browser shows the change, so that no
  // typed text is lost.
  useLayoutEffect(() => setValues(JSON.parse(inputsInAddress)), [inputsInAddress])
  const { listTools } = useConsole()
  const apply = (event: Event) => {
    event.preventDefault()
    setFilters(Object.fromEntries(inputs.map(({ name }) => [name, (values[name] ?? '').trim()])))
  }
  return (
    <>
      <form class="filters" role="search" onSubmit={apply}>
        {children}
        {inputs.map(({ name, ...field }) => (
          <Field
            key={name}
            {...field}
            value={values[name] ?? ''}
            onValue={(value) => setValues((before) => ({ ...before, [name]: value }))}
          />
        ))}
        <button type="submit">{text('Search')}</button>
      </form>
      {listTools}
    </>
  )
}

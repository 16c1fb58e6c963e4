import type { JSX } from 'preact'
import { cardKindOf, digitsOf, groupCardDigits } from '../../domain/card.ts'
import { text } from '../text.ts'
import { Field } from './field.tsx'
import type { FieldsProps } from './form-props.ts'
import { Icon } from './icons.tsx'
import { CardMark } from './marks.tsx'

const DIGITS_MAX = 19

/** Number, expiry, security code and name of a card. */
export function CardFields({ form, field, messages }: FieldsProps): JSX.Element {
  const kind = cardKindOf(digitsOf(form.card_number ?? ''))
  const cvvCount = kind?.cvvLength ?? 3
  return (
    <>
      <Field
        {...field('card_number')}
        label={text(messages, 'cardNumber')}
        input={{ inputmode: 'numeric', autocomplete: 'cc-number', dir: 'ltr', maxlength: 40 }}
        badge={
          kind !== undefined && (
            <span class="badge">
              <span class="brand">{kind.brandName}</span>
              <CardMark brand={kind.brand} />
            </span>
          )
        }
      />
      <div class="pair">
        <Field
          {...field('card_expiry')}
          label={text(messages, 'cardExpiry')}
          hint={text(messages, 'cardExpiryHint')}
          input={{ inputmode: 'numeric', autocomplete: 'cc-exp', dir: 'ltr', maxlength: 9 }}
        />
        <Field
          {...field('card_cvv')}
          label={text(messages, 'cardCvv')}
          hint={text(messages, cvvCount === 4 ? 'cardCvvHintFront' : 'cardCvvHint', {
            count: cvvCount,
          })}
          input={{
            type: 'password',
            inputmode: 'numeric',
            autocomplete: 'cc-csc',
            dir: 'ltr',
            maxlength: 4,
            // A hint in words would not fit. A drawing shows where the code is on the card.
            placeholder: '1234'.slice(0, cvvCount),
          }}
          badge={
            <span class="badge">
              <Icon name={cvvCount === 4 ? 'codeInFront' : 'codeOnBack'} />
            </span>
          }
        />
      </div>
      <Field
        {...field('card_name')}
        label={text(messages, 'cardName')}
        input={{ autocomplete: 'cc-name', maxlength: 100 }}
      />
    </>
  )
}

/** Groups the typed digits as on the card, and keeps the caret after the same digit. Returns the field's new text. */
export function groupWhileTyping(input: HTMLInputElement): string {
  const caret = input.selectionStart ?? input.value.length
  const digitsBefore = digitsOf(input.value.slice(0, caret)).length
  const groups = groupCardDigits(digitsOf(input.value).slice(0, DIGITS_MAX))
  if (groups !== input.value) {
    const isAtEnd = caret === input.value.length
    input.value = groups
    const position = isAtEnd ? groups.length : positionBehind(groups, digitsBefore)
    input.setSelectionRange(position, position)
  }
  return groups
}

function positionBehind(groups: string, digitCount: number): number {
  let position = 0
  for (let passedCount = 0; passedCount < digitCount && position < groups.length; position += 1) {
    if (/\d/.test(groups[position] ?? '')) passedCount += 1
  }
  return position
}

/** Inserts the slash between month and year while the customer types, but not while the customer deletes. */
export function slashWhileTyping(input: HTMLInputElement, before: string): string {
  const { value } = input
  const isTypedAtEnd = value.length > before.length && input.selectionStart === value.length
  const digits = digitsOf(value)
  if (!isTypedAtEnd || value.includes('/')) return value
  if (/^[2-9]$/.test(digits)) input.value = `0${digits} / `
  else if (digits.length >= 2) input.value = `${digits.slice(0, 2)} / ${digits.slice(2, 6)}`
  return input.value
}

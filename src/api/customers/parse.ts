import type { CustomerChange, CustomerFields } from '../../domain/customer.ts'
import { type CustomerId, parseId } from '../../domain/id.ts'
import { comparablePhone, dialingCodeOf, type PhoneNumber, readPhone } from '../../domain/phone.ts'
import type { CustomerFilter } from '../../operations/store.ts'
import { ApiError } from '../errors.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../list-spans.ts'
import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import { PHONE_RULES } from '../phone-fields.ts'
import { compileFields, compileFieldsWith } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import { CustomerChangeBody, CustomerCreateBody, CustomerListQuery } from './schemas.ts'

const RULES = {
  phone: PHONE_RULES.phone,
  phone_country_code: PHONE_RULES.phone_country_code,
  meta_data: META_DATA_RULE,
}
const readCreateFields = compileFields(CustomerCreateBody, RULES)
const readChangeFields = compileFields(CustomerChangeBody, RULES)

/** Reads a create request's body. Throws ApiError for the first wrong field. */
export function parseCustomerCreate(body: JsonValue): CustomerFields {
  const fields = readCreateFields(body, undefined)
  return { name: fields.name, email: fields.email, ...optionalFields(fields) }
}

/** Reads the body of a change. Throws ApiError for the first wrong field, or if it has no field. */
export function parseCustomerChange(body: JsonValue): CustomerChange {
  const fields = readChangeFields(body, undefined)
  const { email, name, phone, phone_country_code: country } = fields
  if (Object.keys(fields).length === 0) {
    const names = Object.keys(CustomerChangeBody.properties).join(', ')
    throw new ApiError(
      'missing_parameter',
      'body',
      `The request body must have at least one of ${names}; null and an empty text leave a field as it is.`,
    )
  }
  const dialingCode =
    country === undefined || phone !== undefined ? undefined : dialingCodeOf(country)
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...optionalFields(fields),
    ...(dialingCode !== undefined && { dialingCode }),
  }
}

type OptionalFields = Pick<
  ReturnType<typeof readChangeFields>,
  'meta_data' | 'phone' | 'phone_country_code'
>

function optionalFields({ meta_data, phone, phone_country_code: country }: OptionalFields): {
  readonly phone?: PhoneNumber
  readonly metaDataJson?: string
} {
  const reading = phone === undefined ? undefined : readPhone(phone, country)
  const metaData = metaDataOf(meta_data)
  return {
    // A number that cannot be read has been refused.
    ...(reading !== undefined && !('refused' in reading) && { phone: reading }),
    ...(metaData !== undefined && { metaDataJson: JSON.stringify(metaData) }),
  }
}

const readListFields = compileFieldsWith<ListMoment>()(CustomerListQuery, LIST_RULES, 'The query')

/** Reads a list request's query. Throws ApiError for the first wrong parameter. */
export function parseCustomerList(
  query: JsonObject,
  moment: ListMoment,
): { readonly filter: CustomerFilter; readonly page: RequestedPage } {
  const fields = readListFields(query, moment)
  const { search_text: searchText } = fields
  const times = readPeriod(fields, moment)
  const page = readPage(fields)
  const searchId = searchText === undefined ? undefined : parseId<CustomerId>(searchText)
  return {
    page,
    filter: {
      ...times,
      ...(searchText !== undefined && { searchText: comparablePhone(searchText) }),
      ...(searchId !== undefined && { searchId }),
    },
  }
}

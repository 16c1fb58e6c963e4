import { listSpans } from '../list-spans.ts'
import { ChangedMetaData, MetaData, MetaDataOut } from '../meta-data-fields.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { CustomerMethods } from '../payment-methods/schemas.ts'
import { countryIn, phoneIn } from '../phone-fields.ts'
import {
  dayIn,
  emailIn,
  envelope,
  idOut,
  line,
  SPAN_DAYS_OF_ACCOUNT,
  searchText,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

const phone = Type.Optional(phoneIn('Answers contain only its digits, without the dialing code.'))
const phone_country_code = Type.Optional({
  ...countryIn,
  description: 'The country of the phone number, which determines the dialing code.',
})

/** The body of a create request. Source: Zoho Payments API reference, customers page (seen 2026-11-22). */
export const CustomerCreateBody = Type.Object(
  {
    name: line(100, 1),
    email: emailIn,
    phone,
    phone_country_code,
    meta_data: Type.Optional(MetaData),
  },
  {
    title: 'CustomerCreate',
    examples: [
      {
        name: 'Asha Rao',
        email: 'asha@shop.example',
        phone: '+91 90000 00001',
        meta_data: [{ key: 'crm', value: 'c-17' }],
      },
    ],
  },
)

/** The body of a change: at least one of the fields. */
export const CustomerChangeBody = Type.Object(
  {
    name: Type.Optional(line(100, 1)),
    email: Type.Optional(emailIn),
    phone,
    phone_country_code,
    meta_data: Type.Optional(ChangedMetaData),
  },
  { title: 'CustomerChange', examples: [{ email: 'asha.rao@shop.example' }] },
)

const fields = {
  customer_id: idOut,
  name: Type.String(),
  email: Type.String(),
  phone: Type.Optional(Type.String({ description: 'Digits. Absent if the customer has none.' })),
  dialing_code: Type.Optional(
    Type.String({ description: 'Such as +91. Absent if it is not known.', examples: ['+91'] }),
  ),
  created_time: secondsOut('The time of creation.'),
  last_modified_time: secondsOut('The time of the last change.'),
  meta_data: Type.Optional(MetaDataOut),
}

/** The answer to a create request and to a change. */
export const CustomerAnswer = envelope('customer', Type.Object(fields))

/** The answer to a retrieve request. */
export const RetrieveCustomerAnswer = envelope(
  'customer',
  Type.Object({
    ...fields,
    payment_methods: Type.Optional(CustomerMethods),
  }),
)

/** The answer to a delete request. */
export const DeleteCustomerAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
})

/** The query of a list request. */
export const CustomerListQuery = Type.Object({
  filter_by: Type.Optional(
    Type.Enum(listSpans('Date'), {
      description: `Only customers that were created in this span of days. ${SPAN_DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(
    dayIn('The first day, included. Required with Date.CustomDate, ignored with other spans.'),
  ),
  to_date: Type.Optional(
    dayIn('The last day, included. Required with Date.CustomDate, ignored with other spans.'),
  ),
  search_text: Type.Optional(
    searchText('A complete customer id, e-mail address or phone number. Paydesk extension.'),
  ),
  ...pageQuery,
})

/** The answer to a list request. Its customers have other field names than a single customer, as in the real API. */
export const ListCustomersAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  customers: Type.Array(
    Type.Object({
      customer_id: idOut,
      customer_name: Type.String(),
      customer_email: Type.String(),
      customer_phone: Type.Optional(Type.String({ description: 'Digits.' })),
      customer_status: Type.Literal('active', {
        description: 'Always active: a deleted customer is not listed.',
      }),
      created_time: secondsOut('The time of creation.'),
      last_modified_time: secondsOut('The time of the last change.'),
    }),
  ),
  page_context: PageContext,
})

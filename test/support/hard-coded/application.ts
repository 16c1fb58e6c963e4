/** A merchant's server with hard-coded addresses, like the official SDKs. */
const { values } = JSON.parse(process.argv[2] ?? '{}')
const EDITIONS = [
  ['https://accounts.zoho.in', 'https://payments.zoho.in', values.accountId, 'INR'],
  ['https://accounts.zoho.in', 'https://paymentssandbox.zoho.in', values.accountId, 'INR'],
  ['https://accounts.zoho.com', 'https://payments.zoho.com', values.usAccountId, 'USD'],
]

const results = []
for (const [accounts, api, accountId, currency] of EDITIONS) {
  const grant = await fetch(`${accounts}/oauth/v2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: values.refreshToken,
      client_id: values.clientId,
      client_secret: values.clientSecret,
    }),
  })
  const { access_token: token, api_domain: apiDomain } = await grant.json()
  const creation = await fetch(`${api}/api/v1/paymentsessions?account_id=${accountId}`, {
    method: 'POST',
    headers: { authorization: `Zoho-oauthtoken ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ amount: 100.5, currency, description: 'Order 1' }),
  })
  const { payments_session: session } = await creation.json()
  results.push([apiDomain, creation.status, session?.amount, session?.currency])
}
process.stdout.write(JSON.stringify(results))

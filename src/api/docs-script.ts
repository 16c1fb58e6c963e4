/** The values that a sandbox's API page fills in, so that calls can be tried at once. */
export type ReadyValues = { readonly accountId: string; readonly accessToken: string }

/**
 * Writes the script of the page `/docs`: it fills in the account and the token of a sandbox, and adds the word
 * `Zoho-oauthtoken` to a token that was typed alone. Undefined: live mode, which has nothing to fill in.
 */
export function docsScript(ready: ReadyValues | undefined): string {
  return `'use strict'
const ready = ${JSON.stringify(ready ?? null)}

function withAccount(document) {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const { parameters = [] } of Object.values(operations)) {
      for (const parameter of parameters) {
        if (parameter.name === 'account_id') parameter.example = ready.accountId
      }
    }
  }
  return document
}

window.PaydeskDocs = {
  plugin: () => ready === null ? {} : {
    statePlugins: {
      spec: {
        wrapActions: { updateJsonSpec: (update) => (document) => update(withAccount(document)) },
      },
    },
    afterLoad: (system) => {
      const schema = { type: 'apiKey', in: 'header', name: 'Authorization' }
      const value = 'Zoho-oauthtoken ' + ready.accessToken
      system.authActions.authorize({ accessToken: { name: 'accessToken', schema, value } })
    },
  },
  prefixToken: (request) => {
    const token = request.headers?.Authorization
    if (token && !token.includes(' ')) request.headers.Authorization = 'Zoho-oauthtoken ' + token
    return request
  },
}
`
}

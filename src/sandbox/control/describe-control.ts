import { frameworkUrl } from '../../api/http-route.ts'
import { describeRoutes } from '../../api/route-document.ts'
import { STREAM_ROUTE, STREAM_SCHEMA } from '../log/stream-requests.ts'
import { describeControlRoute } from './control-route.ts'
import { CONTROL_ROUTES } from './routes.ts'

/** The path of the control API. Live mode does not have it. */
export const CONTROL_PATH = '/_sandbox'

/**
 * Makes the OpenAPI document of the control API from the route values, without a sandbox: the documentation of a live
 * server shows the document, too. The calls below `/_sandbox/api/` are not in it, because OpenAPI has no parameter that
 * can contain slashes.
 */
export function describeControl(basePath: string): Promise<object> {
  const routes = CONTROL_ROUTES.map((one) => ({ facts: one, schema: describeControlRoute(one) }))
  return describeRoutes(
    [...routes, { facts: STREAM_ROUTE, schema: STREAM_SCHEMA }].map(({ facts, schema }) => ({
      method: facts.method,
      url: `${CONTROL_PATH}${frameworkUrl(facts)}`,
      schema,
    })),
    {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Paydesk sandbox control',
          version: '1',
          description:
            'Controls a sandbox. Calls of this API need no token. Live mode and servers with several workers do not have this API.',
        },
        servers: [{ url: `${basePath}/` }],
      },
    },
  )
}

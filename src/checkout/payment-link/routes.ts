import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addressKeyOf } from '../../domain/address-key.ts'
import { openPaymentLink } from '../../operations/open-payment-link.ts'
import { createCounter } from '../../pages/counter.ts'
import { isFromOwnPage } from '../../pages/form.ts'
import { customerOf } from '../open-checkout.ts'
import {
  HIDDEN,
  rateLimit,
  sendFailure,
  sendLogo,
  sendUnknown,
  TooManyAttempts,
} from '../page-answers.ts'
import { loadCheckoutFiles } from '../render-checkout.ts'
import type { CheckoutRouteDeps } from '../routes.ts'
import { type FoundLink, findPaymentLink } from './find-payment-link.ts'
import { sendPaymentLink } from './render-payment-link.ts'
import { type PaymentLinkView, paymentLinkViewOf } from './view.ts'

/**
 * The maximum number of openings of a checkout a minute from one address. Customers of a mobile network share
 * addresses.
 */
const OPENINGS_PER_MINUTE = 60
/** All openings lead to the link's newest session while this session can be paid. */
const OPENINGS_PER_MINUTE_OF_LINK = 30

type LinkRequest = {
  readonly foundLink: FoundLink
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/**
 * Registers the page of payment links. GET changes nothing, because chat apps fetch the page for
 * previews; the button sends a POST.
 */
export async function registerPaymentLinkRoutes(
  app: FastifyInstance,
  deps: CheckoutRouteDeps,
): Promise<void> {
  const files = await loadCheckoutFiles(deps.assets)
  const openings = deps.limitsRates ? createCounter(60_000) : undefined
  const route = '/paymentlink/:key'

  /**
   * Converts a handler for existing links into a route's handler. For other requests the answer
   * reveals nothing about any link.
   */
  const handle =
    (answer: (page: LinkRequest) => unknown) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const isForeignForm = request.method === 'POST' && !isFromOwnPage(request)
      const { key } = request.params as { readonly key: string }
      const path = `${app.basePath}/paymentlink/${key}`
      const foundLink = isForeignForm ? undefined : await findPaymentLink(request.tenant, key, path)
      return foundLink === undefined
        ? sendUnknown(reply, deps.assets)
        : answer({ foundLink, request, reply })
    }

  await app.register(async (pages) => {
    pages.setErrorHandler((error, _request, reply) => sendFailure(deps, error, reply))
    if (deps.limitsRates) {
      await pages.register(import('@fastify/rate-limit'), {
        global: false,
        keyGenerator: ({ ip }) => addressKeyOf(ip),
      })
    }
    pages.get(
      route,
      HIDDEN,
      handle(({ foundLink, reply, request }) =>
        sendPaymentLink(reply, files, foundLink.account, viewFor(foundLink, request)),
      ),
    )
    pages.get(
      `${route}/state`,
      HIDDEN,
      handle(({ foundLink, reply, request }) =>
        reply.header('cache-control', 'no-store').send({ view: viewFor(foundLink, request) }),
      ),
    )
    pages.get(
      `${route}/logo/:file`,
      HIDDEN,
      handle(({ foundLink, reply }) => sendLogo(reply, foundLink.account)),
    )
    pages.post(
      route,
      rateLimit(OPENINGS_PER_MINUTE),
      handle(async ({ foundLink, reply, request }) => {
        const { id } = foundLink.link
        if ((openings?.countOf(id) ?? 0) >= OPENINGS_PER_MINUTE_OF_LINK) throw new TooManyAttempts()
        openings?.add(id)
        const result = await openPaymentLink(request.tenant, id)
        const { language } = customerOf(request)
        // The page itself shows why the link cannot be paid now.
        const path =
          result === undefined || 'refused' in result
            ? foundLink.path
            : `${app.basePath}/hostedcheckout/${result.accessKey}`
        return reply.redirect(`${path}?lang=${language}`, 303)
      }),
    )
  })
}

function viewFor(foundLink: FoundLink, request: FastifyRequest): PaymentLinkView {
  const { clock, mode } = request.tenant
  const { language } = customerOf(request)
  return paymentLinkViewOf({ ...foundLink, language, mode, nowMs: clock.nowMs() })
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import { acceptedLanguage, type Language, languageOfTag } from '../domain/language.ts'
import { queryOf } from '../pages/form.ts'
import { languageTagOf, setLanguageCookie } from './operator-cookies.ts'

/** Returns the language of a page: the chosen one, otherwise the browser's, otherwise English. */
export function languageOf(request: Pick<FastifyRequest, 'headers'>): Language {
  return (
    languageOfTag(languageTagOf(request)) ?? acceptedLanguage(request.headers['accept-language'])
  )
}

/**
 * Remembers the choice of a language by `?lang=`, and redirects to the same address without it, so that the Back button
 * and a copied address do not change the language.
 */
export async function rememberLanguage(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (request.method !== 'GET') return undefined
  const query = queryOf(request)
  const language = languageOfTag(query.get('lang') ?? '')
  if (language === undefined) return undefined
  setLanguageCookie(reply, language)
  query.delete('lang')
  const [path = ''] = request.url.split('?')
  const suffix = query.size === 0 ? '' : `?${query}`
  return reply.redirect(`${reply.server.basePath}${path}${suffix}`, 303)
}

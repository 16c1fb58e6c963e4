const PREFIX = 'tok_'
/** The length of the part of the hash in a token's id, in characters: 72 bits. */
const START_LENGTH = 12
const TOKEN_ID = /^tok_([\w-]{12})$/

/**
 * Returns the id of a token in lists and logs, such as `tok_3q2-7wAAx1Zk`: the beginning of its hash, which does not
 * reveal the token.
 */
export function tokenIdOf(tokenHash: string): string {
  return `${PREFIX}${tokenHash.slice(0, START_LENGTH)}`
}

/**
 * Returns the beginning of the hash of the token with this id. Undefined: the text is not the id of
 * a token.
 */
export function hashStartOf(tokenId: string): string | undefined {
  return TOKEN_ID.exec(tokenId)?.[1]
}

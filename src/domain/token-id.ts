/** The length of a token's id, in characters: 72 bits of its SHA-256. */
const TOKEN_ID_LENGTH = 12

/** Returns the id that lists and logs show for a token: the beginning of its hash, which reveals nothing of it. */
export function tokenIdOf(tokenHash: string): string {
  return tokenHash.slice(0, TOKEN_ID_LENGTH)
}

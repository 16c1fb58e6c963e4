export function stampOf(path: string): string
export function findFreshBundle(): URL | undefined

/** The addresses of a target: a server, or static files. */
export type Links = {
  /** The URL of a page in a link on the page `from`. */
  readonly page: (id: string, from: string) => string
  /** The address of a file beside the pages, such as `pictures/console.png`. */
  readonly file: (name: string, from: string) => string
  /** The address of the sandbox's own first page. Undefined: a live server and static files have none. */
  readonly sandbox: string | undefined
  /** The end of a page's address: `.html` for static files. */
  readonly suffix: string
  readonly searchFile: string
}

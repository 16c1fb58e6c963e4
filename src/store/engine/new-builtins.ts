/**
 * Parts of Node that older versions lack. They are read when this module runs: an `import` of them would fail
 * earlier, while an old Node links the modules, and `paydesk/testing` could not say which Node it needs.
 */

/** The database engine of Node. */
export const { backup, DatabaseSync } = process.getBuiltinModule('node:sqlite')
/** The compression of images of databases. */
export const { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } =
  process.getBuiltinModule('node:zlib')

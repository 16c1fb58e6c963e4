/** Loaded before a program. The program then ends with an error when it tries to connect to another machine. */
import { Socket } from 'node:net'

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/
const { connect } = Socket.prototype

Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [first] = args.flat() as { readonly host?: string; readonly path?: string }[]
  if (first?.path === undefined && !LOOPBACK.test(first?.host ?? 'localhost')) {
    process.stderr.write(`a connection to ${first?.host} was tried\n`)
    process.exit(99)
  }
  return Reflect.apply(connect, this, args)
} as typeof connect

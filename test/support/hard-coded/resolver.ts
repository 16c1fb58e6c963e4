/** Replaces a hosts file: all TLS connections lead to one port of this machine. */
import tls from 'node:tls'

const connect = tls.connect
Object.assign(tls, {
  connect: (options: tls.ConnectionOptions, onConnect?: () => void) =>
    connect(
      { ...options, host: '127.0.0.1', port: Number(process.env.PAYDESK_TEST_TLS_PORT) },
      onConnect,
    ),
})

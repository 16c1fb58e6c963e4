/**
 * The load of `settle`: 64 customers, each with a connection, and the merchant's receiver. Each customer repeatedly
 * creates a session by the API and pays it at the checkout. The receiver answers every webhook at once.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { isWholeAnswer } from './answers.ts'
import { CONNECTION_COUNT } from './rounds.ts'
import { bytesOf, CREATE_REQUEST, writeRequest } from './sample.ts'
import { answerParent } from './worker.ts'

/**
 * The server for the payments, and the duration. Undefined: the worker sends no load, and only answers with the
 * receiver's port.
 */
export type SettleQuestion = {
  readonly load?: { readonly port: number; readonly seconds: number }
}

/** The number of payments, and the number per second from the first creation to the last webhook. */
export type SettleAnswer = {
  readonly receiverPort: number
  readonly paymentCount: number
  readonly paymentsPerSecond: number
}

const CREATE = bytesOf(CREATE_REQUEST)
const FORM = 'method=upi&upi_channel=collect&upi_id=asha%40paydesk'

/** The ids of events that arrived since the start of the load. */
const receivedItems = new Set<unknown>()
let onReceived = () => {}

const receiver = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.end()
    receivedItems.add(request.headers['webhook-id'])
    onReceived()
  })
})
receiver.listen(0, '127.0.0.1')
await once(receiver, 'listening')
const receiverPort = (receiver.address() as AddressInfo).port

answerParent(
  async ({ load }: SettleQuestion): Promise<SettleAnswer> => ({
    receiverPort,
    ...(load === undefined
      ? { paymentCount: 0, paymentsPerSecond: 0 }
      : await pay(load.port, load.seconds)),
  }),
)

async function pay(
  port: number,
  seconds: number,
): Promise<Pick<SettleAnswer, 'paymentCount' | 'paymentsPerSecond'>> {
  const sockets = await Promise.all(Array.from({ length: CONNECTION_COUNT }, () => open(port)))
  receivedItems.clear()
  let paidCount = 0
  let arePaying = true
  const reception = new Promise<void>((resolve) => {
    onReceived = () => {
      if (!arePaying && receivedItems.size >= paidCount) resolve()
    }
  })
  const startedAtMs = performance.now()
  await Promise.all(
    sockets.map(async (socket) => {
      const send = conversation(socket)
      while (performance.now() - startedAtMs < seconds * 1000) {
        const answer = await send(CREATE, 201)
        const key = /"access_key":"([^"]+)"/.exec(answer)?.[1]
        const payAnswer = await send(payRequest(key), 200)
        if (!payAnswer.includes('"state":"succeeded"')) throw new Error(`not paid: ${payAnswer}`)
        paidCount += 1
      }
    }),
  )
  arePaying = false
  onReceived()
  await reception
  const takenMs = performance.now() - startedAtMs
  for (const socket of sockets) socket.destroy()
  return { paymentCount: paidCount, paymentsPerSecond: (paidCount * 1000) / takenMs }
}

function payRequest(accessKey: string | undefined): string {
  const path = `/hostedcheckout/${accessKey}/pay`
  return writeRequest(
    { method: 'POST', path, body: FORM },
    { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
  )
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Returns a function that sends a request over a connection and resolves with the complete answer. */
function conversation(socket: Socket): (request: string, status: number) => Promise<string> {
  let text = ''
  let onText = () => {}
  let onLost: (error: Error) => void = () => {}
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    onText()
  })
  socket.on('close', () => onLost(new Error('the server closed a connection')))
  return (request, status) =>
    new Promise((resolve, reject) => {
      text = ''
      onLost = reject
      onText = () => {
        try {
          if (isWholeAnswer(text, status)) resolve(text)
        } catch (error) {
          reject(error as Error)
        }
      }
      socket.write(request)
    })
}

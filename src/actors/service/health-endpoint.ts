// The HTTP side of a service: a process that owns a listener of node:http. It answers GET and HEAD
// of four pages and nothing else (http-answer.ts). Strangers may knock: headers, time, connections
// and requests of a connection are bounded, bodies are not read, and whoever asks while the service
// is being asked gets the same answer.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GenServer, type InitResult, type Result } from '../../behaviours/gen-server.ts'
import {
  HTTP_CLOSE_TIMEOUT_MS,
  HTTP_CONNECTIONS_MAX,
  HTTP_HEADER_BYTES_MAX,
  HTTP_KEEP_ALIVE_MS,
  HTTP_REQUEST_TIMEOUT_MS,
  HTTP_REQUESTS_PER_CONNECTION_MAX,
  HTTP_SOCKET_TIMEOUT_MS,
  HTTP_TIMEOUT_CHECK_MS,
} from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import { log } from '../../runtime/logger.ts'
import { isAlive, send } from '../../runtime/process.ts'
import { onExit, trapExit } from '../../runtime/signal.ts'
import type { ServiceStatus } from './health-monitor.ts'
import {
  type Answer,
  asked,
  healthAnswer,
  liveAnswer,
  readyAnswer,
  refusal,
} from './http-answer.ts'
import { within } from './within.ts'

export interface HealthEndpointOptions {
  /** Name of the service, for reports. */
  readonly service: string
  /** 0 for any free port. */
  readonly port: number
  readonly address: string
  /** How the service does; must not reject. */
  readonly status: () => Promise<ServiceStatus>
  /** All metrics in the Prometheus text format. */
  readonly metrics: () => Promise<string>
  readonly metricsContentType: string
  /** Told where the endpoint listens. */
  readonly onListening: (port: number) => void
}

/** What the endpoint tells itself: that its listener has failed. */
class ListenerFailed {
  readonly error: Error

  constructor(error: Error) {
    this.error = error
  }
}

export class HealthEndpoint extends GenServer<Server> {
  readonly #options: HealthEndpointOptions
  /** Scrapes under way share one collection. */
  #scrape: Promise<string> | null = null

  constructor(options: HealthEndpointOptions) {
    super()
    this.#options = options
  }

  async init(): Promise<InitResult<Server>> {
    const { port, address, onListening } = this.#options
    trapExit()
    // It takes 30 ms to load, for who listens only.
    const { createServer } = process.getBuiltinModule('node:http')
    const server = createServer(
      {
        maxHeaderSize: HTTP_HEADER_BYTES_MAX,
        headersTimeout: HTTP_REQUEST_TIMEOUT_MS,
        requestTimeout: HTTP_REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: HTTP_TIMEOUT_CHECK_MS,
        keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
      },
      (request, response) => void this.#respond(request, response),
    )
    server.maxConnections = HTTP_CONNECTIONS_MAX
    server.maxRequestsPerSocket = HTTP_REQUESTS_PER_CONNECTION_MAX
    server.timeout = HTTP_SOCKET_TIMEOUT_MS
    // A body that waits for our leave is never asked for.
    server.on('checkContinue', (request, response) => void this.#respond(request, response))
    const { self } = this
    onExit(self, () => {
      server.close()
      server.closeAllConnections()
    })
    const listening = await listen(server, port, address)
    // Killed meanwhile: the hook has closed a server that did not listen yet.
    if (isAlive(self)) onListening(listening)
    else server.close()
    server.on('error', (error) => send<unknown>(self, new ListenerFailed(error)))
    return { state: server }
  }

  override handleInfo(message: unknown, server: Server): Result<Server> {
    if (message instanceof ListenerFailed) {
      const call = { server: 'HealthEndpoint', callback: 'listener' }
      return { stop: { error: message.error, call }, state: server }
    }
    return { state: server }
  }

  /** Answers under way leave; then, or after a while, every connection is closed. */
  override async terminate(_: unknown, server: Server): Promise<void> {
    const closed = new Promise<void>((done) => server.close(() => done()))
    server.closeIdleConnections()
    await within(HTTP_CLOSE_TIMEOUT_MS, closed)
    server.closeAllConnections()
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever hangs up in the middle is no concern of ours.
    request.on('error', () => {})
    response.on('error', () => {})
    // What follows a body nobody reads is not looked for.
    if (hasBody(request)) response.shouldKeepAlive = false
    try {
      const page = asked(request.method, request.url)
      if (page === 'metrics') this.#sendMetrics(response, await this.#scraped())
      else if (page === 'not_found' || page === 'method_not_allowed') {
        if (page === 'method_not_allowed') response.setHeader('allow', 'GET, HEAD')
        sendJson(response, refusal(page))
      } else sendJson(response, answers[page](await this.#options.status()))
    } catch (error) {
      const { service } = this.#options
      log(() => ({ level: 'error', event: 'endpoint_failed', service, url: request.url, error }))
      if (!response.headersSent) {
        sendJson(response, { status: 500, body: { error: 'internal', message: 'see the log' } })
      }
    }
  }

  #scraped(): Promise<string> {
    this.#scrape ??= this.#options.metrics().finally(() => {
      this.#scrape = null
    })
    return this.#scrape
  }

  #sendMetrics(response: ServerResponse, text: string): void {
    sendText(response, 200, this.#options.metricsContentType, text)
  }
}

const answers = { health: healthAnswer, live: liveAnswer, ready: readyAnswer } as const

function sendJson(response: ServerResponse, { status, body }: Answer): void {
  sendText(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`)
}

/** Node leaves out the body of an answer to HEAD, and keeps its length. */
function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** Listens; resolves with the port. */
function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenFailed(error, port, address))
    server.once('error', fail)
    server.listen({ port, host: address }, () => {
      server.off('error', fail)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function listenFailed(error: NodeJS.ErrnoException, port: number, address: string): ArborError {
  const attempt = { operation: 'listen', target: `${address}:${port}` }
  const message = `cannot listen on ${address} port ${port} (${error.code ?? error.message})`
  if (error.code === 'EADDRINUSE') {
    const advice = 'choose another port, or 0 for any that is free'
    return new ArborError('address_in_use', message, advice, attempt, error)
  }
  const advice = 'give an address of this machine and a port this user may open'
  return new ArborError('bad_address', message, advice, attempt, error)
}

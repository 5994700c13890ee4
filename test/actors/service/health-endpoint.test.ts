// The endpoint on real sockets, as its friends and its enemies see it.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startService } from '../../../src/actors/service/service-host.ts'
import { call, cast } from '../../../src/behaviours/gen-server.ts'
import { degraded, down, ok } from '../../../src/behaviours/service.ts'
import { HTTP_CONNECTIONS_MAX, HTTP_HEADER_BYTES_MAX } from '../../../src/limits.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit } from '../../../src/runtime/signal.ts'
import { tracer } from '../../../src/runtime/tracer.ts'
import { Supervisor } from '../../../src/supervisors/supervisor.ts'
import { MadeService, serving, until } from './made-service.ts'

function url(service: { readonly port: number | undefined }, path: string): string {
  return `http://127.0.0.1:${service.port}${path}`
}

/** Status code and body. */
async function get(service: { readonly port: number | undefined }, path: string) {
  const response = await fetch(url(service, path))
  return [response.status, await response.json()]
}

/** A bare connection. */
function dial(port: number | undefined): Socket {
  const socket = connect(port ?? 0, '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  return socket
}

/** A port nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until somebody listens on a port. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = dial(port)
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('close', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
  }
}

/** Writes bytes and reads until the other side closes. */
async function say(port: number | undefined, bytes: string | Uint8Array): Promise<string> {
  const socket = dial(port)
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1')
  })
  socket.end(bytes)
  await once(socket, 'close')
  return heard
}

describe('/health', () => {
  it('says who the service is while it is well, and why when it is not', async () => {
    let health: () => unknown = ok
    const service = await serving([], { health: () => health() }, { port: 0 })
    const info = { name: 'made', version: '1.2.3', description: 'does as it is told' }
    expect(await get(service, '/health')).toEqual([200, { ...info, status: 'ok' }])
    health = () => degraded('tired')
    expect(await get(service, '/health')).toEqual([503, { status: 'degraded', reason: 'tired' }])
    expect((await get(service, '/live'))[0]).toBe(200)
    health = () => down('broken')
    expect(await get(service, '/health')).toEqual([503, { status: 'down', reason: 'broken' }])
    expect((await get(service, '/live'))[0]).toBe(503)
    health = () => {
      throw new TypeError('no pulse')
    }
    const reason = 'TypeError: no pulse'
    expect(await get(service, '/health')).toEqual([503, { status: 'down', reason }])
    health = () => 'junk'
    expect((await get(service, '/health'))[0]).toBe(503)
  })

  it('is down before the start, while the service lives', async () => {
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const port = await freePort()
    const starting = startService(() => new MadeService([], { start: () => gate }), { port })
    await listening(port)
    expect(await get({ port }, '/health')).toEqual([503, { status: 'down', reason: 'not_started' }])
    expect(await get({ port }, '/ready')).toEqual([503, { status: 'starting' }])
    expect(await get({ port }, '/live')).toEqual([200, { status: 'starting' }])
    go()
    const service = await starting
    onTestFinished(() => service.stop())
    expect((await get({ port }, '/ready'))[0]).toBe(200)
  })

  it('is down when health hangs, and keeps nobody waiting longer than that', async () => {
    const health = () => new Promise(() => {})
    const service = await serving([], { health }, { port: 0, healthTimeoutMs: 30 })
    const answers = await Promise.all([1, 2, 3, 4].map(() => get(service, '/health')))
    for (const answer of answers) {
      const reason = 'health gave no answer within 30 ms'
      expect(answer).toEqual([503, { status: 'down', reason }])
    }
  })
})

describe('draining', () => {
  it('is not ready, but alive, until the calls in flight have ended', async () => {
    const service = await serving([], {}, { port: 0 })
    const { port } = service
    const open = call(service.server, { type: 'later' })
    const stopped = service.stop()
    await until(() => true)
    expect(await get({ port }, '/ready')).toEqual([503, { status: 'draining' }])
    expect(await get({ port }, '/live')).toEqual([200, { status: 'draining' }])
    expect(await get({ port }, '/health')).toEqual([503, { status: 'down', reason: 'draining' }])
    cast(service.server, { type: 'answer', text: 'done' })
    expect(await open).toBe('done')
    await stopped
    await expect(fetch(url({ port }, '/live'))).rejects.toThrow()
  })
})

describe('the listener', () => {
  it('answers HEAD with the length of GET and no body', async () => {
    const service = await serving([], {}, { port: 0 })
    const [head, got] = await Promise.all([
      fetch(url(service, '/health'), { method: 'HEAD' }),
      fetch(url(service, '/health')),
    ])
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(got.headers.get('content-length'))
    expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(got.headers.get('cache-control')).toBe('no-store')
    await got.text()
  })

  it('refuses other methods and paths', async () => {
    const service = await serving([], {}, { port: 0 })
    const post = await fetch(url(service, '/health'), { method: 'POST', body: 'x'.repeat(100_000) })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await get(service, '/')).toEqual([404, expect.objectContaining({ error: 'not_found' })])
  })

  it('is on the loopback address unless told otherwise', async () => {
    const service = await serving([], {}, { port: 0 })
    await expect(fetch(`http://[::1]:${service.port}/health`)).rejects.toThrow()
    const open = await serving([], {}, { port: 0, name: 'open', address: '0.0.0.0' })
    expect((await get(open, '/health'))[0]).toBe(200)
  })

  it('that has no port to listen on keeps the service from starting', async () => {
    const first = await serving([], {}, { port: 0 })
    const port = first.port ?? 0
    const second = startService(() => new MadeService(), { port, name: 'second' })
    await expect(second).rejects.toMatchObject({ code: 'address_in_use' })
    expect(whereis('second')).toBeUndefined()
    const third = startService(() => new MadeService(), {
      port: 0,
      name: 'third',
      address: '8.8.8.8',
    })
    await expect(third).rejects.toMatchObject({ code: 'bad_address' })
  })

  it('that is killed comes back on the same port, and the service does not notice', async () => {
    const service = await serving([], {}, { port: 0 })
    const pid = whereis(service.server)
    const endpoint = async () => {
      const children = await Supervisor.whichChildren(service.pid)
      return children.find(({ id }) => id === 'health-endpoint')?.pid
    }
    const { port } = service
    const killed = await endpoint()
    if (killed !== undefined) exit(killed, 'kill')
    for (let found = killed; found === killed || found === undefined; ) found = await endpoint()
    expect([service.port, (await get({ port }, '/health'))[0]]).toEqual([port, 200])
    expect(whereis(service.server)).toBe(pid)
  })

  it('answers through a crash of the service', async () => {
    let isBroken = false
    const start = () => {
      return isBroken ? new Promise<void>(() => {}) : undefined
    }
    const service = await serving([], { start }, { port: 0 })
    isBroken = true
    await call(service.server, { type: 'crash' }).catch(() => {})
    const restarting = { status: 'down', reason: 'restarting' }
    expect(await get(service, '/health')).toEqual([503, restarting])
    expect(await get(service, '/live')).toEqual([200, { status: 'starting' }])
  })
})

describe('/metrics', () => {
  it('shows the runtime, the health and the metrics of the service', async () => {
    const start = ({ metrics }: { metrics: import('../../../src/index.ts').MetricRegistry }) => {
      metrics
        .counter({ name: 'things_total', help: 'things', labels: ['kind'] })
        .inc(2, { kind: 'a' })
    }
    const health = () => degraded('tired')
    const service = await serving([], { start, health }, { port: 0 })
    const response = await fetch(url(service, '/metrics'))
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toMatch(/^arbor_processes \d+$/m)
    expect(text).toContain('arbor_service_health{service="made"} 1\n')
    expect(text).toContain('things_total{kind="a",service="made"} 2\n')
    for (const line of text.split('\n')) {
      expect(line).toMatch(/^$|^# (HELP|TYPE) |^[a-zA-Z_][a-zA-Z0-9_]*(\{[^}]*\})? [-+0-9.eE]+$/)
    }
  })

  it('watch calls when asked to, as long as the service runs', async () => {
    const service = await serving([], {}, { port: 0, traceMetrics: 'messages' })
    await call(service.server, { type: 'echo', text: 'a' })
    const text = await (await fetch(url(service, '/metrics'))).text()
    const echo = 'behaviour="MadeService",request="echo",outcome="reply"'
    expect(text).toContain(`arbor_call_duration_seconds_count{${echo}} 1\n`)
    expect(text).toContain('arbor_message_duration_seconds_count{')
    expect(tracer).not.toBeNull()
    await service.stop()
    expect(tracer).toBeNull()
  })

  it('go on counting when the service is restarted', async () => {
    const start = ({ metrics }: { metrics: import('../../../src/index.ts').MetricRegistry }) => {
      metrics.counter({ name: 'starts_total', help: 'starts' }).inc()
    }
    const service = await serving([], { start }, { port: 0 })
    await call(service.server, { type: 'crash' }).catch(() => {})
    await until(() => whereis(service.server) !== undefined)
    const text = await (await fetch(url(service, '/metrics'))).text()
    expect(text).toContain('starts_total{service="made"} 2\n')
  })
})

describe('hostile input', () => {
  it('is refused when its headers are too large', async () => {
    const { port } = await serving([], {}, { port: 0 })
    const huge = `GET /health HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(HTTP_HEADER_BYTES_MAX)}\r\n\r\n`
    expect(await say(port, huge)).toMatch(/^HTTP\/1\.1 431 /)
    const many = `GET /health HTTP/1.1\r\nhost: a\r\n${'a: b\r\n'.repeat(10_000)}\r\n`
    expect(await say(port, many)).toMatch(/^HTTP\/1\.1 431 |^$/)
  })

  it('that comes a byte at a time is cut off', async () => {
    const { port } = await serving([], {}, { port: 0 })
    const socket = dial(port)
    let heard = ''
    socket.on('data', (chunk) => {
      heard += String(chunk)
    })
    socket.write('GET /health HTTP/1.1\r\nhost: a\r\n')
    const drip = setInterval(() => socket.write('x: y\r\n'), 200)
    onTestFinished(() => clearInterval(drip))
    await once(socket, 'close')
    expect(heard === '' || heard.startsWith('HTTP/1.1 408 ')).toBe(true)
  })

  it('holds no more connections than allowed, and does not hold up the stop', async () => {
    const service = await serving([], {}, { port: 0 })
    const sockets = Array.from({ length: HTTP_CONNECTIONS_MAX + 50 }, () => dial(service.port))
    let closed = 0
    for (const socket of sockets) {
      socket.resume()
      socket.on('close', () => closed++)
    }
    await until(() => closed >= 50)
    expect(closed).toBe(50)
    await service.stop()
    await until(() => closed === sockets.length)
  })

  it('of any kind harms nobody', async () => {
    const service = await serving([], {}, { port: 0 })
    const line = fc.tuple(
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'CONNECT', 'TRACE', 'get', ''),
      fc.oneof(
        fc.constantFrom('/health', '/live', '/ready', '/metrics', '/..//health', '*', 'http://a/'),
        fc.string({ maxLength: 50 }),
      ),
      fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP', ''),
    )
    const header = fc.oneof(
      fc.constantFrom(
        'host: a',
        'content-length: 5',
        'content-length: -1',
        'content-length: 99999999999999999999',
        'transfer-encoding: chunked',
        'expect: 100-continue',
        'connection: upgrade\r\nupgrade: websocket',
      ),
      fc.string({ maxLength: 50 }),
    )
    const text = fc
      .tuple(line, fc.array(header, { maxLength: 6 }), fc.string({ maxLength: 40 }))
      .map(
        ([start, headers, body]) => `${[start.join(' '), ...headers].join('\r\n')}\r\n\r\n${body}`,
      )
    const bytes = fc.oneof(text, fc.uint8Array({ maxLength: 200 }))
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const heard = await say(service.port, given)
        expect(heard).toMatch(/^$|^HTTP\/1\.1 (100|200|400|404|405|408|413|417|431|501|505) /)
      }),
      { numRuns: 300 },
    )
    expect((await get(service, '/health'))[0]).toBe(200)
  }, 60_000)
})

// What the endpoint answers, as a function of the request's line and the service's status: pure, so
// that every case can be written down in a test (services.md, section 4).
//
//   /health    200 ok with name, version and description; 503 degraded, down, before the start
//   /ready     200 where /health is 200: fit for new work
//   /live      503 only when the service says it is down: then a restart may help
//   /metrics   Prometheus text
import type { ServiceStatus } from './health-monitor.ts'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** What is asked for: a page, or why there is none. */
export type Asked = 'health' | 'live' | 'ready' | 'metrics' | 'not_found' | 'method_not_allowed'

const pages: Readonly<Record<string, Asked>> = {
  '/health': 'health',
  '/live': 'live',
  '/ready': 'ready',
  '/metrics': 'metrics',
}

/** Reads a request's method and target; a query is ignored. */
export function asked(method: string | undefined, target: string | undefined): Asked {
  const path = (target ?? '').split('?', 1)[0] ?? ''
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (page === undefined) return 'not_found'
  return method === 'GET' || method === 'HEAD' ? page : 'method_not_allowed'
}

export function healthAnswer({ health, info }: ServiceStatus): Answer {
  if (health.status !== 'ok') return { status: 503, body: { ...health } }
  const { name, version, description } = info
  return { status: 200, body: { name, version, description, status: 'ok' } }
}

export function readyAnswer({ phase, health }: ServiceStatus): Answer {
  if (phase !== 'ready') return { status: 503, body: { status: phase } }
  if (health.status !== 'ok') return { status: 503, body: { ...health } }
  return { status: 200, body: { status: 'ready' } }
}

export function liveAnswer({ phase, health }: ServiceStatus): Answer {
  if (phase !== 'ready') return { status: 200, body: { status: phase } }
  return { status: health.status === 'down' ? 503 : 200, body: { ...health } }
}

/** An answer that says what was wrong with the request. */
export function refusal(asked: 'not_found' | 'method_not_allowed'): Answer {
  if (asked === 'not_found') {
    const known = Object.keys(pages).join(', ')
    return { status: 404, body: { error: 'not_found', message: `ask for ${known}` } }
  }
  return { status: 405, body: { error: 'method_not_allowed', message: 'use GET or HEAD' } }
}

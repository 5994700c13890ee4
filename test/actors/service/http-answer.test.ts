import { describe, expect, it } from 'vitest'
import type { Phase, ServiceStatus } from '../../../src/actors/service/health-monitor.ts'
import {
  asked,
  healthAnswer,
  liveAnswer,
  readyAnswer,
  refusal,
} from '../../../src/actors/service/http-answer.ts'
import { degraded, down, type Health, ok } from '../../../src/behaviours/service.ts'

const info = { name: 'made', version: '1.2.3', description: 'does as it is told' }

function status(phase: Phase, health: Health): ServiceStatus {
  return { phase, health, info }
}

describe('answers', () => {
  it.each([
    ['ready, ok', status('ready', ok()), [200, 200, 200]],
    ['ready, degraded', status('ready', degraded('tired')), [503, 503, 200]],
    ['ready, down', status('ready', down('broken')), [503, 503, 503]],
    ['starting', status('starting', down('not_started')), [503, 503, 200]],
    ['draining', status('draining', down('draining')), [503, 503, 200]],
    ['stopped', status('stopped', down('stopped')), [503, 503, 200]],
  ])('have the status codes of /health, /ready and /live when %s', (_, given, codes) => {
    const answers = [healthAnswer(given), readyAnswer(given), liveAnswer(given)]
    expect(answers.map((answer) => answer.status)).toEqual(codes)
  })

  it('of /health have the bodies of the contract', () => {
    expect(healthAnswer(status('ready', ok())).body).toEqual({ ...info, status: 'ok' })
    const tired = { status: 'degraded', reason: 'tired' }
    expect(healthAnswer(status('ready', degraded('tired'))).body).toEqual(tired)
    expect(healthAnswer(status('ready', down('x'))).body).toEqual({ status: 'down', reason: 'x' })
    const before = { status: 'down', reason: 'not_started' }
    expect(healthAnswer(status('starting', down('not_started'))).body).toEqual(before)
  })

  it('of /ready and /live name the phase, or the health in it', () => {
    expect(readyAnswer(status('ready', ok())).body).toEqual({ status: 'ready' })
    expect(readyAnswer(status('draining', down('draining'))).body).toEqual({ status: 'draining' })
    expect(liveAnswer(status('starting', down('not_started'))).body).toEqual({ status: 'starting' })
    const tired = { status: 'degraded', reason: 'tired' }
    expect(liveAnswer(status('ready', degraded('tired'))).body).toEqual(tired)
  })
})

describe('asked', () => {
  it.each([
    ['GET', '/health', 'health'],
    ['HEAD', '/live', 'live'],
    ['GET', '/ready?verbose=1', 'ready'],
    ['GET', '/metrics', 'metrics'],
    ['POST', '/health', 'method_not_allowed'],
    ['get', '/health', 'method_not_allowed'],
    ['DELETE', '/nothing', 'not_found'],
    ['GET', '/health/', 'not_found'],
    ['GET', '/HEALTH', 'not_found'],
    ['GET', '/constructor', 'not_found'],
    ['GET', '__proto__', 'not_found'],
    ['GET', '', 'not_found'],
    ['OPTIONS', '*', 'not_found'],
    [undefined, undefined, 'not_found'],
  ])('%s %s is %s', (method, target, page) => {
    expect(asked(method, target)).toBe(page)
  })

  it('is refused with what would be right', () => {
    expect(refusal('not_found')).toMatchObject({ status: 404, body: { error: 'not_found' } })
    expect(refusal('method_not_allowed').status).toBe(405)
  })
})

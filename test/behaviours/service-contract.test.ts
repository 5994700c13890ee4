import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { startService } from '../../src/actors/service/service-host.ts'
import { type Call, call, type ServerPid } from '../../src/behaviours/gen-server.ts'
import { type AnyService, type Capability, ok, Service } from '../../src/behaviours/service.ts'
import { contractOf, downBy, healthOf } from '../../src/behaviours/service-contract.ts'
import { CAPABILITIES_MAX, HEALTH_REASON_LENGTH_MAX } from '../../src/limits.ts'
import type { Name } from '../../src/runtime/pid.ts'

const info = { name: 'declared', version: '1.0.0', description: 'is declared' }
const capability = { name: 'declared.do', version: 1 }
const identitySpec = { scope: 'declared', actions: ['a'], resources: ['declared/*'], ttlDays: 30 }

/** A service that declares what it is given, fitting or not. */
function declared(given: Readonly<Record<string, unknown>> = {}): AnyService {
  const all = { info, capabilities: [capability], identitySpec, ...given }
  class Declared extends Service<null> {
    info = () => all.info as never
    capabilities = () => all.capabilities as never
    identitySpec = () => all.identitySpec as never
    start = () => null
    stop = () => {}
    health = ok
  }
  return new Declared()
}

describe('contractOf', () => {
  it('reads what fits as it is', () => {
    const capabilities: Capability[] = [
      capability,
      { name: 'declared/do-it', version: 2, auth: { type: 'open' }, handlerTimeoutMs: 600_000 },
      { name: 'declared/do-it', version: 3, kind: 'streamer', streamMode: 'client_stream' },
      {
        name: 'a',
        version: 1,
        confidential: 'required',
        auth: { type: 'realm_member_required', realmKey: 'k', ability: 'member/device' },
      },
      { name: 'b', version: 1, auth: { type: 'ucan_required', issuer: 'did:x' } },
    ]
    expect(contractOf(declared({ capabilities }))).toEqual({ info, capabilities, identitySpec })
    for (const version of ['1', '0.1.0', '2026.11', '1.0.0-rc.1', '1.0.0+build.5']) {
      expect(contractOf(declared({ info: { ...info, version } })).info.version).toBe(version)
    }
  })

  const one = (fields: object): Record<string, unknown> => ({
    capabilities: [{ ...capability, ...fields }],
  })
  it.each([
    ['info', { info: null }, 'give an object'],
    ['info', { info: [] }, 'give an object'],
    ['info', { info: Promise.resolve(info) }, 'give an object'],
    ['info.title', { info: { ...info, title: 'x' } }, 'leave it out'],
    ['info.name', { info: { ...info, name: 7 } }, 'give a text'],
    ['info.name', { info: { ...info, name: '' } }, 'not empty'],
    ['info.name', { info: { ...info, name: 'My Service' } }, 'kebab-case'],
    ['info.name', { info: { ...info, name: 'my_service' } }, 'kebab-case'],
    ['info.name', { info: { ...info, name: '-a' } }, 'kebab-case'],
    ['info.name', { info: { ...info, name: 'a--b' } }, 'kebab-case'],
    ['info.name', { info: { ...info, name: 'a'.repeat(64) } }, 'at most 63'],
    ['info.version', { info: { ...info, version: undefined } }, 'give a text'],
    ['info.version', { info: { ...info, version: 'latest' } }, 'such as 1.4.0'],
    ['info.version', { info: { ...info, version: '1..2' } }, 'such as 1.4.0'],
    ['info.description', { info: { ...info, description: ' ' } }, 'not empty'],
    ['capabilities', { capabilities: undefined }, 'give a list'],
    ['capabilities', { capabilities: {} }, 'give a list'],
    ['capabilities.length', { capabilities: Array(CAPABILITIES_MAX + 1).fill(capability) }, 'most'],
    ['capabilities[0]', { capabilities: ['do'] }, 'give an object'],
    ['capabilities[1]', { capabilities: [capability, capability] }, 'once'],
    ['capabilities[0].nmae', one({ nmae: 'x' }), 'leave it out'],
    ['capabilities[0].name', one({ name: 'Do' }), 'small letters'],
    ['capabilities[0].name', one({ name: 'a..b' }), 'small letters'],
    ['capabilities[0].name', one({ name: 'info' }), 'every service has this one'],
    ['capabilities[0].name', one({ name: 'get_limits' }), 'every service has this one'],
    ['capabilities[0].name', one({ name: 'set_limits' }), 'every service has this one'],
    ['capabilities[0].version', one({ version: 0 }), 'positive integer'],
    ['capabilities[0].version', one({ version: 1.5 }), 'positive integer'],
    ['capabilities[0].version', one({ version: '1' }), 'positive integer'],
    ['capabilities[0].kind', one({ kind: 'stream' }), 'response, streamer'],
    ['capabilities[0].streamMode', one({ streamMode: 'server_stream' }), 'streamer'],
    ['capabilities[0].handlerTimeoutMs', one({ handlerTimeoutMs: 600_001 }), 'up to 600000'],
    ['capabilities[0].handlerTimeoutMs', one({ kind: 'streamer', handlerTimeoutMs: 1 }), 'leave'],
    ['capabilities[0].confidential', one({ confidential: true }), 'off, preferred, required'],
    ['capabilities[0].auth', one({ auth: 'open' }), 'give an object'],
    ['capabilities[0].auth.type', one({ auth: {} }), 'one of open'],
    ['capabilities[0].auth.issuer', one({ auth: { type: 'ucan_required' } }), 'give a text'],
    ['identitySpec', { identitySpec: undefined }, 'give an object'],
    ['identitySpec.scope', { identitySpec: { ...identitySpec, scope: '' } }, 'not empty'],
    ['identitySpec.actions', { identitySpec: { ...identitySpec, actions: 'a' } }, 'give a list'],
    ['identitySpec.resources[0]', { identitySpec: { ...identitySpec, resources: [1] } }, 'a text'],
    ['identitySpec.ttlDays', { identitySpec: { ...identitySpec, ttlDays: 0 } }, 'positive integer'],
    ['identitySpec.ttlDays', { identitySpec: { ...identitySpec, ttlDays: 0.5 } }, 'positive int'],
    ['identitySpec.ttlDays', { identitySpec: { ...identitySpec, ttlDays: '30' } }, 'positive int'],
  ])('refuses %s, names it and says how to mend it (%#)', (field, given, mend) => {
    expect(() => contractOf(declared(given))).toThrow(
      expect.objectContaining({
        code: 'bad_service',
        message: expect.stringMatching(`^${field.replace(/[[\].]/g, '\\$&')} of Declared is`),
        advice: expect.stringContaining(mend),
      }),
    )
  })

  it('says which callback threw', () => {
    const service = declared()
    service.info = () => {
      throw new Error('no file')
    }
    expect(() => contractOf(service)).toThrow(
      expect.objectContaining({ code: 'bad_service', cause: new Error('no file') }),
    )
  })

  it('accepts or refuses whatever it is given, with bad_service and nothing else', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (a, b, c) => {
        try {
          contractOf(declared({ info: a, capabilities: b, identitySpec: c }))
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_service' })
        }
      }),
    )
  })
})

describe('healthOf and downBy', () => {
  it('make a Health of anything, and never throw', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (given) => {
        for (const health of [healthOf(given), downBy(given)]) {
          expect(['ok', 'degraded', 'down']).toContain(health.status)
          if (health.status === 'ok') continue
          expect(health.reason.length).toBeGreaterThan(0)
          expect(health.reason.length).toBeLessThanOrEqual(HEALTH_REASON_LENGTH_MAX)
        }
      }),
    )
  })

  it('keep no more of a reason than a sentence', () => {
    const reason = 'x'.repeat(10_000)
    expect(healthOf({ status: 'degraded', reason })).toMatchObject({
      reason: 'x'.repeat(HEALTH_REASON_LENGTH_MAX),
    })
  })
})

describe('the types of a service', () => {
  type GreetCall = Call<'greet', { name: string }, string>
  class Greeter extends Service<number, GreetCall> {
    info = () => info
    capabilities = () => [{ name: 'greet', version: 1 }]
    identitySpec = () => identitySpec
    start = () => 0
    stop = () => {}
    health = (greeted: number) => (greeted < 10 ? ok() : ok())
    override handleCall({ name }: GreetCall, _from: unknown, greeted: number) {
      return { reply: `hello ${name}`, state: greeted + 1 }
    }
  }

  it('reach its callers', () => {
    const compiled = (_: () => unknown): void => {}
    compiled(async () => {
      const greeter = await startService(Greeter)
      expectTypeOf(greeter.server).toEqualTypeOf<Name<ServerPid<GreetCall>>>()
      expectTypeOf(await call(greeter.server, { type: 'greet', name: 'a' })).toEqualTypeOf<string>()
      // @ts-expect-error no such field
      await call(greeter.server, { type: 'greet', nmae: 'a' })
      // @ts-expect-error no such call
      await call(greeter.server, { type: 'wave' })
      await startService(new Greeter(), { port: 0 })
      await startService(() => new Greeter())
      // @ts-expect-error a string is no service
      await startService('greeter')
    })
  })

  it('demand the six callbacks, as methods or as fields', () => {
    // @ts-expect-error the callbacks are missing
    class Empty extends Service<null> {}
    class WrongHealth extends Service<null> {
      info = () => info
      capabilities = () => []
      identitySpec = () => identitySpec
      start = () => null
      stop = () => {}
      // @ts-expect-error that is no Health
      health = () => 'ok'
    }
    expect([Empty.name, WrongHealth.name]).toEqual(['Empty', 'WrongHealth'])
  })
})

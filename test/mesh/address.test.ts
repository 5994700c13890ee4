import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressBlock,
  dialProblem,
  formatAddr,
  normalHost,
  parseAddr,
  resolveAddr,
} from '../../src/mesh/address.ts'

const hosts = fc.oneof(fc.ipV4(), fc.ipV6().map(normalHost))
const ports = fc.integer({ min: 1, max: 65_535 })
const nowhere = { bound: undefined, cidrs: [] }

describe('parseAddr', () => {
  it('reads back every address that formatAddr writes', () => {
    fc.assert(
      fc.property(hosts, ports, (host, port) => {
        expect(parseAddr(formatAddr({ host, port }))).toEqual({ host, port })
        expect(parseAddr(`quic://${formatAddr({ host, port })}`)).toEqual({ host, port })
      }),
    )
  })

  it.each([
    ['station.example:4434', 'station.example', 4434],
    ['station.example', 'station.example', 4433],
    ['https://[2001:DB8::1]:99/', '2001:db8::1', 99],
    ['[::ffff:192.0.2.1]:1', '192.0.2.1', 1],
    ['quic://192.0.2.1', '192.0.2.1', 4433],
    ['192.0.2.1:0', '192.0.2.1', 0],
  ])('reads %s', (text, host, port) => {
    expect(parseAddr(text)).toEqual({ host, port })
  })

  it.each([
    '',
    ':4433',
    'a:b',
    'a:70000',
    '::1',
    '[::1',
    '[nonsense]:1',
    'http://a:1',
    'a b:1',
    'a@b:1',
  ])('refuses %s', (text) => {
    expect(() => parseAddr(text)).toThrow(expect.objectContaining({ code: 'bad_address' }))
  })

  it('gives an address or its own error for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseAddr(text).port).toBeLessThanOrEqual(65_535)
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_address' })
        }
      }),
    )
  })
})

describe('resolveAddr', () => {
  it('passes IP literals, looks names up, and names those without an address', async () => {
    const literal = { host: '192.0.2.1', port: 5 }
    expect(await resolveAddr(literal)).toBe(literal)
    const { host, port } = await resolveAddr({ host: 'localhost', port: 5 })
    expect([isIP(host) > 0, port]).toEqual([true, 5])
    const unknown = resolveAddr({ host: 'no-such-host.invalid', port: 5 })
    await expect(unknown).rejects.toMatchObject({ code: 'bad_address' })
  })
})

describe('normalHost', () => {
  it('gives one spelling to one address', () => {
    expect(normalHost('2001:0DB8:0:0::1')).toBe('2001:db8::1')
    expect(normalHost('::FFFF:192.0.2.1')).toBe('192.0.2.1')
    expect(normalHost('::ffff:c000:201')).toBe('192.0.2.1')
    expect(normalHost('Station.Example')).toBe('station.example')
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (host) => {
        expect(normalHost(normalHost(host))).toBe(normalHost(host))
        expect(isIP(normalHost(host))).toBeGreaterThan(0)
      }),
    )
  })
})

describe('dialProblem', () => {
  const here = {
    bound: { host: '0.0.0.0', port: 4433 },
    cidrs: ['127.0.0.1/8', '192.0.2.7/24', '2001:db8::7/64', '198.51.100.1/32'],
  }

  it.each([
    ['255.255.255.255', 9, 'a broadcast address'],
    ['192.0.2.255', 9, 'a broadcast address'],
    ['127.255.255.255', 9, 'a broadcast address'],
    ['::ffff:192.0.2.255', 9, 'a broadcast address'],
    ['239.1.2.3', 9, 'a multicast address'],
    ['ff02::1', 9, 'a multicast address'],
    ['250.1.2.3', 9, 'a reserved address'],
    ['0.0.0.0', 9, 'an unspecified address'],
    ['0.1.2.3', 9, 'an unspecified address'],
    ['::', 9, 'an unspecified address'],
    ['fe80::1%eth0', 9, 'not an IP address'],
    ['station.example', 9, 'not an IP address'],
    ['', 9, 'not an IP address'],
    ['192.0.2.1', 0, 'no port from 1 to 65535'],
    ['192.0.2.1', 65_536, 'no port from 1 to 65535'],
    ['192.0.2.1', -1, 'no port from 1 to 65535'],
    ['192.0.2.1', Number.NaN, 'no port from 1 to 65535'],
    ['192.0.2.7', 4433, 'our own address'],
    ['127.3.2.1', 4433, 'our own address'],
    ['2001:db8:0::7', 4433, 'our own address'],
  ])('refuses %s port %d: %s', (host, port, problem) => {
    expect(dialProblem({ host, port }, here)).toBe(problem)
  })

  it.each([
    ['192.0.2.8', 4433],
    ['192.0.2.7', 4434],
    ['127.0.0.1', 1],
    ['2001:db8::8', 4433],
    ['198.51.100.1', 5],
  ])('lets %s port %d pass', (host, port) => {
    expect(dialProblem({ host, port }, here)).toBeUndefined()
  })

  it('knows a single bound address from its neighbours', () => {
    const bound = { host: '127.0.0.1', port: 4433 }
    expect(dialProblem({ host: '127.0.0.1', port: 4433 }, { ...here, bound })).toBe(
      'our own address',
    )
    expect(dialProblem({ host: '127.0.0.2', port: 4433 }, { ...here, bound })).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.double(), (host, port) => {
        dialProblem({ host, port }, nowhere)
      }),
    )
  })
})

describe('addressBlock', () => {
  it('is the address for IPv4, and the first 64 bits for IPv6', () => {
    expect(addressBlock('192.0.2.1')).toBe('192.0.2.1')
    expect(addressBlock('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(addressBlock('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
    expect(addressBlock('2001:db8::1')).toBe('2001:db8:0:0')
    expect(addressBlock('::1')).toBe('0:0:0:0')
    fc.assert(
      fc.property(fc.ipV6(), (host) => {
        expect(addressBlock(host).split(':').length === 4 || isIP(addressBlock(host)) === 4).toBe(
          true,
        )
      }),
    )
  })
})

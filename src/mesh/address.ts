// Addresses of nodes: their text form, their one spelling, and which of them may be dialled.
// Addresses arrive from peers, so they are hostile: a broadcast address would make us a
// loudspeaker, and the operating system answers some with errors nobody waits for.
//
//   parseAddr('quic://[::1]:4433')                  // { host: '::1', port: 4433 }
//   dialProblem({ host: '255.255.255.255', port: 9 }, here)   // 'a broadcast address'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { DEFAULT_PORT, PORT_MAX } from '../limits.ts'
import { type Addr, TransportError } from './transport.ts'

/** What a machine knows of its own addresses; of `os.networkInterfaces()`. */
export interface LocalNetwork {
  /** Where our socket is bound; undefined before. */
  readonly bound: Addr | undefined
  /** Addresses of this machine as `192.0.2.7/24` or `2001:db8::7/64`. */
  readonly cidrs: readonly string[]
}

/** `host:port`, IPv6 in brackets. */
export function formatAddr(addr: Addr): string {
  return isIPv6(addr.host) ? `[${addr.host}]:${addr.port}` : `${addr.host}:${addr.port}`
}

/**
 * Reads `host:port`, `[v6]:port`, either with `quic://` or `https://` before it (Macula protocol,
 * section 3); without a port `DEFAULT_PORT`. The host may be a name: see `resolveAddr`.
 * @throws TransportError `bad_address`
 */
export function parseAddr(text: string): Addr {
  const pattern = /^(?:(?:quic|https):\/\/)?(?:\[([^\][]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?\/?$/
  const [, bracketed, plain = '', digits] = pattern.exec(text) ?? []
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  const isHost = bracketed === undefined ? plain !== '' : isIPv6(bracketed)
  if (!isHost || port > PORT_MAX) {
    const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text
    throw new TransportError(
      'bad_address',
      { operation: 'parseAddr', target: shown },
      `'${shown}' is no address`,
      'write host:port, an IPv6 host in brackets, a port up to 65535',
    )
  }
  return { host: normalHost(bracketed ?? plain), port }
}

/**
 * The address with its name looked up; an IP literal passes as it is.
 * @throws TransportError `bad_address` when the name is unknown
 */
export async function resolveAddr(addr: Addr): Promise<Addr> {
  if (isIP(addr.host) !== 0) return addr
  try {
    const { address } = await lookup(addr.host)
    return { host: normalHost(address), port: addr.port }
  } catch (cause) {
    throw new TransportError(
      'bad_address',
      { operation: 'resolveAddr', target: addr.host },
      `the name '${addr.host}' has no address`,
      'check its spelling, or write the IP address',
      cause,
    )
  }
}

/** The one spelling of a host: IPv6 shortened and in lower case, IPv4 out of its `::ffff:` coat. */
export function normalHost(host: string): string {
  if (!isIPv6(host) || host.includes('%')) return host.toLowerCase()
  const short = new URL(`http://[${host}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short)
  if (mapped === null) return short
  const [, high = '', low = ''] = mapped
  return ipv4Text(Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16))
}

/** Why an address may not be dialled, as a noun phrase; undefined when it may. */
export function dialProblem(addr: Addr, here: LocalNetwork): string | undefined {
  const host = normalHost(addr.host)
  const family = isIP(host)
  if (family === 0 || host.includes('%')) return 'not an IP address'
  if (!Number.isInteger(addr.port) || addr.port < 1 || addr.port > PORT_MAX) {
    return 'no port from 1 to 65535'
  }
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (UNSPECIFIED.check(host, type)) return 'an unspecified address'
  if (host === '255.255.255.255' || here.cidrs.some((cidr) => isBroadcastOf(cidr, host))) {
    return 'a broadcast address'
  }
  if (MULTICAST.check(host, type)) return 'a multicast address'
  if (RESERVED.check(host, type)) return 'a reserved address'
  return isOwn({ host, port: addr.port }, here) ? 'our own address' : undefined
}

/** The unit in which peers are counted: an IPv4 address, or the /64 one IPv6 subscriber gets. */
export function addressBlock(host: string): string {
  const normal = normalHost(host)
  if (!isIPv6(normal)) return normal
  const [head = '', tail] = normal.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length
  return [...front, ...Array<string>(zeros).fill('0'), ...back].slice(0, 4).join(':')
}

const UNSPECIFIED: BlockList = blocks(['0.0.0.0/8', '::/128'])
const MULTICAST: BlockList = blocks(['224.0.0.0/4', 'ff00::/8'])
const RESERVED: BlockList = blocks(['240.0.0.0/4'])
const LOOPBACK: BlockList = blocks(['127.0.0.0/8', '::1/128'])

function blocks(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}

function isBroadcastOf(cidr: string, host: string): boolean {
  const [address = '', prefix] = cidr.split('/')
  const hostBits = 32 - Number(prefix)
  if (!isIPv4(address) || !isIPv4(host) || hostBits < 2) return false
  const size = 2 ** hostBits
  const first = Math.floor(ipv4Number(address) / size) * size
  return ipv4Number(host) === first + size - 1
}

function isOwn(addr: Addr, { bound, cidrs }: LocalNetwork): boolean {
  if (bound === undefined || bound.port !== addr.port) return false
  if (bound.host === addr.host) return true
  const isEverywhere = bound.host === '0.0.0.0' || bound.host === '::'
  if (!isEverywhere) return false
  const isLoopback = LOOPBACK.check(addr.host, isIPv4(addr.host) ? 'ipv4' : 'ipv6')
  return isLoopback || cidrs.some((cidr) => normalHost(cidr.split('/')[0] ?? '') === addr.host)
}

function ipv4Number(host: string): number {
  return host.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

function ipv4Text(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.')
}

// Self-signed X.509 certificates of a node (RFC 5280, RFC 8410; Macula protocol, section 3): the
// key of the certificate is the node's own key, so that a TLS 1.3 handshake proves who is speaking.
//
//   const certificate = selfSignedCertificate(keys, clock.wallNow())
//   nodeIdOfCertificate(certificate.der) === keys.nodeId
//
// Nobody checks names or dates: a node is trusted by its id. Do not use these certificates for
// browsers, which take no Ed25519.
import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { CERTIFICATE_BYTES_MAX, CERTIFICATE_LIFETIME_MS, CLOCK_SKEW_MS } from '../limits.ts'
import { type KeyPair, type NodeId, nodeIdOf, verifyingKey } from './key-pair.ts'

/** A certificate and its key in the two forms TLS stacks ask for. */
export interface Certificate {
  readonly der: Uint8Array
  readonly pem: string
  /** The secret key as PKCS #8: keep it as secret as the seed. */
  readonly privateKeyPem: string
}

/**
 * A peer's certificate is not what a node presents: `code` is stable, the message names the cause.
 */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code: 'malformed' | 'not_ed25519' | 'bad_self_signature'

  constructor(code: CertificateError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * A certificate over the node's own key, valid from a day before `now` for ten years. Equal
 * arguments give equal bytes: Ed25519 signatures are deterministic and the serial number is a
 * digest.
 * @param now milliseconds since 1970
 */
export function selfSignedCertificate(keys: KeyPair, now: number): Certificate {
  const name = sequence(set(sequence(COMMON_NAME, utf8('Macula Identity'))))
  const validity = sequence(time(now - CLOCK_SKEW_MS), time(now + CERTIFICATE_LIFETIME_MS))
  const body = sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber(keys.publicKey, now)),
    ED25519,
    name,
    validity,
    name,
    verifyingKey(keys.publicKey).export({ format: 'der', type: 'spki' }),
    explicit(3, sequence(NOT_A_CA, SIGNS_ONLY, FOR_LOCALHOST)),
  )
  const der = sequence(body, ED25519, bits(0, sign(null, body, keys.privateKey)))
  return {
    der,
    pem: pem('CERTIFICATE', der),
    privateKeyPem: pem('PRIVATE KEY', pkcs8(keys.privateKey)),
  }
}

/**
 * The id of the node a certificate belongs to. It proves nothing about who sent it: TLS proves that
 * the sender holds the key.
 * @param der as received, hostile
 * @throws CertificateError unless it is a self-signed Ed25519 certificate
 */
export function nodeIdOfCertificate(der: Uint8Array): NodeId {
  const key = selfSignedKey(der)
  return nodeIdOf(key.export({ format: 'der', type: 'spki' }).subarray(-32))
}

function selfSignedKey(der: Uint8Array): KeyObject {
  if (der.length > CERTIFICATE_BYTES_MAX) {
    throw new CertificateError('malformed', `a certificate of ${der.length} bytes is too long`)
  }
  const certificate = attempt(() => new X509Certificate(der))
  const key = attempt(() => certificate.publicKey)
  if (key.asymmetricKeyType !== 'ed25519') {
    const type = key.asymmetricKeyType
    throw new CertificateError('not_ed25519', `a node's key is Ed25519, this certificate's ${type}`)
  }
  if (!attempt(() => certificate.verify(key))) {
    throw new CertificateError('bad_self_signature', 'the certificate is not signed by its own key')
  }
  return key
}

/** OpenSSL throws errors of its own kinds at malformed input. */
function attempt<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new CertificateError('malformed', 'not an X.509 certificate', { cause })
  }
}

function pkcs8(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' })
}

/** 16 bytes with the highest two bits 01: positive, and never shortened by a leading zero. */
function serialNumber(publicKey: Uint8Array, now: number): Buffer {
  const serial = createHash('sha256').update(publicKey).update(String(now)).digest().subarray(0, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

// DER (ITU-T X.690): tag, length, value. Only what a certificate of ours contains.

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.of(tag, ...length), value])
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...parts)
}

function set(part: Uint8Array): Buffer {
  return tagged(0x31, part)
}

function integer(bigEndian: Uint8Array): Buffer {
  return tagged(0x02, bigEndian)
}

function utf8(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text))
}

function bits(unusedBits: number, value: Uint8Array): Buffer {
  return tagged(0x03, Buffer.of(unusedBits), value)
}

function explicit(number: number, part: Uint8Array): Buffer {
  return tagged(0xa0 + number, part)
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function extension(id: string, isCritical: boolean, value: Uint8Array): Buffer {
  const critical = isCritical ? [tagged(0x01, Buffer.of(0xff))] : []
  return sequence(objectId(id), ...critical, tagged(0x04, value))
}

/** RFC 5280, section 4.1.2.5: two digits for the year until 2049, four from 2050. */
function time(milliseconds: number): Buffer {
  const date = new Date(milliseconds)
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits))
}

const ED25519: Buffer = sequence(objectId('2b6570')) // 1.3.101.112
const COMMON_NAME: Buffer = objectId('550403')
const NOT_A_CA: Buffer = extension('551d13', true, sequence())
const SIGNS_ONLY: Buffer = extension('551d0f', true, bits(7, Buffer.of(0x80)))
const FOR_LOCALHOST: Buffer = extension(
  '551d11',
  false,
  sequence(tagged(0x82, Buffer.from('localhost'))),
)

import { createSign, generateKeyPairSync, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CertificateError,
  nodeIdOfCertificate,
  selfSignedCertificate,
} from '../../src/identity/certificate.ts'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { CERTIFICATE_BYTES_MAX } from '../../src/limits.ts'

const NOW = Date.UTC(2026, 10, 21, 9, 30)
const keys = keyPairFromSeed(new Uint8Array(32).fill(7))
const { der, pem, privateKeyPem } = selfSignedCertificate(keys, NOW)

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 })
const moments = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2120, 0) })

/** The DER of `certificate` with one byte replaced. */
function mutated(certificate: Uint8Array, index: number, flip: number): Uint8Array {
  const copy = Uint8Array.from(certificate)
  copy[index] = (copy[index] ?? 0) ^ flip
  return copy
}

describe('selfSignedCertificate', () => {
  it('is a version 3 certificate of ten years, for signing only, as OpenSSL reads it', () => {
    const read = new X509Certificate(der)
    expect(read.subject).toBe('CN=Macula Identity')
    expect(read.issuer).toBe('CN=Macula Identity')
    expect(read.ca).toBe(false)
    expect(read.subjectAltName).toBe('DNS:localhost')
    expect(read.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/)
    expect(read.validFromDate.getTime()).toBe(NOW - 86_400_000)
    expect(read.validToDate.getTime()).toBe(NOW + 3650 * 86_400_000)
  })

  it('has a PEM of the same bytes and the key that signs for it', () => {
    expect(new Uint8Array(new X509Certificate(pem).raw)).toEqual(new Uint8Array(der))
    expect(new X509Certificate(pem).checkPrivateKey(keys.privateKey)).toBe(true)
    expect(privateKeyPem).toBe(keys.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  })

  it('gives equal bytes for equal arguments, and other bytes for another moment', () => {
    expect(selfSignedCertificate(keys, NOW).der).toEqual(der)
    expect(selfSignedCertificate(keys, NOW + 1000).der).not.toEqual(der)
  })
})

describe('nodeIdOfCertificate', () => {
  it('reads the id of every certificate we make', () => {
    fc.assert(
      fc.property(seeds, moments, (seed, now) => {
        const some = keyPairFromSeed(seed)
        expect(nodeIdOfCertificate(selfSignedCertificate(some, now).der)).toBe(some.nodeId)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses a certificate with any byte changed, or names the same node', () => {
    let refused = 0
    for (let index = 0; index < der.length; index++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        try {
          expect(nodeIdOfCertificate(mutated(der, index, flip))).toBe(keys.nodeId)
        } catch (error) {
          if (!(error instanceof CertificateError)) throw error
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(der.length * 4 - 8)
  })

  it('refuses a certificate signed by another key', () => {
    const other = keyPairFromSeed(new Uint8Array(32).fill(8))
    const forged = selfSignedCertificate({ ...keys, ...signingWith(other) }, NOW)
    expect(() => nodeIdOfCertificate(forged.der)).toThrow(
      expect.objectContaining({ code: 'bad_self_signature' }),
    )
  })

  it('refuses other kinds of key', () => {
    expect(() => nodeIdOfCertificate(ecdsaCertificate())).toThrow(
      expect.objectContaining({ code: 'not_ed25519' }),
    )
  })

  it('refuses what is no certificate, with an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(() => nodeIdOfCertificate(bytes)).toThrow(CertificateError)
      }),
      { numRuns: 300 },
    )
    const long = new Uint8Array(CERTIFICATE_BYTES_MAX + 1)
    expect(() => nodeIdOfCertificate(long)).toThrow('too long')
  })
})

/** The public half of `keys` with the secret half of another pair. */
function signingWith(other: typeof keys): Omit<typeof keys, 'publicKey'> {
  return { seed: other.seed, nodeId: keys.nodeId, privateKey: other.privateKey }
}

/** Our certificate with its key and signature replaced by those of NIST P-256. */
function ecdsaCertificate(): Uint8Array {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const wrap = (tag: number, ...parts: Uint8Array[]): Buffer => {
    const value = Buffer.concat(parts)
    return Buffer.concat([Buffer.of(tag, 0x82, value.length >> 8, value.length & 255), value])
  }
  const algorithm = Buffer.from('300a06082a8648ce3d040302', 'hex')
  const name = Buffer.from('300c310a300806035504030c0178', 'hex')
  const validity = Buffer.from(
    '301e170d3236303130313030303030305a170d3336303130313030303030305a',
    'hex',
  )
  const version = Buffer.from('a003020102', 'hex')
  const serial = Buffer.from('02024001', 'hex')
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const body = wrap(0x30, version, serial, algorithm, name, validity, name, spki)
  const signature = createSign('sha256').update(body).sign(privateKey)
  return wrap(0x30, body, algorithm, wrap(0x03, Buffer.of(0), signature))
}

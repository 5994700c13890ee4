// The native QUIC state machine that @matrixai/quic ships: quiche 0.18.0 behind N-API, without a
// socket. This file is its only importer and names every call we make. The package's own classes
// are not used: they lose stream ends under load and fall over hostile addresses.
//
// Facts about the binary, all measured: it opens no file and no socket, reads the machine's clock
// itself, and throws plain errors whose message is the name of quiche's error. Prebuilt for
// linux-x64 (glibc), darwin and win32-x64 only. Its age shows: remote peers can make it hoard
// memory (CVE-2024-1410, CVE-2024-1765), which is why admission.ts counts sessions so closely.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Quiche } from '@matrixai/quic/native/quiche.js'
import { TransportError } from './transport.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface QuicheConfig {
  setApplicationProtos(names: string[]): void
  grease(isOn: boolean): void
  setMaxIdleTimeout(ms: number): void
  setMaxRecvUdpPayloadSize(bytes: number): void
  setMaxSendUdpPayloadSize(bytes: number): void
  setInitialMaxData(bytes: number): void
  setInitialMaxStreamDataBidiLocal(bytes: number): void
  setInitialMaxStreamDataBidiRemote(bytes: number): void
  setInitialMaxStreamDataUni(bytes: number): void
  setInitialMaxStreamsBidi(count: number): void
  setInitialMaxStreamsUni(count: number): void
  setMaxConnectionWindow(bytes: number): void
  setMaxStreamWindow(bytes: number): void
  setActiveConnectionIdLimit(count: number): void
  setDisableActiveMigration(isDisabled: boolean): void
  enableDgram(isOn: boolean, receiveQueueLength: number, sendQueueLength: number): void
  setStatelessResetToken(token: bigint): void
}

export interface QuicheConnection {
  /** Takes in a datagram; throws when it breaks the protocol (the close is sent by `send`). */
  recv(packet: Uint8Array, path: { from: HostPort; to: HostPort }): number
  /** Writes the next packet; null when there is none. */
  send(packet: Uint8Array): [sizeBytes: number, path: { to: HostPort }] | null
  /** Throws StreamReset(code). */
  streamRecv(id: number, into: Uint8Array): [sizeBytes: number, isLast: boolean] | null
  /** Throws StreamStopped(code); null when there is no room. */
  streamSend(id: number, bytes: Uint8Array, isLast: boolean): number | null
  /** 0 stops reading, 1 resets writing. */
  streamShutdown(id: number, direction: 0 | 1, code: number): void
  peerStreamsLeftBidi(): number
  peerStreamsLeftUni(): number
  /** Whether a stream or datagram can be read. */
  isReadable(): boolean
  readable(): Iterable<number>
  writable(): Iterable<number>
  dgramMaxWritableLen(): number | null
  isDgramSendQueueFull(): boolean
  dgramSend(bytes: Uint8Array): void
  dgramRecvVec(): Uint8Array | null
  /** Whole milliseconds until `onTimeout` is due. */
  timeout(): number | null
  onTimeout(): void
  close(isApplication: boolean, code: number, reason: Uint8Array): void
  /** DER, leaf first. */
  peerCertChain(): Uint8Array[] | null
  sendAckEliciting(): void
  isEstablished(): boolean
  isDraining(): boolean
  isClosed(): boolean
  isTimedOut(): boolean
  peerError(): QuicheClose | null
  localError(): QuicheClose | null
  /** `recv`: packets that were genuine. */
  stats(): { recv: number }
  /** `rtt` in whole milliseconds. */
  pathStats(): { active: boolean; rtt: number }[]
}

/** What a CONNECTION_CLOSE says. */
export interface QuicheClose {
  readonly isApp: boolean
  readonly errorCode: number
  readonly reason: Uint8Array
}

export interface QuicheHeader {
  readonly ty: number
  readonly version: number
  readonly dcid: Uint8Array
  readonly scid: Uint8Array
  readonly token?: Uint8Array
}

/** The calls of the binding this house makes. */
export interface QuicBinding {
  readonly Type: { readonly Initial: number }
  readonly Config: {
    withBoringSslCtx(
      verifyPeer: boolean,
      allowUnverified: boolean,
      authorities: null,
      privateKeysPem: Uint8Array[],
      certificatesPem: Uint8Array[],
      signatureAlgorithms: string,
    ): QuicheConfig
  }
  readonly Connection: {
    connect(
      serverName: string,
      sourceId: Uint8Array,
      local: HostPort,
      remote: HostPort,
      config: QuicheConfig,
    ): QuicheConnection
    accept(
      sourceId: Uint8Array,
      originalId: Uint8Array | null,
      local: HostPort,
      remote: HostPort,
      config: QuicheConfig,
    ): QuicheConnection
  }
  readonly Header: { fromSlice(packet: Uint8Array, connectionIdLength: number): QuicheHeader }
  versionIsSupported(version: number): boolean
  /** Write an answer into `out` and return its size. */
  negotiateVersion(sourceId: Uint8Array, destinationId: Uint8Array, out: Uint8Array): number
  retry(
    sourceId: Uint8Array,
    destinationId: Uint8Array,
    newSourceId: Uint8Array,
    token: Uint8Array,
    version: number,
    out: Uint8Array,
  ): number
}

export const SHUTDOWN_READ = 0
export const SHUTDOWN_WRITE = 1

const require: NodeJS.Require = createRequire(import.meta.url)
let loaded: Quiche | undefined

/**
 * The binding, loaded at its first use: a program that never touches the network runs where it is
 * absent.
 * @throws TransportError `quic_unavailable`
 */
export function quicBinding(): QuicBinding {
  loaded ??= load()
  return loaded
}

/**
 * The package that carries the binding, e.g. `@matrixai/quic 2.0.9`.
 * @throws TransportError `quic_unavailable` where it cannot be loaded
 */
export function quicVersion(): string {
  quicBinding()
  const {
    name,
    version,
  }: { name: string; version: string } = require('@matrixai/quic/package.json')
  return `${name} ${version}`
}

/**
 * The code in an error of quiche, e.g. 7 of `StreamReset(7)`; undefined when it is another error.
 */
export function errorCodeOf(
  error: unknown,
  name: 'StreamReset' | 'StreamStopped',
): number | undefined {
  if (!(error instanceof Error) || !error.message.startsWith(`${name}(`)) return undefined
  return Number.parseInt(error.message.slice(name.length + 1), 10)
}

function load(): Quiche {
  try {
    // The package exports itself to `import` only, which cannot be done later and at once: so
    // resolve as import does, and load what that gives.
    const file = fileURLToPath(import.meta.resolve('@matrixai/quic/native/quiche.js'))
    const module: { default: Quiche } = require(file)
    return module.default
  } catch (cause) {
    throw new TransportError(
      'quic_unavailable',
      { operation: 'load', target: '@matrixai/quic' },
      `there is no QUIC for ${process.platform} ${process.arch}`,
      'run on linux-x64 (glibc), macOS or win32-x64, or reinstall with optional dependencies',
      cause,
    )
  }
}

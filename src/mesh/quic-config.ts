// What our QUIC connections promise and allow: one place for every setting, for diallers and
// acceptors alike.
import type { Certificate } from '../identity/certificate.ts'
import {
  ALPN,
  DATAGRAM_QUEUE_MAX,
  SESSION_WINDOW_BYTES,
  STREAM_WINDOW_BYTES,
  STREAMS_MAX,
  UDP_PACKET_BYTES,
} from '../limits.ts'
import type { QuicBinding, QuicheConfig } from './quic-binding.ts'

/** Bytes of a datagram UDP can carry: we take packets of any size. */
const UDP_PAYLOAD_BYTES_MAX = 65_527
/** Connection ids the peer may give us: RFC 9000 wants 2 at least, one spare covers a rebinding. */
const CONNECTION_IDS_MAX = 3

export interface QuicConfigInit {
  readonly certificate: Certificate
  /** Milliseconds of silence after which a connection ends; the shorter of both sides' counts. */
  readonly idleTimeoutMs: number
  /** Of the connection id an acceptor will use (stateless-reset.ts). */
  readonly resetToken?: Uint8Array
}

/**
 * A configuration: mutual TLS 1.3, where each side presents its node's certificate and nobody asks
 * an authority; no 0-RTT, no migration asked for, packets of one size. Costs 0.1 ms.
 */
export function quicConfig(binding: QuicBinding, init: QuicConfigInit): QuicheConfig {
  const { certificate, idleTimeoutMs, resetToken } = init
  const pem = (text: string): Uint8Array[] => [new TextEncoder().encode(text)]
  const { privateKeyPem } = certificate
  const keys = pem(privateKeyPem)
  // Ask the peer for a certificate, and let pass what no authority vouches for: the pin decides.
  const config = binding.Config.withBoringSslCtx(
    true,
    true,
    null,
    keys,
    pem(certificate.pem),
    'ed25519',
  )
  config.setApplicationProtos([ALPN])
  config.grease(true)
  config.setMaxIdleTimeout(idleTimeoutMs)
  config.setMaxRecvUdpPayloadSize(UDP_PAYLOAD_BYTES_MAX)
  config.setMaxSendUdpPayloadSize(UDP_PACKET_BYTES)
  config.setInitialMaxData(SESSION_WINDOW_BYTES)
  config.setMaxConnectionWindow(SESSION_WINDOW_BYTES)
  config.setInitialMaxStreamDataBidiLocal(STREAM_WINDOW_BYTES)
  config.setInitialMaxStreamDataBidiRemote(STREAM_WINDOW_BYTES)
  config.setInitialMaxStreamDataUni(STREAM_WINDOW_BYTES)
  config.setMaxStreamWindow(STREAM_WINDOW_BYTES)
  config.setInitialMaxStreamsBidi(STREAMS_MAX)
  config.setInitialMaxStreamsUni(STREAMS_MAX)
  config.enableDgram(true, DATAGRAM_QUEUE_MAX, DATAGRAM_QUEUE_MAX)
  config.setDisableActiveMigration(true)
  config.setActiveConnectionIdLimit(CONNECTION_IDS_MAX)
  if (resetToken !== undefined) {
    config.setStatelessResetToken(BigInt(`0x${Buffer.from(resetToken).toString('hex')}`))
  }
  return config
}

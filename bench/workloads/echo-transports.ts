// Who takes part in bench/quic.ts, ourselves first.
import { MatrixaiEcho } from '../peers/matrixai-quic.ts'
import { Http2Echo } from '../peers/node-http2.ts'
import type { EchoTransport } from './echo.ts'
import { ArborEcho } from './echo-arbor.ts'

export function echoTransports(): EchoTransport[] {
  return [new ArborEcho(), new MatrixaiEcho(), new Http2Echo()]
}

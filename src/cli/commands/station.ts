// `arbor station start`: a relay that nodes dial and that fans out what they publish.
import { type Station, startStation } from '../../actors/station/station.ts'
import { stop } from '../../behaviours/gen-server.ts'
import type { KeyPair } from '../../identity/key-pair.ts'
import { formatAddr } from '../../mesh/address.ts'
import { QuicTransport } from '../../mesh/quic-transport.ts'
import { TransportError } from '../../mesh/transport.ts'
import { formatReason } from '../../runtime/exit-reason.ts'
import { setLogger } from '../../runtime/logger.ts'
import { waitForExit } from '../../runtime/signal.ts'
import { defaultKeyFile, openKeys } from '../configuration.ts'
import { BadInput, crashReporter } from '../failure.ts'
import { writeEvent } from '../output.ts'
import { exitCodes, stopRequested } from '../shutdown.ts'

interface StationOptions {
  readonly host: string
  readonly port: number
  readonly key?: string
  readonly json: boolean
  readonly untilStdinEnds?: boolean
}

export async function runStation(options: StationOptions): Promise<void> {
  const requested = stopRequested({ withStdin: options.untilStdinEnds === true })
  setLogger(crashReporter((line) => process.stderr.write(`arbor: ${line}\n`)))
  const keys = openKeys(options.key ?? defaultKeyFile('station'))
  const transport = new QuicTransport({ keys })
  const station = await listen(options, keys, transport)
  const { host, port } = station.address
  if (options.json) writeEvent({ event: 'listening', host, port, nodeId: station.nodeId })
  else
    process.stdout.write(
      `listening on ${formatAddr(station.address)}\nstation id   ${station.nodeId}\n`,
    )
  const failed = waitForExit(station.pid).then((reason) => ({ reason }))
  const end = await Promise.race([requested, failed])
  if (typeof end === 'string') await stop(station.pid, 'shutdown')
  await transport.close()
  if (typeof end !== 'string') {
    throw new Error(`the station ended (${formatReason(end.reason)}): start it again.`)
  }
  process.exitCode = exitCodes[end]
}

async function listen(
  { host, port }: StationOptions,
  keys: KeyPair,
  transport: QuicTransport,
): Promise<Station> {
  try {
    return await startStation({ keys, transport, addr: { host, port } })
  } catch (failure) {
    await transport.close()
    const cause = transportErrorIn(failure)
    if (cause?.code === 'address_in_use') {
      throw new BadInput(
        `port ${port} on ${host} is in use: choose another with --port, or 0 for any.`,
      )
    }
    if (cause?.code === 'bad_address') {
      throw new BadInput(`--host ${host} is no address of this machine: give an IP address of it.`)
    }
    throw failure
  }
}

/** The transport's error behind a failed start, however deep supervisors have wrapped it. */
function transportErrorIn(failure: unknown): TransportError | undefined {
  for (let error = failure, depth = 0; depth < 8; depth++) {
    if (error instanceof TransportError) return error
    if (!(error instanceof Error)) return undefined
    error = error.cause
  }
  return undefined
}

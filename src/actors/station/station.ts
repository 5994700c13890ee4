// A station: a node that others can dial, and that passes on what they publish to those that
// subscribed.
//
//   const keys = generateKeyPair(secureRandomBytes)
//   const transport = new QuicTransport({ keys })
//   const station = await startStation({ keys, transport, addr: { host: '127.0.0.1', port: 0 } })
//   formatAddr(station.address)
//   await stop(station.pid, 'shutdown')                  // GOODBYE to everybody
//   await transport.close()
//
// It holds nothing that outlives it: nodes that lose it dial again and repeat their subscriptions.
import { startLink, stop } from '../../behaviours/gen-server.ts'
import type { NodeId } from '../../identity/key-pair.ts'
import { DEFAULT_PORT } from '../../limits.ts'
import { startConnectionTree } from '../../mesh/connection-tree.ts'
import type { Addr } from '../../mesh/transport.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Pid } from '../../runtime/pid.ts'
import type { DynamicSupervisorPid } from '../../supervisors/dynamic-supervisor.ts'
import type { SupervisorPid } from '../../supervisors/supervisor.ts'
import { type StationPid, StationServer, type StationServerOptions } from './station-server.ts'

export { type StationInfo, stationConnections, stationInfo } from './station-server.ts'

export interface StationOptions extends StationServerOptions {
  /** Where to listen; default every IPv4 address, `DEFAULT_PORT`. Port 0 takes any free port. */
  readonly addr?: Addr
  /** Linked to the station's tree. */
  readonly parent?: Pid
}

export interface Station {
  /** The supervisor of everything; stop this one. */
  readonly pid: SupervisorPid
  /** The server, which changes when it is restarted. */
  readonly server: StationPid
  /** Where it listens. */
  readonly address: Addr
  readonly nodeId: NodeId
}

/**
 * Starts a station on a transport of the caller's, which is to be closed after the station has
 * stopped.
 * @throws TransportError `address_in_use`, `bad_address`, `already_listening`; then nothing was
 * started
 */
export async function startStation(options: StationOptions): Promise<Station> {
  const { transport, keys, parent, addr = { host: '0.0.0.0', port: DEFAULT_PORT } } = options
  let server: StationPid | undefined
  const startOwner = (connections: DynamicSupervisorPid): StationPid => {
    server = startLink(new StationServer(options, connections))
    return server
  }
  const pid = await startConnectionTree({ id: 'station-server', startOwner }, parent)
  try {
    const address = await transport.listen(addr)
    return {
      pid,
      address,
      nodeId: keys.nodeId,
      get server() {
        return running(server)
      },
    }
  } catch (error) {
    await stop(pid, 'shutdown')
    throw error
  }
}

function running(server: StationPid | undefined): StationPid {
  if (server !== undefined) return server
  const attempt = { operation: 'server', target: 'station' }
  throw new ArborError('noproc', 'the station has no server', 'start it first', attempt)
}

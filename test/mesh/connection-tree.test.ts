import { describe, expect, it, onTestFinished } from 'vitest'
import { GenServer, type ServerPid, startLink, stop } from '../../src/behaviours/gen-server.ts'
import { startConnection, startConnectionTree } from '../../src/mesh/connection-tree.ts'
import type { PeerConnectionPid } from '../../src/mesh/peer-connection.ts'
import type { Session } from '../../src/mesh/transport.ts'
import type { Pid } from '../../src/runtime/pid.ts'
import { isAlive } from '../../src/runtime/process.ts'
import { exit } from '../../src/runtime/signal.ts'
import type { DynamicSupervisorPid } from '../../src/supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../src/supervisors/supervisor.ts'
import { keysOf, SimulatedMesh, stationAddr } from './simulated-mesh.ts'

class Owner extends GenServer<undefined> {
  init() {
    return { state: undefined }
  }

  override handleInfo() {
    return { state: undefined }
  }
}

interface Tree {
  readonly mesh: SimulatedMesh
  readonly tree: SupervisorPid
  /** All owners there have been, and the supervisors they were given. */
  readonly owners: { pid: ServerPid; connections: DynamicSupervisorPid }[]
}

async function tree(connectionsMax?: number): Promise<Tree> {
  const mesh = new SimulatedMesh()
  onTestFinished(() => mesh.close())
  const owners: Tree['owners'] = []
  const startOwner = (connections: DynamicSupervisorPid): Pid => {
    const pid = startLink(new Owner())
    owners.push({ pid, connections })
    return pid
  }
  const bounds = connectionsMax === undefined ? {} : { connectionsMax }
  const pid = await startConnectionTree({ id: 'owner', startOwner, ...bounds }, undefined)
  return { mesh, tree: pid, owners }
}

async function sessionIn(mesh: SimulatedMesh): Promise<Session> {
  await mesh.station()
  const transport = mesh.network.transport(keysOf('node').nodeId)
  return mesh.settled(transport.dial(stationAddr, { expect: 'anyone' }))
}

function connect({ owners }: Tree, session: Session): Promise<PeerConnectionPid> {
  const { pid: owner, connections } = owners.at(-1) ?? { pid: undefined, connections: undefined }
  if (owner === undefined || connections === undefined) throw new Error('no owner')
  return startConnection(connections, { keys: keysOf('node'), session, owner })
}

describe('startConnectionTree', () => {
  it('starts the connections first and gives them to their owner', async () => {
    const { tree: pid, owners } = await tree()
    const children = await Supervisor.whichChildren(pid)
    expect(children.map(({ id }) => id)).toEqual(['connections', 'owner'])
    expect(owners).toMatchObject([{ pid: children[1]?.pid, connections: children[0]?.pid }])
  })

  it('restarts an owner alone, and an owner with its connections', async () => {
    const started = await tree()
    const { mesh, owners } = started
    exit(owners[0]?.pid ?? started.tree, 'kill')
    await mesh.advance(10)
    expect(owners).toHaveLength(2)
    expect(owners[1]?.connections).toBe(owners[0]?.connections)
    exit(owners[1]?.connections ?? started.tree, 'kill')
    await mesh.advance(10)
    expect(owners).toHaveLength(3)
    expect(owners[2]?.connections).not.toBe(owners[1]?.connections)
    expect(isAlive(started.tree)).toBe(true)
    await mesh.settled(stop(started.tree, 'shutdown'))
  })
})

describe('startConnection', () => {
  it('starts a connection that ends with the tree', async () => {
    const started = await tree()
    const { mesh } = started
    const connection = await connect(started, await sessionIn(mesh))
    expect(isAlive(connection)).toBe(true)
    await mesh.settled(stop(started.tree, 'shutdown'))
    expect(isAlive(connection)).toBe(false)
  })

  it('closes the session when it cannot', async () => {
    const started = await tree(0)
    const { mesh } = started
    const session = await sessionIn(mesh)
    await expect(connect(started, session)).rejects.toMatchObject({ code: 'max_children' })
    expect(await mesh.settled(session.closed)).toMatchObject({ by: 'local' })
    await mesh.settled(stop(started.tree, 'shutdown'))
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import { stop } from '../../src/behaviours/gen-server.ts'
import { keyPairFromSeed } from '../../src/identity/key-pair.ts'
import { connectionInfo } from '../../src/mesh/peer-connection.ts'
import { type PeerMessage, peerInfo, subscribePeers } from '../../src/mesh/peer-manager.ts'
import { whereis } from '../../src/runtime/registry.ts'
import { exit } from '../../src/runtime/signal.ts'
import { keysOf, recorder, SimulatedMesh, stationAddr } from './simulated-mesh.ts'

function world(): SimulatedMesh {
  const mesh = new SimulatedMesh({ latencyMs: 5 })
  onTestFinished(() => mesh.close())
  return mesh
}

const stationKeys = keysOf('station')

describe('a peer manager', () => {
  it('connects, and tells its subscribers', async () => {
    const mesh = world()
    await mesh.station()
    const { peers } = await mesh.node('node')
    const { pid, messages } = recorder<PeerMessage>()
    await subscribePeers(peers, pid)
    await mesh.advance(100)
    const up = { type: 'peer_up', peer: stationKeys.nodeId, addr: stationAddr }
    expect(messages).toMatchObject([up])
    const [info] = await peerInfo(peers)
    expect(info).toMatchObject({ status: 'up', peer: stationKeys.nodeId, failures: 0 })
  })

  it('tells who subscribes later what is up already', async () => {
    const mesh = world()
    await mesh.station()
    const { peers } = await mesh.node('node')
    await mesh.advance(100)
    const { pid, messages } = recorder<PeerMessage>()
    await subscribePeers(peers, pid)
    await subscribePeers(peers, pid)
    await mesh.advance(10)
    expect(messages.map(({ type }) => type)).toEqual(['peer_up'])
  })

  it('forgets a subscriber that has ended', async () => {
    const mesh = world()
    const station = await mesh.station()
    const { peers } = await mesh.node('node')
    const { pid, messages } = recorder<PeerMessage>()
    await subscribePeers(peers, pid)
    await mesh.advance(100)
    exit(pid, 'kill')
    await mesh.settled(stop(station.pid, 'shutdown'))
    expect(messages).toHaveLength(1)
  })

  it('dials until somebody answers, ever more seldom', async () => {
    const mesh = world()
    const { peers } = await mesh.node('node')
    await mesh.advance(60_000)
    const [info] = await peerInfo(peers)
    expect(info?.failures).toBeGreaterThan(3)
    expect(info?.failures).toBeLessThan(12)
    expect(info?.lastFailure).toMatch(/no answer/)
    await mesh.station()
    await mesh.advance(16_000)
    expect((await peerInfo(peers))[0]?.status).toBe('up')
  })

  it('connects again, soon, after a station was stopped and started', async () => {
    const mesh = world()
    const station = await mesh.station()
    const { peers } = await mesh.node('node')
    const { pid, messages } = recorder<PeerMessage>()
    await subscribePeers(peers, pid)
    await mesh.advance(30_000)
    await mesh.settled(stop(station.pid, 'shutdown'))
    await station.transport.close()
    await mesh.advance(500)
    const reason = { cause: 'goodbye', detail: 'operator_stop' }
    expect(messages.slice(1)).toMatchObject([{ type: 'peer_down', reason }])
    await mesh.station()
    await mesh.advance(6_000)
    expect(messages.map(({ type }) => type)).toEqual(['peer_up', 'peer_down', 'peer_up'])
  })

  it('accepts only the identity it was told', async () => {
    const mesh = world()
    await mesh.station()
    const stations = [{ addr: stationAddr, nodeId: keysOf('another').nodeId }]
    const { peers } = await mesh.node('node', { stations })
    await mesh.advance(1_000)
    const [info] = await peerInfo(peers)
    expect(info).toMatchObject({ peer: undefined })
    expect(info?.failures).toBeGreaterThan(0)
  })

  it('does not hurry back to a station that will not have it', async () => {
    const mesh = world()
    const station = await mesh.station()
    const keys = keyPairFromSeed(new Uint8Array(32).fill(3))
    const { peers } = await mesh.node('weak', { keys })
    await mesh.advance(5_000)
    const [info] = await peerInfo(peers)
    expect(info).toMatchObject({ failures: 1, lastFailure: 'goodbye: puzzle_invalid' })
    expect(station.nodeId).toBe(stationKeys.nodeId)
  })

  it('keeps one connection when two addresses lead to one station', async () => {
    const mesh = world()
    await mesh.station()
    const stations = [{ addr: stationAddr }, { addr: stationAddr }]
    const { peers } = await mesh.node('node', { stations })
    await mesh.advance(60_000)
    const statuses = (await peerInfo(peers)).map(({ status }) => status)
    expect(statuses.sort()).toEqual(['up', 'waiting'])
    const { pid, messages } = recorder<PeerMessage>()
    await subscribePeers(peers, pid)
    await mesh.advance(60_000)
    expect(messages.map(({ type }) => type)).toEqual(['peer_up'])
  })

  it('is restarted after a crash, with new connections', async () => {
    const mesh = world()
    await mesh.station()
    const { peers } = await mesh.node('node')
    await mesh.advance(100)
    const [before] = await peerInfo(peers)
    const manager = whereis(peers)
    if (manager === undefined || before?.connection === undefined) throw new Error('not up')
    exit(manager, 'kill')
    await mesh.advance(10)
    expect(whereis(peers)).not.toBe(manager)
    await mesh.advance(1_000)
    const [after] = await peerInfo(peers)
    expect(after?.status).toBe('up')
    expect(after?.connection).not.toBe(before.connection)
    await expect(connectionInfo(before.connection)).rejects.toMatchObject({ code: 'noproc' })
  })
})

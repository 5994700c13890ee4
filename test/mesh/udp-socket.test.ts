import { describe, expect, it } from 'vitest'
import { UdpSocket } from '../../src/mesh/udp-socket.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

describe('UdpSocket', () => {
  it('carries packets, and says where they came from', async () => {
    const arrived = Promise.withResolvers<[string, number]>()
    const receiver = await UdpSocket.bind(LOOPBACK, (packet, from) => {
      arrived.resolve([packet.toString(), from.port])
    })
    const sender = await UdpSocket.bind(LOOPBACK, () => {})
    sender.send(Buffer.from('hello'), receiver.local)
    expect(await arrived.promise).toEqual(['hello', sender.local.port])
    await Promise.all([sender.close(), receiver.close()])
  })

  it('counts what cannot be sent, and throws nothing', async () => {
    const socket = await UdpSocket.bind(LOOPBACK, () => {})
    const hostile = [
      { host: '255.255.255.255', port: 9 },
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 70_000 },
      { host: '::1', port: 9 },
      { host: 'no-such-host.invalid', port: 9 },
    ]
    for (const to of hostile) socket.send(Buffer.from('x'), to)
    await socket.close()
    expect(socket.sendErrorCount).toBeGreaterThanOrEqual(4)
  })

  it('sends everything before it closes', async () => {
    let arrivedCount = 0
    const all = Promise.withResolvers<void>()
    const receiver = await UdpSocket.bind(LOOPBACK, () => {
      if (++arrivedCount === 50) all.resolve()
    })
    const sender = await UdpSocket.bind(LOOPBACK, () => {})
    for (let index = 0; index < 50; index++) sender.send(Buffer.from('x'), receiver.local)
    await sender.close()
    await all.promise
    await receiver.close()
  })

  it('rejects an address that cannot be had', async () => {
    const socket = await UdpSocket.bind(LOOPBACK, () => {})
    await expect(UdpSocket.bind(socket.local, () => {})).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    await socket.close()
  })
})

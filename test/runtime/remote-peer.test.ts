// One side of the protocol between nodes is ours; the other is played by the test, signal by
// signal: what crosses on the way can then be had on purpose.
import { describe, expect, it } from 'vitest'
import { BACKLOG_BYTES_MAX, OPEN_CALLS_SWEEP_MIN } from '../../src/limits.ts'
import { request } from '../../src/runtime/call.ts'
import type { Connection, ConnectionEvents } from '../../src/runtime/connection.ts'
import { processOf } from '../../src/runtime/pid.ts'
import { isAlive, send } from '../../src/runtime/process.ts'
import { exportProcess } from '../../src/runtime/remote-export.ts'
import { RemotePeer } from '../../src/runtime/remote-peer.ts'
import { type SignalHandler, SignalReader, SignalWriter } from '../../src/runtime/remote-signal.ts'
import { Down, Exit, exit, linksOf } from '../../src/runtime/signal.ts'
import { usePidTable } from '../../src/runtime/term.ts'
import { Probe } from '../supervisors/probe.ts'

/** A node that says what the test wants and notes what it is told. */
class Stage implements Connection {
  /** Bytes that wait, as it says. */
  backlog = 0
  readonly peer: RemotePeer
  readonly heard: unknown[][] = []
  readonly #writer: SignalWriter = new SignalWriter((frame) => this.#events?.onFrame(frame.slice()))
  readonly #reader: SignalReader
  #events: ConnectionEvents | null = null
  isLost = false

  constructor(node: number) {
    const note =
      (signal: string) =>
      (...operands: unknown[]): void => {
        this.heard.push([signal, ...operands])
      }
    const handler: SignalHandler = {
      onSend: note('send'),
      onCall: note('call'),
      onReply: note('reply'),
      onCallFailed: note('callFailed'),
      onCancel: note('cancel'),
      onLink: note('link'),
      onUnlink: note('unlink'),
      onWatch: note('watch'),
      onEnded: note('ended'),
      onExit: note('exit'),
      onNews: note('news'),
      onAlias: note('alias'),
      onUndecodable: note('undecodable'),
      onUndecodableReply: note('undecodableReply'),
    }
    this.#reader = new SignalReader(handler)
    this.peer = new RemotePeer(node, {
      onDirty: () => {},
      onLost: () => {
        this.isLost = true
      },
      onNews: () => {},
    })
    this.peer.connect(this)
  }

  /** What the node tells us. */
  say(write: (writer: SignalWriter) => void): void {
    write(this.#writer)
    this.#writer.flush()
  }

  /** Bytes it sends. */
  receive(frame: Uint8Array): void {
    this.#events?.onFrame(frame)
  }

  /** What we have told it since it was last asked. */
  hear(): unknown[][] {
    this.peer.flush()
    return this.heard.splice(0)
  }

  open(events: ConnectionEvents): void {
    this.#events = events
  }

  send(frame: Uint8Array): void {
    this.#reader.read(frame.slice())
  }

  poll(): boolean {
    return false
  }

  close(): void {
    this.#events?.onEnd()
  }
}

describe('links that cross on the way', () => {
  it('an UNLINK that had not seen our latest LINK does not undo it', async () => {
    const stage = new Stage(101)
    const probe = new Probe()
    const proxy = stage.peer.proxy(5)
    const { id } = processOf(probe.pid)
    probe.link(proxy)
    probe.unlink(proxy)
    probe.link(proxy)
    expect(stage.hear()).toEqual([
      ['link', 5, id],
      ['unlink', 5, id, 0],
      ['link', 5, id],
    ])
    stage.say((writer) => writer.unlink(id, 5, 1))
    expect(linksOf(probe.pid)).toEqual([proxy])
    stage.say((writer) => writer.ended(5, 'crashed'))
    expect(await probe.next()).toEqual(new Exit(proxy, 'crashed'))
  })

  it('an UNLINK that had seen it does', () => {
    const stage = new Stage(102)
    const probe = new Probe()
    probe.link(stage.peer.proxy(5))
    stage.say((writer) => writer.unlink(processOf(probe.pid).id, 5, 1))
    expect(linksOf(probe.pid)).toEqual([])
    expect(linksOf(stage.peer.proxy(5))).toEqual([])
  })

  it('an UNLINK leaves an exit message that was sent for itself', async () => {
    const stage = new Stage(103)
    const probe = new Probe()
    const proxy = stage.peer.proxy(5)
    probe.link(proxy)
    const { id } = processOf(probe.pid)
    usePidTable({ nodeOf: ({ debt }) => debt, idOf: (process) => -process.id, find: () => proxy })
    stage.say((writer) => {
      writer.exit(id, proxy, 'for you')
      writer.unlink(id, 5, 1)
    })
    expect(await probe.next()).toEqual(new Exit(proxy, 'for you'))
  })
})

describe('a peer', () => {
  it('is asked once to tell of the end of a process, however many want to know', async () => {
    const stage = new Stage(104)
    const [one, two] = [new Probe(), new Probe()]
    const proxy = stage.peer.proxy(7)
    const refs = [one.monitor(proxy), two.monitor(proxy)]
    one.link(proxy)
    expect(stage.hear()).toEqual([
      ['watch', 7],
      ['link', 7, processOf(one.pid).id],
    ])
    stage.say((writer) => writer.ended(7, 'done'))
    expect(await two.next()).toEqual(new Down(refs[1] as never, proxy, 'done'))
    const told = await one.take(2)
    expect(told).toContainEqual(new Down(refs[0] as never, proxy, 'done'))
    expect(told).toContainEqual(new Exit(proxy, 'done'))
  })

  it('is told once of the end of ours, when it asked, and noproc of one that is gone', () => {
    const stage = new Stage(105)
    const probe = new Probe()
    const id = exportProcess(processOf(probe.pid))
    stage.say((writer) => {
      writer.watch(id)
      writer.watch(id)
      writer.watch(987_654_321)
    })
    probe.end()
    expect(stage.hear()).toEqual([
      ['ended', 987_654_321, 'noproc'],
      ['ended', id, 'killed'],
    ])
  })

  it('that is lost takes its processes with it, and later ones are dead on arrival', async () => {
    const stage = new Stage(106)
    const probe = new Probe()
    const proxy = stage.peer.proxy(3)
    const ref = probe.monitor(proxy)
    stage.close()
    expect(stage.isLost).toBe(true)
    stage.peer.lose()
    expect(await probe.next()).toEqual(new Down(ref, proxy, 'noconnection'))
    expect(isAlive(stage.peer.proxy(4))).toBe(false)
  })

  it('that sends what is no frame is given up, loudly, not guessed at', () => {
    const stage = new Stage(107)
    const probe = new Probe()
    const id = exportProcess(processOf(probe.pid))
    stage.say((writer) => writer.link(id, 2))
    stage.say((writer) => writer.reply(1, 'nobody waits'))
    expect(stage.isLost).toBe(false)
    const broken = new SignalWriter((frame) => {
      frame[1] = 0x1f
      stage.receive(frame.slice())
    })
    broken.send(id, 'x')
    broken.flush()
    expect(stage.isLost).toBe(true)
  })

  it('that does not keep up is sent no more messages, loudly, but every signal', async () => {
    const stage = new Stage(109)
    const probe = new Probe()
    const proxy = stage.peer.proxy(1)
    stage.backlog = BACKLOG_BYTES_MAX
    expect(() => send(proxy as never, 'hello' as never)).toThrow('too much waits')
    await expect(request(proxy, 'hello')).rejects.toMatchObject({ code: 'connection_full' })
    probe.monitor(proxy)
    exit(proxy, 'enough')
    expect(stage.hear()).toEqual([
      ['watch', 1],
      ['exit', 1, null, 'enough'],
    ])
    stage.backlog = 0
    send(proxy as never, 'now' as never)
    expect(stage.hear()).toEqual([['send', 1, 'now']])
  })

  it('is told when calls are given up, once there are many', async () => {
    const stage = new Stage(110)
    const proxy = stage.peer.proxy(1)
    const abort = new AbortController()
    const given = Array.from({ length: OPEN_CALLS_SWEEP_MIN }, () =>
      request(proxy, 'wait', { signal: abort.signal }),
    )
    abort.abort()
    await Promise.allSettled(given)
    stage.hear()
    const last = request(proxy, 'one more')
    const heard = stage.hear()
    expect(heard.filter(([signal]) => signal === 'cancel')).toHaveLength(OPEN_CALLS_SWEEP_MIN)
    const [, , number] = heard.find(([signal]) => signal === 'call') ?? []
    stage.say((writer) => writer.reply(Number(number), 'answer'))
    expect(await last).toBe('answer')
  })

  it('gets the messages of the dead counted, not thrown', () => {
    const stage = new Stage(108)
    stage.say((writer) => writer.send(123_456_789, 'to nobody'))
    stage.say((writer) => writer.call(123_456_789, 4, 'to nobody'))
    expect(stage.hear()).toEqual([['callFailed', 4, 'noproc']])
    send(stage.peer.proxy(1) as never, 'hello' as never)
    expect(stage.hear()).toEqual([['send', 1, 'hello']])
  })
})

// Another node as this thread sees it: what is done to its processes becomes signals on a
// connection, and its signals are carried out here on ours. One stream a direction, so between two
// processes all signals keep their order: messages, calls, replies, links, exits, ends.
//
// A node is told once of the end of a process that it has linked, monitored or otherwise watched
// (`ENDED`), however many there want to know: the proxy there ends, and with it everything that
// hangs on it. Nobody waits for an answer, so links need one care: an `UNLINK` that crossed a newer
// `LINK` on its way must not undo it. It carries how many `LINK`s its sender had seen.
import { BACKLOG_BYTES_MAX, FLUSH_BYTES, FLUSH_SIGNALS } from '../limits.ts'
import { ArborError } from './arbor-error.ts'
import { PendingCall } from './call.ts'
import type { Connection } from './connection.ts'
import { deadLetter } from './dead-letter.ts'
import { offer } from './delivery.ts'
import type { ExitReason } from './exit-reason.ts'
import { log } from './logger.ts'
import { LoopMessage, LoopRequest } from './loop-message.ts'
import { DEAD, type Pid, Process, processOf, REMOTE } from './pid.ts'
import type { Remote } from './remote.ts'
import { type CallEnds, failCallsTo, keepCall, RemoteCall, takeCall } from './remote-call.ts'
import {
  type EndListener,
  exportedProcess,
  exportProcess,
  forgetListener,
  tellEnd,
} from './remote-export.ts'
import { deliverToAlias } from './remote-message.ts'
import { type SignalHandler, SignalReader, SignalWriter } from './remote-signal.ts'
import { post } from './scheduler.ts'
import { dropLink, exitProcess, link, signalExit } from './signal.ts'
import { WeakValues } from './weak-values.ts'

/** Reductions a sender is charged: one for so many bytes that wait in the connection. */
const BACKLOG_BYTES_PER_REDUCTION = 4096

/** What a peer tells the node it belongs to. */
export interface PeerEvents {
  /** It has something to be flushed at the end of the slice. */
  onDirty(peer: RemotePeer): void
  onLost(peer: RemotePeer): void
  /** It said something that concerns no process. */
  onNews(peer: RemotePeer, news: unknown): void
}

export class RemotePeer implements Remote, CallEnds, EndListener, SignalHandler {
  readonly node: number
  readonly #events: PeerEvents
  #connection: Connection | null = null
  /** Frames written before there was a connection. */
  #early: Uint8Array[] = []
  readonly #writer: SignalWriter = new SignalWriter((frame) => this.#emit(frame))
  readonly #reader: SignalReader = new SignalReader(this)
  #isDirty = false
  #isLost = false
  readonly #proxies: WeakValues<number, Process> = new WeakValues()
  /** Proxies whose end somebody here wants to hear of: they outlive whoever holds them. */
  readonly #watched: Set<Process> = new Set()
  /** Links of each proxy, with the number of the LINK we sent; 0 when the peer made it. */
  readonly #links: Map<Process, Map<Process, number>> = new Map()
  #linksSent = 0
  #linksSeen = 0
  /** Calls of the peer that have no outcome. */
  readonly #calls: Map<number, RemoteCall> = new Map()

  constructor(node: number, events: PeerEvents) {
    this.node = node
    this.#events = events
  }

  /** The proxy of one of its processes: the same as long as somebody holds it. */
  proxy(id: number): Process {
    const known = this.#proxies.get(id)
    if (known !== undefined) return known
    const proxy = new Process(-id, () => undefined, this)
    proxy.debt = this.node
    proxy.status = REMOTE
    this.#proxies.set(id, proxy)
    if (this.#isLost) exitProcess(proxy, 'noconnection')
    return proxy
  }

  // --- Connection ---

  connect(connection: Connection): void {
    this.#connection = connection
    for (const frame of this.#early) connection.send(frame)
    this.#early = []
    connection.open({
      onFrame: (frame) => this.#read(frame),
      onEnd: () => this.#events.onLost(this),
    })
  }

  /** Sends what has been written. */
  flush(): void {
    this.#isDirty = false
    this.#writer.flush()
  }

  poll(): boolean {
    return this.#connection?.poll() ?? false
  }

  close(): void {
    this.#connection?.close()
  }

  /** The node is gone: everything that depends on it fails with `noconnection`. */
  lose(): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#early = []
    for (const call of this.#calls.values()) call.drop()
    this.#calls.clear()
    forgetListener(this)
    failCallsTo(this.node)
    for (const proxy of this.#proxies.values()) exitProcess(proxy, 'noconnection')
    this.#watched.clear()
    this.#links.clear()
  }

  #emit(frame: Uint8Array): void {
    if (this.#isLost) return
    if (this.#connection === null) this.#early.push(frame.slice())
    else this.#connection.send(frame)
  }

  #read(frame: Uint8Array): void {
    try {
      this.#reader.read(frame)
    } catch (error) {
      // The stream cannot be trusted any more; nothing of it must be lost silently.
      log(() => ({ level: 'error', event: 'bad_frame', node: this.node, error }))
      this.close()
    }
  }

  /** A signal has been written; returns what its sender is charged. */
  #written(): number {
    const writer = this.#writer
    if (writer.length >= FLUSH_BYTES || writer.count >= FLUSH_SIGNALS) writer.flush()
    else if (!this.#isDirty) {
      this.#isDirty = true
      this.#events.onDirty(this)
    }
    const backlog = this.#connection === null ? 0 : this.#connection.backlog
    return Math.floor(backlog / BACKLOG_BYTES_PER_REDUCTION)
  }

  // --- What is done to proxies here ---

  post(proxy: Process, message: unknown): number {
    if (message instanceof PendingCall && message.target === proxy) {
      try {
        this.#checkRoom(proxy, message.request)
        const number = keepCall(message, cancelCall)
        this.#writer.call(-proxy.id, number, message.request)
      } catch (error) {
        message.reject(error as ArborError)
      }
    } else {
      this.#checkRoom(proxy, message)
      this.#writer.send(-proxy.id, message)
    }
    return this.#written()
  }

  /** What its peer does not read, this thread cannot keep without end. */
  #checkRoom(target: Process | string, message: unknown): void {
    if (this.#connection === null || this.#connection.backlog < BACKLOG_BYTES_MAX) return
    const attempt = { operation: 'send', target, request: message }
    const advice = 'it does not keep up: send it less, or wait for replies'
    throw new ArborError('connection_full', `too much waits for ${target}`, advice, attempt)
  }

  link(proxy: Process, local: Process): void {
    const links = this.#linksOf(proxy)
    if (links.has(local)) return
    links.set(local, ++this.#linksSent)
    this.#watched.add(proxy)
    this.#writer.link(-proxy.id, exportProcess(local))
    this.#written()
    tellEnd(local.id, this)
  }

  unlink(proxy: Process, local: Process): void {
    if (!this.#forgetLink(proxy, local)) return
    this.#writer.unlink(-proxy.id, local.id, this.#linksSeen)
    this.#written()
  }

  linkBroken(proxy: Process, local: Process): void {
    this.#forgetLink(proxy, local)
  }

  exit(proxy: Process, from: Process | null, reason: ExitReason): void {
    this.#writer.exit(-proxy.id, from, reason)
    this.#written()
  }

  watch(proxy: Process): void {
    if (this.#watched.has(proxy)) return
    this.#watched.add(proxy)
    this.#writer.watch(-proxy.id)
    this.#written()
  }

  /** Sends a message by way of an alias of the peer's. */
  sendToAlias(alias: number, message: unknown): void {
    this.#checkRoom(`alias ${alias} of node ${this.node}`, message)
    this.#writer.alias(alias, message)
    this.#written()
  }

  /** Tells the node something that concerns no process. */
  tell(news: unknown): void {
    this.#writer.news(news)
    this.#written()
  }

  #linksOf(proxy: Process): Map<Process, number> {
    let links = this.#links.get(proxy)
    if (links === undefined) {
      links = new Map()
      this.#links.set(proxy, links)
    }
    return links
  }

  #forgetLink(proxy: Process, local: Process): boolean {
    const links = this.#links.get(proxy)
    if (links === undefined || !links.delete(local)) return false
    if (links.size === 0) this.#links.delete(proxy)
    return true
  }

  // --- What is done to our processes, told to the peer ---

  ended(id: number, reason: ExitReason): void {
    this.#writer.ended(id, reason)
    this.#written()
  }

  replied(call: RemoteCall, value: unknown): void {
    this.#writer.reply(call.number, value)
    this.#written()
    this.#calls.delete(call.number)
  }

  failed(call: RemoteCall, reason: ExitReason): void {
    this.#writer.callFailed(call.number, reason)
    this.#written()
    this.#calls.delete(call.number)
  }

  /** Nobody here waits for the reply any more. */
  cancel(number: number): void {
    this.#writer.cancel(number)
    this.#written()
  }

  // --- What the peer's processes do to ours ---

  onSend(to: number, message: unknown): void {
    const process = exportedProcess(to)
    if (process === undefined) deadLetter('no_process', `Pid<${to}>`, message)
    else if (message instanceof LoopMessage) post(process, message)
    else offer(process, message)
  }

  onCall(to: number, number: number, request: unknown): void {
    const process = exportedProcess(to)
    if (process === undefined) {
      this.#writer.callFailed(number, 'noproc')
      this.#written()
      return
    }
    const call = new RemoteCall(this.node, number, process, request, this)
    this.#calls.set(number, call)
    call.watchCallee(process)
    if (request instanceof LoopRequest) request.arrive(process, call)
    else if (!offer(process, call)) call.onLost()
  }

  onReply(number: number, value: unknown): void {
    takeCall(number)?.succeed(value)
  }

  onCallFailed(number: number, reason: ExitReason): void {
    takeCall(number)?.fail(reason === 'noproc' ? 'noproc' : 'exit', reason)
  }

  onCancel(number: number): void {
    this.#calls.get(number)?.drop()
    this.#calls.delete(number)
  }

  onLink(to: number, from: number): void {
    this.#linksSeen++
    const process = exportedProcess(to)
    if (process === undefined) {
      this.ended(to, 'noproc')
      return
    }
    const proxy = this.proxy(from)
    if (proxy.status === DEAD) return
    const links = this.#linksOf(proxy)
    if (!links.has(process)) links.set(process, 0)
    // The peer tells us of its end without being asked: it has asked to be told of ours.
    this.#watched.add(proxy)
    tellEnd(to, this)
    link(proxy, process)
  }

  onUnlink(to: number, from: number, seen: number): void {
    const process = exportedProcess(to)
    if (process === undefined) return
    const proxy = this.proxy(from)
    const sent = this.#links.get(proxy)?.get(process)
    // It had not seen our latest LINK: that one is newer, and holds.
    if (sent === undefined || sent > seen) return
    this.#forgetLink(proxy, process)
    dropLink(proxy, process)
  }

  onWatch(of: number): void {
    tellEnd(of, this)
  }

  onEnded(id: number, reason: ExitReason): void {
    const proxy = this.proxy(id)
    this.#watched.delete(proxy)
    exitProcess(proxy, reason)
    this.#links.delete(proxy)
  }

  onExit(to: number, from: Pid | null, reason: ExitReason): void {
    const process = exportedProcess(to)
    if (process === undefined) return
    signalExit(process, from === null ? null : processOf(from), reason)
  }

  onAlias(alias: number, message: unknown): void {
    deliverToAlias(alias, message)
  }

  onNews(news: unknown): void {
    this.#events.onNews(this, news)
  }

  onUndecodable(to: number, call: number | undefined, error: unknown): void {
    const target = exportedProcess(to)
    log(() => ({ level: 'error', event: 'undecodable', node: this.node, pid: target, error }))
    deadLetter('no_process', `Pid<${to}>`, error)
    if (call === undefined) return
    this.#writer.callFailed(call, { error, call: { callback: 'decode' } })
    this.#written()
  }

  onUndecodableReply(number: number, error: unknown): void {
    takeCall(number)?.reject(error as ArborError)
  }
}

/** Tells the callee's node that a call was given up. */
function cancelCall({ target }: PendingCall, number: number): void {
  if (target?.status === REMOTE) (target.state as RemotePeer).cancel(number)
}

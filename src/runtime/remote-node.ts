// This thread as a node among others: its number, its peers, what they share, and when it talks to
// them. The first thread is one before there are others; each further one joins when it starts.
import type { Connection } from './connection.ts'
import type { Process } from './pid.ts'
import { shareNames } from './registry.ts'
import { useCallEnds } from './remote-call.ts'
import { exportProcess, ownNode, returnedProcess, setOwnNode } from './remote-export.ts'
import { groupNews, groupsConnected, groupsLost } from './remote-groups.ts'
import { LoadTable } from './remote-load.ts'
import { useAliasSender } from './remote-message.ts'
import { NameTable } from './remote-names.ts'
import { type PeerEvents, RemotePeer } from './remote-peer.ts'
import { runQueueLength } from './run-queue.ts'
import { onSlice, wake } from './scheduler.ts'
import { processCount } from './signal.ts'
import { usePidTable } from './term.ts'

/** What all threads of a program share. */
export interface SharedMemory {
  readonly names: SharedArrayBuffer
  readonly load: SharedArrayBuffer
}

const peers = new Map<number, RemotePeer>()
/** Peers with something to send at the end of this slice. */
let dirty: RemotePeer[] = []
/** The latest node announced: of a later one, a pid can arrive before its connection does. */
let latest = 0
let names: NameTable | null = null
let load: LoadTable | null = null
let ownScheduler = 0
const afterSlice = new Set<() => void>()

const events: PeerEvents = {
  onDirty(peer) {
    dirty.push(peer)
    wake()
  },
  onLost(peer) {
    removePeer(peer.node)
  },
  onNews(peer, news) {
    groupNews(peer.node, news)
  },
}

/** Makes this thread a node among others, once. `scheduler` is 0 for the first thread. */
export function joinNodes(node: number, scheduler: number, memory: SharedMemory): void {
  setOwnNode(node)
  ownScheduler = scheduler
  latest = Math.max(latest, node)
  names = new NameTable(memory.names, findProcess)
  load = new LoadTable(memory.load)
  if (scheduler === 0) load.setNode(scheduler, node)
  usePidTable({ nodeOf, idOf, find: findProcess })
  useCallEnds(findPeer)
  useAliasSender((to, alias, message) => findPeer(to).sendToAlias(alias, message))
  shareNames(names)
  onSlice({ drained: flushPeers, closed: pollPeers })
}

/** The scheduler that this thread is; 0 for the first thread. */
export function currentScheduler(): number {
  return ownScheduler
}

/** The load of all schedulers, or null when this is the only thread. */
export function loadTable(): LoadTable | null {
  return load
}

/** Connects with a node. Nodes must be announced in the order of their numbers. */
export function addPeer(node: number, connection: Connection): void {
  latest = Math.max(latest, node)
  const peer = peers.get(node) ?? makePeer(node)
  peer.connect(connection)
  groupsConnected(node, (news) => peer.tell(news))
}

/**
 * A node is lost: it is given no more processes, its names are free, its processes gone, in this
 * order: whoever hears of it can start another.
 */
export function removePeer(node: number): void {
  const peer = peers.get(node)
  if (peer === undefined) return
  peers.delete(node)
  load?.retire(node)
  names?.releaseAll(node)
  groupsLost(node)
  peer.lose()
}

/** Ends all connections: this thread is the only node again. */
export function leaveNodes(): void {
  for (const [node, peer] of peers) {
    peer.close()
    removePeer(node)
  }
  onSlice(null)
  shareNames(null)
  names = null
  load = null
}

/** Calls `listener` each time the event loop had its turn; returns what takes it away. */
export function onSliceClosed(listener: () => void): () => void {
  afterSlice.add(listener)
  return () => afterSlice.delete(listener)
}

function makePeer(node: number): RemotePeer {
  const peer = new RemotePeer(node, events)
  peers.set(node, peer)
  return peer
}

/** A lost node has none: what is addressed to it goes nowhere. */
function findPeer(node: number): RemotePeer {
  const peer = peers.get(node)
  if (peer !== undefined) return peer
  if (node > latest) return makePeer(node)
  const lost = new RemotePeer(node, events)
  lost.lose()
  return lost
}

// --- Pids ---

function nodeOf(process: Process): number {
  return process.id < 0 ? process.debt : ownNode()
}

function idOf(process: Process): number {
  return process.id < 0 ? -process.id : exportProcess(process)
}

function findProcess(node: number, id: number): Process {
  return node === ownNode() ? returnedProcess(id) : findPeer(node).proxy(id)
}

// --- Slices ---

function flushPeers(): void {
  if (dirty.length === 0) return
  const flushed = dirty
  dirty = []
  for (const peer of flushed) peer.flush()
}

function pollPeers(): boolean {
  let isMoreToRead = false
  for (const peer of peers.values()) isMoreToRead = peer.poll() || isMoreToRead
  load?.publish(ownScheduler, runQueueLength(), processCount())
  for (const listener of afterSlice) listener()
  // What reading brought about, such as answers to the dead.
  flushPeers()
  return isMoreToRead
}

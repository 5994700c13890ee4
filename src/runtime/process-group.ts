// Process groups (OTP's pg): processes that want to hear of the same thing join a group by name;
// who has something to tell them sends to its members. A process may join several groups, and one
// group several times; it leaves them all when it ends. Groups live in a scope, which is a process:
// let a supervisor start it.
//
//   groups.startLink('chat')
//   groups.join('chat', 'room 1', self())
//   for (const pid of groups.members<Pid<string>>('chat', 'room 1')) send(pid, 'hello')
//
// All functions act at once; asking takes no message. When not to use it: one process a key, or a
// value with each, is a `Registry` (keyed-registry.ts).
//
// Scopes of the same name in other threads or nodes replicate their members to each other: whoever
// has a connection attaches each scope at the other end as a `GroupPeer`. Each side only tells its
// own members; members of others are proxies, which leave with their peer.
import { ArborError } from './arbor-error.ts'
import { onExit } from './exit-hook.ts'
import { remove } from './mailbox.ts'
import {
  addWatch,
  DEAD,
  type Pid,
  type Process,
  processOf,
  REMOTE,
  removeWatch,
  type Watch,
} from './pid.ts'
import { spawn } from './process.ts'
import { GroupSet, type Notice, type PeerMessage } from './process-group-core.ts'
import { checkCaller, post } from './scheduler.ts'
import { link, self } from './signal.ts'

declare const grouped: unique symbol

/** A group's name, with the type of its members: `const room: Group<Pid<string>> = 'room 1'`. */
export type Group<P extends Pid = Pid> = string & { readonly [grouped]?: P }

/** Names one monitor of a group or a scope. */
export interface GroupMonitorRef {
  readonly scope: string
  /** Null: all groups of the scope. */
  readonly group: string | null
}

/** Processes have joined or left a monitored group. */
export class GroupChange<P extends Pid = Pid> {
  readonly type: 'join' | 'leave'
  readonly ref: GroupMonitorRef
  readonly group: Group<P>
  readonly pids: readonly P[]

  constructor(type: 'join' | 'leave', ref: GroupMonitorRef, group: string, pids: readonly P[]) {
    this.type = type
    this.ref = ref
    this.group = group
    this.pids = pids
  }
}

export type GroupMessage = PeerMessage<Pid>

/** The scope of the same name elsewhere, seen from here: what it is sent it has to `receive`. */
export interface GroupPeer {
  send(message: GroupMessage): void
}

/** Leads from the end of a member to its memberships. */
class MemberWatch implements Watch {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly #scope: Scope

  constructor(scope: Scope) {
    this.#scope = scope
  }

  onExit(process: Process): void {
    this.#scope.ended(process)
  }
}

class GroupMonitor implements Watch, GroupMonitorRef {
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  readonly scope: string
  readonly group: string | null
  readonly watcher: Process
  readonly #home: Scope

  constructor(home: Scope, group: string | null, watcher: Process) {
    this.scope = home.name
    this.group = group
    this.watcher = watcher
    this.#home = home
  }

  onExit(): void {
    this.#home.forget(this)
  }

  /** Whether it was still there. */
  end(): boolean {
    removeWatch(this)
    return this.#home.forget(this)
  }
}

class Scope {
  readonly name: string
  readonly groups: GroupSet<Pid> = new GroupSet()
  readonly peers: Set<GroupPeer> = new Set()
  readonly #watches: Map<Process, MemberWatch> = new Map()
  /** By group; null: all groups. */
  readonly #monitors: Map<string | null, Set<GroupMonitor>> = new Map()

  constructor(name: string) {
    this.name = name
  }

  join(group: string, pids: readonly Process[]): void {
    for (const pid of pids) this.#watch(pid)
    this.tell(this.groups.join(group, pids))
    this.#broadcast({ type: 'join', group, pids })
    for (const pid of pids) if (pid.status === DEAD) this.ended(pid)
  }

  leave(group: string, pids: readonly Process[]): boolean {
    const notices = this.groups.leave(group, pids)
    if (notices.length === 0) return false
    for (const pid of pids) if (!this.groups.has(pid)) this.#unwatch(pid)
    this.tell(notices)
    this.#broadcast({ type: 'leave', groups: [group], pids })
    return true
  }

  ended(pid: Process): void {
    this.#unwatch(pid)
    const notices = this.groups.gone(pid)
    if (notices.length === 0) return
    this.tell(notices)
    this.#broadcast({ type: 'leave', groups: notices.map(({ group }) => group), pids: [pid] })
  }

  monitor(group: string | null, watcher: Process): GroupMonitor {
    const monitor = new GroupMonitor(this, group, watcher)
    if (watcher.status === DEAD) return monitor
    const monitors = this.#monitors.get(group)
    if (monitors === undefined) this.#monitors.set(group, new Set([monitor]))
    else monitors.add(monitor)
    addWatch(watcher, monitor)
    return monitor
  }

  forget(monitor: GroupMonitor): boolean {
    const monitors = this.#monitors.get(monitor.group)
    if (monitors?.delete(monitor) !== true) return false
    if (monitors.size === 0) this.#monitors.delete(monitor.group)
    return true
  }

  /** Hands notices to who monitors the scope, then to who monitors the group. */
  tell(notices: readonly Notice<Pid>[]): void {
    if (this.#monitors.size === 0) return
    for (const { type, group, pids } of notices) {
      for (const monitors of [this.#monitors.get(null), this.#monitors.get(group)]) {
        if (monitors === undefined) continue
        for (const ref of monitors) post(ref.watcher, new GroupChange(type, ref, group, pids))
      }
    }
  }

  /** The scope's process has ended. Members live on, and hear nothing. */
  close(): void {
    scopes.delete(this.name)
    for (const watch of this.#watches.values()) removeWatch(watch)
    for (const monitors of this.#monitors.values()) for (const one of monitors) removeWatch(one)
    this.#watches.clear()
    this.#monitors.clear()
    onScopeChange?.(this.name, 'ended')
  }

  #watch(pid: Process): void {
    if (pid.status === DEAD || this.#watches.has(pid)) return
    const watch = new MemberWatch(this)
    this.#watches.set(pid, watch)
    addWatch(pid, watch)
  }

  #unwatch(pid: Process): void {
    const watch = this.#watches.get(pid)
    if (watch === undefined) return
    removeWatch(watch)
    this.#watches.delete(pid)
  }

  #broadcast(message: GroupMessage): void {
    for (const peer of this.peers) peer.send(message)
  }
}

/** Scopes of this thread by name. Not registered names: each thread has its own of the same name. */
const scopes = new Map<string, Scope>()
let onScopeChange: ((scope: string, change: 'started' | 'ended') => void) | null = null

function scopeOf(operation: string, name: string): Scope {
  const scope = scopes.get(name)
  if (scope !== undefined) return scope
  const advice = 'start it first, under a supervisor'
  const attempt = { operation, target: name }
  throw new ArborError('unknown_scope', `there is no scope "${name}"`, advice, attempt)
}

/** Starts a scope; returns its process, which ends it. Throws `already_started` for a taken name. */
export function start(name: string): Pid {
  if (scopes.has(name)) {
    const attempt = { operation: 'start', target: name }
    const advice = 'use that one, or choose another name'
    throw new ArborError('already_started', `there is a scope "${name}"`, advice, attempt)
  }
  const scope = new Scope(name)
  const pid = spawn(() => undefined, undefined)
  scopes.set(name, scope)
  onExit(pid, () => scope.close())
  onScopeChange?.(name, 'started')
  return pid
}

/** Starts a scope linked to the calling process, as a supervisor's child is. */
export function startLink(name: string, parent: Pid = self()): Pid {
  const pid = start(name)
  link(pid, parent)
  return pid
}

/**
 * Lets one or several processes of this thread join a group; one that is in it is in it once more.
 * Throws `unknown_scope`, or `not_local` for a process of another thread.
 */
export function join<P extends Pid>(scope: string, group: Group<P>, pids: P | readonly P[]): void {
  scopeOf('join', scope).join(group, localProcesses('join', group, pids))
}

/** Lets processes leave a group, each once; false when none of them was in it. */
export function leave<P extends Pid>(
  scope: string,
  group: Group<P>,
  pids: P | readonly P[],
): boolean {
  return scopeOf('leave', scope).leave(group, localProcesses('leave', group, pids))
}

function localProcesses(operation: string, group: string, pids: Pid | readonly Pid[]): Process[] {
  checkCaller()
  const list: readonly Pid[] = Array.isArray(pids) ? pids : [pids]
  return list.map((pid) => localProcess(operation, group, pid))
}

function localProcess(operation: string, target: string, pid: Pid): Process {
  const process = processOf(pid)
  if (process.status !== REMOTE) return process
  const attempt = { operation, target, request: pid }
  const advice = 'let its own thread do that'
  throw new ArborError('not_local', `${process} lives in another thread`, advice, attempt)
}

/** Members of a group, newest first, as often as they have joined; none of an unknown scope. */
export function members<P extends Pid>(scope: string, group: Group<P>): P[] {
  return (scopes.get(scope)?.groups.members(group) ?? []) as P[]
}

/** Members that live in this thread. */
export function localMembers<P extends Pid>(scope: string, group: Group<P>): P[] {
  return (scopes.get(scope)?.groups.localMembers(group) ?? []) as P[]
}

/** Groups that have members. */
export function whichGroups(scope: string): string[] {
  return scopeOf('whichGroups', scope).groups.groups()
}

/** Groups that have members in this thread. */
export function whichLocalGroups(scope: string): string[] {
  return scopeOf('whichLocalGroups', scope).groups.localGroups()
}

/**
 * Sends the calling process (or `watcher`) a `GroupChange` whenever processes join or leave the
 * group; returns its members as they are now, so that none is missed. Throws `not_local` for a
 * watcher of another thread, which has the same groups in its own.
 */
export function monitor<P extends Pid>(
  scope: string,
  group: Group<P>,
  watcher: Pid = self(),
): { ref: GroupMonitorRef; members: P[] } {
  checkCaller()
  const process = localProcess('monitor', group, watcher)
  const ref = scopeOf('monitor', scope).monitor(group, process)
  return { ref, members: members(scope, group) }
}

/** The same for all groups of a scope. */
export function monitorScope(
  scope: string,
  watcher: Pid = self(),
): { ref: GroupMonitorRef; groups: Map<string, Pid[]> } {
  const { groups } = scopeOf('monitorScope', scope)
  const process = localProcess('monitorScope', scope, watcher)
  const ref = scopeOf('monitorScope', scope).monitor(null, process)
  return { ref, groups: new Map(groups.groups().map((name) => [name, groups.members(name)])) }
}

/** Ends a monitor, and takes back what waits of it; false when there was none. */
export function demonitor(ref: GroupMonitorRef): boolean {
  if (!(ref instanceof GroupMonitor) || !ref.end()) return false
  remove(ref.watcher, (message) => message instanceof GroupChange && message.ref === ref)
  return true
}

// --- The seam to other threads and nodes ---

/** Names of the scopes of this thread. */
export function scopeNames(): string[] {
  return [...scopes.keys()]
}

/** Tells who replicates groups when a scope of this thread starts or ends; null for nobody. */
export function onScopes(
  handler: ((scope: string, change: 'started' | 'ended') => void) | null,
): void {
  onScopeChange = handler
}

/** A scope of the same name has been found elsewhere: it is sent our members, and every change. */
export function attachPeer(scope: string, peer: GroupPeer): void {
  const { peers, groups } = scopeOf('attachPeer', scope)
  peers.add(peer)
  peer.send(groups.syncMessage())
}

/** A message of a peer has arrived; one of a peer that is not attached is dropped. */
export function receiveFromPeer(scope: string, peer: GroupPeer, message: GroupMessage): void {
  const home = scopes.get(scope)
  if (home?.peers.has(peer) === true) home.tell(home.groups.receive(peer, message))
}

/** A peer is out of reach: its members leave. */
export function detachPeer(scope: string, peer: GroupPeer): void {
  const home = scopes.get(scope)
  if (home?.peers.delete(peer) === true) home.tell(home.groups.peerGone(peer))
}

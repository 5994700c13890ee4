// The operations of plain processes: signals, names, flags, aliases, the dictionary, timers.

import { type Alias, alias, unalias } from '../../../src/runtime/alias.ts'
import * as dictionary from '../../../src/runtime/dictionary.ts'
import type { MonitorAlias } from '../../../src/runtime/monitor.ts'
import type { Pid, Priority } from '../../../src/runtime/pid.ts'
import { isAlive, processInfo, send } from '../../../src/runtime/process.ts'
import { processFlag } from '../../../src/runtime/process-flag.ts'
import { nameOf, register, unregister, whereis } from '../../../src/runtime/registry.ts'
import { demonitor, exit, link, monitor, trapExit, unlink } from '../../../src/runtime/signal.ts'
import { cancelTimer, readTimer, sendAfter, type TimerRef } from '../../../src/runtime/timer.ts'
import type { Actor, ScriptPid } from './operation.ts'
import type { Operation, Term } from './scenario.ts'
import { Raised, reasonFrom } from './term.ts'
import { Unknown, type World } from './world.ts'

type Run = (actor: Actor, operation: Operation) => unknown

export const signalOperations: Readonly<Record<string, Run>> = {
  spawn: spawnPuppet,
  link: ({ world, pid }, { to = '' }) => link(world.pid(self(to, pid, world)), pid),
  unlink: ({ world, pid }, { to = '' }) => unlink(world.pid(self(to, pid, world)), pid),
  monitor: ({ world, pid }, operation) => watch(world, pid, operation.to ?? '', operation),
  demonitor: ({ world }, { ref = '', opts }) => {
    const monitored = world.monitors.get(ref.slice(1))
    if (monitored === undefined) throw new Unknown(ref)
    const existed = demonitor(monitored, { flush: hasOption(opts, 'flush') })
    return hasOption(opts, 'info') ? existed : undefined
  },
  exit: (actor, { reason = null, catch: isCaught }) => {
    if (isCaught !== true) exit(reasonFrom(reason))
    actor.note('raise', 'exit', reason)
  },
  error: (actor, { reason = null, catch: isCaught }) => {
    if (isCaught !== true) throw new Raised(reason)
    actor.note('raise', 'error', reason)
  },
  throw: (actor, { value = null, catch: isCaught }) => {
    if (isCaught !== true) throw actor.thrown === undefined ? value : actor.thrown(value)
    actor.note('raise', 'throw', value)
  },
  exit_to: ({ world, pid }, { to = '', reason = null }) => {
    exit(world.pid(self(to, pid, world)), reasonFrom(reason))
  },
  send: ({ world, pid }, { to = '', msg = null }) => {
    if (to.startsWith('#')) send(aliasOf(world, to), msg)
    else send(world.destination(self(to, pid, world)) as ScriptPid, msg)
  },
  register: ({ world, pid }, { name = '', pid: who = '' }) => {
    // The atom that says that there is no process names none.
    if (name === 'undefined') throw new Raised('badarg')
    register(name, world.pid(self(who, pid, world)))
  },
  unregister: (_, { name = '' }) => {
    if (!unregister(name)) throw new Raised('badarg')
  },
  whereis: ({ world }, { name = '' }) => {
    const pid = whereis(name)
    return pid === undefined ? 'undefined' : world.labelOf(pid)
  },
  names: ({ world, pid }, { pid: who = '' }) => {
    const process = world.pid(self(who, pid, world))
    return isAlive(process) ? (nameOf(process) ?? 'none') : 'undefined'
  },
  trap_exit: ({ pid }, { on }) => processFlag('trapExit', on === true, pid),
  priority: ({ pid }, { level }) => processFlag('priority', level as Priority, pid),
  alive: ({ world, pid }, { pid: who = '' }) => isAlive(world.pid(self(who, pid, world))),
  links: ({ world, pid }, { pid: who = '' }) => {
    const links = processInfo(world.pid(self(who, pid, world))).links
    return { list: links.map((other) => world.labelOf(other)).sort() }
  },
  alias: ({ world, pid }, { as = '', opts }) => {
    world.aliases.set(as, alias({ once: hasOption(opts, 'reply') }, pid))
  },
  unalias: ({ world }, { ref = '' }) => unalias(aliasOf(world, ref)),
  dict_put: (_, { key = '', value = null }) => (dictionary.put(key, value) ?? 'undefined') as Term,
  dict_get: (_, { key = '' }) => (dictionary.get(key) ?? 'undefined') as Term,
}

/** A reference to a process; `$self` is the one that executes. */
export function self(reference: string, pid: Pid, world: World): string {
  return reference === '$self' ? world.labelOf(pid) : reference
}

/** Options come as one word, or as several. */
function hasOption(options: Term | undefined, option: string): boolean {
  if (options === option) return true
  if (Array.isArray(options)) return options.includes(option)
  return typeof options === 'object' && options !== null && option in options
}

/** An alias, or a monitor that is one. */
function aliasOf(world: World, reference: string): Alias<Term> {
  const label = reference.slice(1)
  const found = world.aliases.get(label) ?? world.monitors.get(label)
  if (found === undefined) throw new Unknown(reference)
  return found as Alias<Term>
}

/** Monitors a process or a name, under a label. */
export function watch(
  world: World,
  watcher: Pid,
  to: string,
  { as = '', alias: mode, tag }: { as?: string; alias?: string; tag?: Term },
): void {
  const ref = monitor(world.destination(self(to, watcher, world)), {
    watcher,
    ...(mode === undefined ? {} : { alias: mode as MonitorAlias }),
    ...(tag === undefined ? {} : { tag }),
  })
  world.monitors.set(as, ref)
}

function spawnPuppet({ world, pid }: Actor, operation: Operation): void {
  const { as = '', how = 'spawn', opts, ref = '', trap = false, hold = false, ops } = operation
  const puppet = world.spawnPuppet(as, hold)
  if (trap) trapExit(true, puppet.pid)
  if (how === 'spawn_link' || hasOption(opts, 'link')) link(puppet.pid, pid)
  if (how === 'spawn_monitor' || hasOption(opts, 'monitor')) {
    watch(world, pid, `@${as}`, { as: ref })
  }
  if (ops !== undefined) puppet.command(ops)
}

export const timeOperations: Readonly<Record<string, Run>> = {
  send_after: ({ world, pid }, { to = '', msg = null, ms = 0, as = '' }) => {
    const destination = world.destination(self(to, pid, world)) as ScriptPid
    world.timers.set(as, sendAfter(destination, msg, ms))
  },
  start_timer: ({ world, pid }, { to = '', msg = null, ms = 0, as = '' }) => {
    const destination = world.destination(self(to, pid, world)) as ScriptPid
    world.timers.set(as, sendAfter(destination, { timer: as, term: msg }, ms))
  },
  cancel_timer: ({ world }, { ref = '' }) => (cancelTimer(timerOf(world, ref)) ? 'left' : false),
  read_timer: ({ world }, { ref = '' }) =>
    readTimer(timerOf(world, ref)) === null ? false : 'left',
}

function timerOf(world: World, ref: string): TimerRef {
  const timer = world.timers.get(ref.slice(1))
  if (timer === undefined) throw new Unknown(ref)
  return timer
}

// Process groups of the scenarios.
import { ArborError } from '../../../src/runtime/arbor-error.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import * as groups from '../../../src/runtime/process-group.ts'
import type { Actor, Waits } from './operation.ts'
import type { Operation, Term } from './scenario.ts'
import { Unknown, type World } from './world.ts'

type Run = (actor: Actor, operation: Operation) => Term | undefined

/** A pid, or a list of them. */
function pidsOf({ world, pid }: Actor, pids: Term | undefined): Pid | Pid[] {
  const one = (reference: Term): Pid => (reference === '$self' ? pid : world.pid(String(reference)))
  if (typeof pids === 'object' && pids !== null && 'list' in pids) {
    return (pids.list as Term[]).map(one)
  }
  return one(pids ?? null)
}

function listOf(world: World, pids: readonly Pid[], isSorted = false): Term {
  const list = pids.map((pid) => world.labelOf(pid))
  return { list: isSorted ? list.sort() : list }
}

/** The message of a monitor. */
export function termOfGroupChange(change: groups.GroupChange, world: World): Term {
  const { type, ref, group, pids } = change
  return [world.refOf(ref), type, group, listOf(world, pids)]
}

const operations: Readonly<Record<string, Run>> = {
  pg_start: ({ world }, { scope = '', as = '' }) => {
    world.label(groups.start(scope), as)
    return undefined
  },
  pg_join: (actor, { scope = '', group = '', pids }) => {
    groups.join(scope, group, pidsOf(actor, pids))
    return 'ok'
  },
  pg_leave: (actor, { scope = '', group = '', pids }) =>
    groups.leave(scope, group, pidsOf(actor, pids)) ? 'ok' : 'not_joined',
  pg_members: ({ world }, { scope = '', group = '' }) =>
    listOf(world, groups.members(scope, group), true),
  pg_local_members: ({ world }, { scope = '', group = '' }) =>
    listOf(world, groups.localMembers(scope, group), true),
  pg_groups: (_, { scope = '' }) => ({ list: groups.whichGroups(scope).sort() }),
  pg_monitor: ({ world, pid }, { scope = '', group = '', as = '' }) => {
    const { ref, members } = groups.monitor(scope, group, pid)
    world.groupMonitors.set(as, ref)
    return listOf(world, members)
  },
  pg_monitor_scope: ({ world, pid }, { scope = '', as = '' }) => {
    const { ref, groups: all } = groups.monitorScope(scope, pid)
    world.groupMonitors.set(as, ref)
    // A map in Erlang: small ones are ordered by key.
    const entries = [...all].sort(([a], [b]) => (a < b ? -1 : 1))
    return { list: entries.map(([group, pids]): Term => [group, listOf(world, pids)]) }
  },
  pg_demonitor: ({ world }, { ref = '' }) => {
    const monitor = world.groupMonitors.get(ref.slice(1))
    if (monitor === undefined) throw new Unknown(ref)
    return groups.demonitor(monitor) ? 'ok' : false
  },
}

/** Asks the scope's process in OTP: without it the call fails. */
const calls = new Set(['pg_join', 'pg_leave', 'pg_monitor', 'pg_monitor_scope', 'pg_demonitor'])

/** The operations on process groups. */
export const groupOperations: Readonly<
  Record<string, (actor: Actor, operation: Operation) => Waits<Term | undefined>>
> = Object.fromEntries(
  Object.entries(operations).map(([name, run]) => [
    name,
    // biome-ignore lint/correctness/useYield: an operation is a generator, these wait for nothing
    function* (actor: Actor, operation: Operation): Waits<Term | undefined> {
      try {
        return run(actor, operation)
      } catch (error) {
        if (!(error instanceof ArborError && error.code === 'unknown_scope')) throw error
        if (!calls.has(name)) throw error
        actor.note('raise', 'exit', { callfail: 'noproc' })
        return undefined
      }
    },
  ]),
)

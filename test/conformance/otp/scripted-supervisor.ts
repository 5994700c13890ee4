// Supervisors of the scenarios: ours, with a log entry when they start, and what is asked of them.
import {
  type MaybePromise,
  StartError,
  start,
  startLink,
} from '../../../src/behaviours/gen-server.ts'
import { ArborError } from '../../../src/runtime/arbor-error.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import type { ChildCounts, ChildInfo, ChildSpec } from '../../../src/supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../../src/supervisors/dynamic-supervisor.ts'
import {
  Supervisor,
  type SupervisorOptions,
  type SupervisorPid,
} from '../../../src/supervisors/supervisor.ts'
import { type Actor, startFailed, type Waits } from './operation.ts'
import type { ChildDescription, Operation, Term, TreeSpec } from './scenario.ts'
import { ScriptedServer } from './scripted-server.ts'
import { canonical, isTuple } from './term.ts'
import type { World } from './world.ts'

class ScriptedSupervisor extends Supervisor {
  readonly #begin: (pid: Pid) => void

  constructor(begin: (pid: Pid) => void, options: SupervisorOptions) {
    super(options)
    this.#begin = begin
  }

  override init(): ReturnType<Supervisor['init']> {
    this.#begin(this.self)
    return super.init()
  }
}

class ScriptedDynamicSupervisor extends DynamicSupervisor {
  readonly #begin: (pid: Pid) => void

  constructor(
    begin: (pid: Pid) => void,
    options: { readonly intensity?: number; readonly periodMs?: number },
  ) {
    super(options)
    this.#begin = begin
  }

  override init(): ReturnType<DynamicSupervisor['init']> {
    this.#begin(this.self)
    return super.init()
  }
}

/** Starts a supervisor as described, of the kind that its strategy asks for. */
export function startSupervisor(
  world: World,
  label: () => string,
  spec: TreeSpec,
  options: { readonly name?: string; readonly parent?: Pid },
): MaybePromise<Pid> {
  const { strategy, intensity, period, auto_shutdown: autoShutdown, children = [] } = spec
  const template = strategy === 'simple_one_for_one' ? children[0] : undefined
  const begin = (pid: Pid): void => {
    const own = label()
    world.label(pid, own)
    world.log(own, ['init'])
    if (template !== undefined) world.templates.set(pid, template)
  }
  const limits = {
    ...(intensity !== undefined && { intensity }),
    ...(period !== undefined && { periodMs: period * 1000 }),
  }
  if (template !== undefined) return start(new ScriptedDynamicSupervisor(begin, limits), options)
  const supervisor = new ScriptedSupervisor(begin, {
    ...limits,
    ...(strategy !== undefined && { strategy: strategy as 'one_for_one' }),
    ...(autoShutdown !== undefined && { autoShutdown: autoShutdown as 'never' }),
    children: children.map((child) => childSpec(world, child)),
  })
  return start(supervisor, options)
}

function childSpec(world: World, child: ChildDescription): ChildSpec {
  const { id, restart, shutdown, type, significant, beh = 'gen_server', mod = {} } = child
  const label = (): string => `${id}.${world.countStart(id)}`
  const options = child.name === undefined ? {} : { name: child.name }
  const spec = {
    id,
    ...(restart !== undefined && { restart: restart as 'permanent' }),
    ...(shutdown !== undefined && { shutdown }),
    ...(type !== undefined && { type: type as 'worker' }),
    ...(significant !== undefined && { significant }),
  }
  if (beh === 'supervisor') {
    const inner = child.spec ?? {}
    return {
      ...spec,
      start: (parent) => startSupervisor(world, label, inner, { ...options, parent }),
    }
  }
  return { ...spec, start: () => startLink(new ScriptedServer(world, label, mod), options) }
}

/** The operations on supervisors. */
export function* superviseOperation(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const { world } = actor
  const { op = '', to = '', id = '' } = operation
  if (op === 'check_childspecs') return checkSpecs(world, operation.children ?? [])
  const pid = world.destination(to)
  const template = typeof pid === 'string' ? undefined : world.templates.get(pid)
  try {
    if (template !== undefined) {
      return yield* dynamicOperation(world, pid as DynamicSupervisorPid, template, operation)
    }
    const supervisor = pid as SupervisorPid
    switch (op) {
      case 'which_children':
        return yield* listed(world, Supervisor.whichChildren(supervisor), operation)
      case 'count_children':
        return { ...((yield Supervisor.countChildren(supervisor)) as ChildCounts) }
      case 'start_child': {
        const spec = childSpec(world, operation.child ?? { id: '' })
        return started(world, yield Supervisor.startChild(supervisor, spec))
      }
      case 'restart_child':
        return started(world, yield Supervisor.restartChild(supervisor, id))
      case 'terminate_child':
        yield Supervisor.terminateChild(supervisor, id)
        return 'ok'
      case 'delete_child':
        yield Supervisor.deleteChild(supervisor, id)
        return 'ok'
      default:
        throw new Error(`no operation ${op}`)
    }
  } catch (error) {
    const answer = refused(world, error)
    const isOwn = op === 'start_child' && template === undefined
    // A child with an order among its siblings is reported with its record.
    if (!isOwn || !(error instanceof StartError) || error.code === 'ignored') return answer
    return ['error', [reasonOf(answer), ['child', operation.child?.id ?? '']]]
  }
}

function reasonOf(answer: Term): Term {
  return isTuple(answer) ? (answer[1] ?? null) : answer
}

function* dynamicOperation(
  world: World,
  supervisor: DynamicSupervisorPid,
  template: ChildDescription,
  operation: Operation,
): Waits<Term> {
  const { op, id = '', args } = operation
  switch (op) {
    case 'which_children':
      return yield* listed(world, DynamicSupervisor.whichChildren(supervisor), operation)
    case 'count_children':
      return { ...((yield DynamicSupervisor.countChildren(supervisor)) as ChildCounts) }
    case 'start_child': {
      const spec = childSpec(world, { ...template, ...args })
      return started(world, yield DynamicSupervisor.startChild(supervisor, spec))
    }
    case 'terminate_child':
      yield DynamicSupervisor.terminateChild(supervisor, world.pid(id))
      return 'ok'
    default:
      throw new Error(`no operation ${op}`)
  }
}

/** Children in OTP's order, last started first, or sorted. */
function* listed(
  world: World,
  children: Promise<ChildInfo[]>,
  { to = '', sorted = false }: Operation,
): Waits<Term> {
  const isDynamic = world.templates.has(world.pid(to))
  const infos = (yield children) as ChildInfo[]
  const list = infos.toReversed().map(({ id, pid, type }): Term[] => {
    return [
      isDynamic ? 'undefined' : id,
      pid === undefined ? 'undefined' : world.labelOf(pid),
      type,
    ]
  })
  if (sorted) list.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
  return { list }
}

function started(world: World, pid: unknown): Term {
  return ['ok', pid === undefined ? 'undefined' : world.labelOf(pid as Pid)]
}

/** OTP's word for each of our codes. */
const refusals: Readonly<Record<string, string>> = {
  already_present: 'already_present',
  unknown_child: 'not_found',
  child_running: 'running',
}

function refused(world: World, error: unknown): Term {
  if (error instanceof StartError) {
    return error.code === 'ignored' ? ['ok', 'undefined'] : startFailed(world, error)
  }
  if (!(error instanceof ArborError)) throw error
  if (error.code === 'already_started') {
    return ['error', ['already_started', world.labelOf(error.attempt.request as Pid)]]
  }
  const refusal = refusals[error.code]
  if (refusal === undefined) throw error
  return ['error', refusal]
}

function checkSpecs(world: World, children: readonly ChildDescription[]): Term {
  try {
    new Supervisor({ children: children.map((child) => childSpec(world, child)) })
    return 'ok'
  } catch (error) {
    if (!(error instanceof ArborError)) throw error
    if (error.code === 'already_present') return ['error', 'duplicate_child_name']
    if (error.code !== 'bad_child_spec') throw error
    const { restart } = (error.attempt.request ?? {}) as { restart?: string }
    const isKnown = ['permanent', 'transient', 'temporary'].includes(restart ?? '')
    return ['error', isKnown ? 'invalid_child_type' : 'invalid_restart_type']
  }
}

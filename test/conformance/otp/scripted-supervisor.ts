// Supervisors of the scenarios: ours, with a log entry when they start, and what is asked of them.
import {
  type Call,
  call,
  type MaybePromise,
  type ServerPid,
  StartError,
  start,
  startLink,
} from '../../../src/behaviours/gen-server.ts'
import { ArborError } from '../../../src/runtime/arbor-error.ts'
import type { Pid } from '../../../src/runtime/pid.ts'
import { whereis } from '../../../src/runtime/registry.ts'
import { exit } from '../../../src/runtime/signal.ts'
import { startFailure } from '../../../src/supervisors/child.ts'
import {
  type AnyChildSpec,
  type AnySpec,
  type ChildCounts,
  type ChildInfo,
  type ChildPolicy,
  checkChildSpecs,
  type Ignore,
  type StartResult,
} from '../../../src/supervisors/child-spec.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../../src/supervisors/dynamic-supervisor.ts'
import { Supervisor, type SupervisorPid } from '../../../src/supervisors/supervisor.ts'
import type {
  RestartOptions,
  SupervisorOptions,
} from '../../../src/supervisors/supervisor-options.ts'
import { type Actor, perform, type Waits } from './operation.ts'
import type { ChildDescription, Operation, Program, Term, TreeSpec } from './scenario.ts'
import { drive, ScriptedServer } from './scripted-server.ts'
import { ScriptedStatem } from './scripted-statem.ts'
import { startFailed } from './server-operations.ts'
import { badSpecTerm } from './supervisor-term.ts'
import { canonical, isTuple, reasonFrom, termOfReason } from './term.ts'
import type { World } from './world.ts'

/** OTP's defaults, where ours differ. */
const INTENSITY = 1
const PERIOD_S = 5

type Begin = (pid: Pid) => void

class ScriptedSupervisor extends Supervisor {
  readonly #begin: Begin

  constructor(begin: Begin, source: (pid: Pid) => MaybePromise<SupervisorOptions | Ignore>) {
    super(() => source(this.self))
    this.#begin = begin
  }

  override init(): ReturnType<Supervisor['init']> {
    this.#begin(this.self)
    return super.init()
  }
}

type DynamicArguments = [Partial<ChildDescription>]

class ScriptedDynamicSupervisor extends DynamicSupervisor<DynamicArguments> {
  readonly #begin: Begin

  constructor(
    begin: Begin,
    source: (pid: Pid) => RestartOptions | Ignore,
    template: (args: Partial<ChildDescription>) => AnyChildSpec,
  ) {
    super(() => {
      const options = source(this.self)
      if ('ignore' in options) return options
      const { start: _, ...policy } = template({})
      return {
        ...options,
        template: { ...policy, start: (supervisor, args) => template(args).start(supervisor) },
      }
    })
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
  const { strategy, intensity = INTENSITY, period = PERIOD_S, children = [], init = {} } = spec
  const isSimple = strategy === 'simple_one_for_one' && children.length === 1
  const template = isSimple ? children[0] : undefined
  const begin = (pid: Pid): void => {
    const own = label()
    world.label(pid, own)
    world.log(own, ['init'])
    if (template !== undefined) world.templates.set(pid, template)
  }
  const restarts: RestartOptions = {
    intensity,
    periodMs: period * 1000,
    ...(spec.auto_shutdown !== undefined && { autoShutdown: spec.auto_shutdown as 'never' }),
  }
  if (template !== undefined) {
    const source = (pid: Pid): RestartOptions | Ignore => {
      const made = runInit(world, pid, init, restarts)
      if (made instanceof Promise) throw new TypeError('a dynamic supervisor does not wait')
      return made
    }
    const specOf = (args: Partial<ChildDescription>): AnyChildSpec =>
      childSpec(world, { ...template, ...args })
    return start(new ScriptedDynamicSupervisor(begin, source, specOf), options)
  }
  const supervisorOptions: SupervisorOptions = {
    ...restarts,
    ...(strategy !== undefined && { strategy: strategy as 'one_for_one' }),
    children: children.map((child) => childSpec(world, child)),
  }
  const supervisor = new ScriptedSupervisor(begin, (pid) => {
    // Of a template there is exactly one.
    if (strategy === 'simple_one_for_one' && children.length !== 1) {
      const list = children.map(({ id }) => ['child', id])
      return exit(reasonFrom(['bad_start_spec', { list }]))
    }
    return runInit(world, pid, init, supervisorOptions)
  })
  return start(supervisor, options)
}

/** Runs the program of a supervisor's init; what it brings unless it says otherwise. */
function runInit<T>(
  world: World,
  pid: Pid,
  { do: operations = [], ret }: Program,
  made: T,
): MaybePromise<T | Ignore> {
  const label = world.labelOf(pid).slice(1)
  const note = (...entry: Term[]): void => world.log(label, entry)
  const actor: Actor = { world, label, pid, frame: { state: null, from: null }, note }
  function* steps(): Waits<T | Ignore> {
    for (const operation of operations) yield* perform(actor, operation)
    if (ret === 'ignore') return { ignore: true }
    return isTuple(ret) && ret[0] === 'bad' ? (ret[1] as never) : made
  }
  return drive(actor, steps())
}

export function childSpec(world: World, child: ChildDescription): AnyChildSpec {
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
  const startServer = (parent: Pid) =>
    startLink(new ScriptedServer(world, label, mod), { ...options, parent })
  switch (beh) {
    case 'supervisor':
      return {
        ...spec,
        start: (parent) => startSupervisor(world, label, child.spec ?? {}, { ...options, parent }),
      }
    case 'gen_statem':
      return {
        ...spec,
        start: (parent) => startLink(new ScriptedStatem(world, label, mod), { ...options, parent }),
      }
    case 'info':
      return {
        ...spec,
        start: (parent) => {
          const started = startServer(parent)
          if (!(started instanceof Promise)) return { pid: started, info: 'extra' }
          return started.then((pid) => ({ pid, info: 'extra' }))
        },
      }
    case 'returns':
      return { ...spec, start: () => returned(child.value ?? null) }
    default:
      return { ...spec, start: startServer }
  }
}

/** What a start function of OTP returned, as one of ours says it. */
function returned(value: Term): Ignore {
  if (value === 'ignore') return { ignore: true }
  if (isTuple(value) && value[0] === 'error' && value.length === 2)
    exit(reasonFrom(value[1] ?? null))
  return value as never
}

/** The operations on supervisors. */
export function* superviseOperation(actor: Actor, operation: Operation): Waits<Term | undefined> {
  const { world } = actor
  const { op = '', to = '', id = '' } = operation
  if (op === 'check_childspecs') return checkSpecs(world, operation.children ?? [])
  const pid = world.destination(to)
  const template = templateOf(world, to)
  try {
    if (template !== undefined) {
      const dynamic = pid as DynamicSupervisorPid<DynamicArguments>
      return yield* dynamicOperation(world, dynamic, template, operation)
    }
    const supervisor = pid as SupervisorPid
    switch (op) {
      case 'which_children':
        return yield* listed(world, Supervisor.whichChildren(supervisor), operation)
      case 'count_children':
        return counted((yield Supervisor.countChildren(supervisor)) as ChildCounts)
      case 'get_childspec':
        return described((yield Supervisor.getChildSpec(supervisor, id)) as FoundSpec)
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
    if (!isOwn || !isFailedStart(error)) return answer
    return [
      'error',
      [isTuple(answer) ? (answer[1] ?? null) : answer, ['child', childId(operation)]],
    ]
  }
}

function childId({ child }: Operation): string {
  return child?.id ?? ''
}

/** Whether a start went wrong: not ignored, no name taken, no spec refused. */
function isFailedStart(error: unknown): boolean {
  if (error instanceof StartError) return error.code === 'init_failed'
  return error instanceof ArborError && startFailures.has(error.code)
}

const startFailures = new Set(['bad_start_return', 'start_failed'])

function templateOf(world: World, to: string): ChildDescription | undefined {
  const destination = world.destination(to)
  const pid = typeof destination === 'string' ? whereis(destination) : destination
  return pid === undefined ? undefined : world.templates.get(pid)
}

/** What the types do not let a dynamic supervisor be asked. */
type AnyRequest = Call<string, { readonly id: string; readonly pid: string }, unknown>

function* dynamicOperation(
  world: World,
  supervisor: DynamicSupervisorPid<DynamicArguments>,
  template: ChildDescription,
  operation: Operation,
): Waits<Term> {
  const { op = '', id = '', args = {} } = operation
  switch (op) {
    case 'which_children':
      return yield* listed(world, DynamicSupervisor.whichChildren(supervisor), operation)
    case 'count_children':
      return counted((yield DynamicSupervisor.countChildren(supervisor)) as ChildCounts)
    case 'start_child':
      return started(world, yield DynamicSupervisor.startWith(supervisor, args))
    case 'get_childspec': {
      if (id === template.id) {
        return described((yield DynamicSupervisor.getChildSpec(supervisor)) as FoundSpec)
      }
      if (!id.startsWith('@')) return ['error', 'not_found']
      const found = DynamicSupervisor.getChildSpec(supervisor, world.pid(id))
      return described((yield found) as FoundSpec)
    }
    case 'terminate_child':
      if (id.startsWith('@')) {
        yield DynamicSupervisor.terminateChild(supervisor, world.pid(id))
        return 'ok'
      }
      break
  }
  const type = { terminate_child: 'terminateChild', restart_child: 'restartChild' }[op] ?? op
  const anyone = supervisor as Pid as ServerPid<AnyRequest>
  const answer = yield call(anyone, { type, id, pid: id })
  if (answer instanceof ArborError) throw answer
  throw new Error(`no operation ${op}`)
}

type FoundSpec = AnySpec & Required<ChildPolicy>

function described({ id, restart, shutdown, significant, type }: FoundSpec): Term {
  return { id, restart, shutdown, significant, type }
}

function counted({ specs, active, supervisors, workers }: ChildCounts): Term {
  return { specs, active, supervisors, workers }
}

/** Children in OTP's order, last started first, or sorted. */
function* listed(
  world: World,
  children: Promise<ChildInfo[]>,
  { to = '', sorted = false }: Operation,
): Waits<Term> {
  const isDynamic = templateOf(world, to) !== undefined
  const infos = (yield children) as ChildInfo[]
  const list = infos.toReversed().map(({ id, pid, status, type }): Term[] => {
    const process = status === 'restarting' ? 'restarting' : 'undefined'
    return [isDynamic ? 'undefined' : id, pid === undefined ? process : world.labelOf(pid), type]
  })
  if (sorted) list.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
  return { list }
}

function started(world: World, result: unknown): Term {
  const child = result as StartResult
  if (!('info' in child)) return ['ok', world.labelOf(child)]
  return ['ok', world.labelOf(child.pid), child.info as Term]
}

/** OTP's word for each of our codes. */
const refusals: Readonly<Record<string, string>> = {
  already_present: 'already_present',
  unknown_child: 'not_found',
  child_running: 'running',
  child_restarting: 'restarting',
  dynamic_child: 'simple_one_for_one',
}

function refused(world: World, error: unknown): Term {
  if (error instanceof StartError) {
    return error.code === 'ignored' ? ['ok', 'undefined'] : startFailed(world, error)
  }
  if (!(error instanceof ArborError)) throw error
  if (error.code === 'already_started') {
    return ['error', ['already_started', world.labelOf(error.attempt.request as Pid)]]
  }
  if (error.code === 'bad_child_spec') return ['error', badSpecTerm(error)]
  if (startFailures.has(error.code)) {
    return [
      'error',
      termOfReason(startFailure(error.code === 'start_failed' ? error.cause : error)),
    ]
  }
  const refusal = refusals[error.code]
  if (refusal === undefined) throw error
  return ['error', refusal]
}

function checkSpecs(world: World, children: readonly ChildDescription[]): Term {
  try {
    checkChildSpecs(children.map((child) => childSpec(world, child)))
    return 'ok'
  } catch (error) {
    if (!(error instanceof ArborError)) throw error
    if (error.code === 'already_present') return ['error', 'duplicate_child_name']
    const complaint = badSpecTerm(error)
    return ['error', isTuple(complaint) ? (complaint[0] ?? null) : complaint]
  }
}

// The tree of actors, without their processes' code: names, parents, children, and how one is
// started and stopped. Each actor has a process of its own, linked to its parent's, which
// supervises it. An actor is the place; when it is restarted, another process takes it.
import { start } from '../behaviours/gen-server.ts'
import { run } from '../behaviours/steps.ts'
import { RESTART_INTENSITY, RESTART_PERIOD_MS } from '../limits.ts'
import { ArborError } from '../runtime/arbor-error.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { addWatch, DEAD, type Pid, type Process, processOf, type Watch } from '../runtime/pid.ts'
import { now } from '../runtime/timer-wheel.ts'
import { stopProcess } from '../supervisors/child.ts'
import { RestartIntensity } from '../supervisors/restart-intensity.ts'
import { ActorServer, SystemServer } from './actor-server.ts'
import { Context } from './context.ts'
import { ActorPath, checkName } from './path.ts'
import { ActorRef, nobody, type Ref, SystemRef } from './ref.ts'
import type { SupervisionPolicy } from './supervision.ts'

/** An actor's function, whatever its types. */
export type Behaviour = (state: unknown, message: unknown, ctx: Context) => unknown

/** An actor's options, whatever its types. */
export interface Properties {
  readonly shutdownAfter?: number | undefined
  readonly onCrash?: SupervisionPolicy<unknown, Ref<never>> | undefined
  readonly initialState?: unknown
  readonly initialStateFunc?: ((ctx: Context) => unknown) | undefined
  readonly afterStop?: ((state: unknown, ctx: object) => unknown) | undefined
}

/** What a crash that a child has escalated comes to, for that child. */
export type Verdict = 'stop' | 'resume' | 'reset' | 'restart'

/** Where actors can be spawned: an actor, or the system. */
export abstract class Place {
  abstract readonly name: string
  abstract readonly path: ActorPath
  abstract readonly ref: Ref<never>
  abstract readonly system: ActorSystem
  abstract readonly pid: Pid
  /** It has ended, or was told to: it is found no more. */
  isStopped = false
  // Most actors have no children, so what holds them is made on demand.
  /** In start order. */
  #children: Map<string, Actor> | null = null
  /** Children that were told to stop and have not ended. */
  #leaving: Set<Actor> | null = null
  /** Children whose process ends to be restarted. */
  #restarting: Set<Actor> | null = null

  child(name: string): Actor | undefined {
    return this.#children?.get(name)
  }

  /** In start order. */
  children(): Actor[] {
    return this.#children === null ? [] : [...this.#children.values()]
  }

  childRefs(): Map<string, Ref<unknown>> {
    return new Map(this.children().map((child) => [child.name, child.ref]))
  }

  hasChildren(): boolean {
    return (this.#children?.size ?? 0) + (this.#leaving?.size ?? 0) > 0
  }

  add(child: Actor): void {
    this.#children ??= new Map()
    this.#children.set(child.name, child)
  }

  /** A child is found no more; until it has ended, its parent waits for it. */
  letGo(child: Actor): void {
    if (this.#children?.get(child.name) === child) this.#children.delete(child.name)
    if (child.pid.status === DEAD) return
    this.#leaving ??= new Set()
    this.#leaving.add(child)
  }

  forget(child: Actor): void {
    this.#leaving?.delete(child)
    this.#restarting?.delete(child)
  }

  /** The process of a child ends, to be followed by another. */
  awaitRestart(child: Actor): void {
    this.#restarting ??= new Set()
    this.#restarting.add(child)
  }

  isRestarting(child: Actor): boolean {
    return this.#restarting?.has(child) === true
  }

  /** Starts again the children whose process has ended for it. */
  startAgain(): void {
    for (const child of this.#restarting ?? []) {
      if (child.pid.status !== DEAD) continue
      this.#restarting?.delete(child)
      child.begin()
    }
  }

  /** Stops children in reverse start order, one after the other; those that are leaving, too. */
  async stopChildren(): Promise<void> {
    for (const child of this.children().reverse()) await child.stop()
    for (const child of this.#leaving ?? []) await child.stop()
  }
}

export class Actor extends Place implements Watch {
  readonly name: string
  readonly parent: Place
  readonly system: ActorSystem
  readonly behaviour: Behaviour
  readonly properties: Properties
  readonly isStateless: boolean
  readonly ref: ActorRef<unknown>
  /** Handlers that may go on after their first await: then it must be known whose they are. */
  isAsync: boolean
  /** Told to begin again from the initial state before the next message. */
  isResetDue = false
  /** Ends its wait for the parent's decision. */
  verdict: ((verdict: Verdict) => void) | null = null
  target: Process | null = null
  watchPrevious: Watch | null = null
  watchNext: Watch | null = null
  #path: ActorPath | null = null
  #context: Context | null = null
  #pid: Process | null = null
  #stopping: Promise<void> | null = null
  #intensity: RestartIntensity | null = null

  constructor(
    parent: Place,
    behaviour: Behaviour,
    name: string,
    properties: Properties,
    isStateless: boolean,
  ) {
    super()
    this.name = name
    checkName(name)
    this.parent = parent
    this.system = parent.system
    this.behaviour = behaviour
    this.properties = properties
    this.isStateless = isStateless
    this.isAsync = behaviour.constructor.name === 'AsyncFunction'
    this.ref = new ActorRef<unknown>(this)
    if (parent.child(name) !== undefined) {
      const attempt = { operation: 'spawn', target: this.path.toString() }
      const advice = 'give it another name, or stop the other first'
      const message = `child actor of name ${name} already exists`
      throw new ArborError('already_exists', message, advice, attempt)
    }
    this.begin()
    parent.add(this)
  }

  get pid(): Process {
    if (this.#pid === null) throw new TypeError('an actor has a process from its start')
    return this.#pid
  }

  get path(): ActorPath {
    this.#path ??= this.parent.path.createChildPath(this.name)
    return this.#path
  }

  /** The context of a message without a sender. */
  get context(): Context {
    this.#context ??= new Context(this, nobody)
    return this.#context
  }

  /** Starts its process, linked to that of the parent. */
  begin(): void {
    this.#pid = processOf(start(new ActorServer(this), { parent: this.parent.pid }))
    this.isStopped = false
    addWatch(this.#pid, this)
  }

  /** It is found no more, and its name is free. */
  leave(): void {
    this.isStopped = true
    if (!this.parent.isRestarting(this)) this.parent.letGo(this)
  }

  /** Its process has ended, however that came. */
  onExit(_process: Process, _reason: ExitReason): void {
    this.leave()
    if (!this.parent.isRestarting(this)) this.parent.forget(this)
  }

  /**
   * Stops it: from now on it is not found, what is queued is not handled, and its name is free.
   * Resolves when its children and then it have ended: after its present message, or five seconds.
   */
  stop(): Promise<void> {
    if (this.#stopping !== null) return this.#stopping
    this.parent.forget(this)
    this.leave()
    this.verdict?.('stop')
    const spec = { id: this.name, restart: 'temporary' } as const
    this.#stopping = Promise.resolve(run(stopProcess(this.pid, spec, this.parent.pid)))
    return this.#stopping
  }

  /** Whether it may begin again once more: not beyond a supervisor's ordinary restart intensity. */
  mayBeginAgain(): boolean {
    this.#intensity ??= new RestartIntensity(RESTART_INTENSITY, RESTART_PERIOD_MS)
    return this.#intensity.allows(now())
  }
}

const systems = new Map<string, ActorSystem>()

export class ActorSystem extends Place {
  readonly name: string
  readonly path: ActorPath
  readonly ref: SystemRef
  readonly system: ActorSystem = this
  readonly pid: Process
  #anonymous = 0
  #stopping: Promise<void> | null = null

  constructor(name: string = freeName()) {
    super()
    if (systems.has(name)) {
      const attempt = { operation: 'start', target: name }
      const advice = 'give it another name, or stop the other first'
      const message = `there is an actor system "${name}"`
      throw new ArborError('already_exists', message, advice, attempt)
    }
    this.name = name
    this.path = new ActorPath([], name)
    this.ref = new SystemRef(this)
    this.pid = processOf(start(new SystemServer(this)))
    systems.set(name, this)
  }

  /** The actor under a path. */
  find(parts: readonly string[]): Actor | undefined {
    let place: Place = this
    let found: Actor | undefined
    for (const part of parts) {
      found = place.child(part)
      if (found === undefined) return undefined
      place = found
    }
    return found
  }

  /** A name for a child that was given none. */
  anonymousName(): string {
    this.#anonymous++
    return `anonymous-${this.#anonymous}`
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.isStopped = true
    systems.delete(this.name)
    const spec = { id: this.name, restart: 'temporary', shutdown: 'infinity' } as const
    await run(stopProcess(this.pid, spec, this.pid))
  }
}

function freeName(): string {
  let number = systems.size + 1
  while (systems.has(`system-${number}`)) number++
  return `system-${number}`
}

// The children of a DynamicSupervisor. It keeps no table of them: each is linked to it, and how it
// is started again lies in its record. Children that share a spec share that, too, so that one more
// costs its supervisor nothing but the link.
import { type Pid, processOf } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
import { linksOf } from '../runtime/signal.ts'
import type { RestartAgain } from './child.ts'
import {
  type AnySpec,
  type ChildCounts,
  type ChildInfo,
  restartOf,
  statusOf,
} from './child-spec.ts'

/** How a child is started again, and by whom. */
export class Plan {
  readonly supervisor: Pid
  readonly spec: AnySpec
  readonly args: readonly unknown[]
  /** Then it follows the template through a code change. */
  readonly isOfTemplate: boolean

  constructor(supervisor: Pid, spec: AnySpec, args: readonly unknown[], isOfTemplate: boolean) {
    this.supervisor = supervisor
    this.spec = spec
    this.args = args
    this.isOfTemplate = isOfTemplate
  }

  /** Its spec, when the template is this one now. */
  under(template: AnySpec | undefined): AnySpec {
    return this.isOfTemplate ? (template ?? this.spec) : this.spec
  }
}

/** A child between two attempts to restart it. */
interface Waiting {
  readonly plan: Plan
  readonly retry: RestartAgain
}

export class DynamicChildren {
  /** Plans of children without arguments, by their spec. */
  readonly #shared: WeakMap<AnySpec, Plan> = new WeakMap()
  /** Of processes that are another supervisor's children, too: their records tell of that one. */
  readonly #foreign: Map<Pid, Plan> = new Map()
  /** By the pid they had. */
  readonly #waiting: Map<Pid, Waiting> = new Map()
  /** Children that run, or have ended and not been heard of yet. */
  #running = 0

  get size(): number {
    return this.#running + this.#waiting.size
  }

  /** The plan of all children of a spec that have no arguments. */
  sharedPlan(supervisor: Pid, spec: AnySpec, isOfTemplate: boolean): Plan {
    const known = this.#shared.get(spec)
    if (known?.isOfTemplate === isOfTemplate) return known
    const plan = new Plan(supervisor, spec, [], isOfTemplate)
    this.#shared.set(spec, plan)
    return plan
  }

  started(pid: Pid, plan: Plan): void {
    const process = processOf(pid)
    // Its start may have brought a process that was there before.
    const isKnown = this.planOf(pid, plan.supervisor) !== undefined
    if (!isKnown) this.#running++
    const isOwn = process.supervised === null || isKnown
    if (isOwn && !this.#foreign.has(pid)) process.supervised = plan
    else this.#foreign.set(pid, plan)
  }

  /** The plan of a child that runs, or has just ended. */
  planOf(pid: Pid, supervisor: Pid): Plan | undefined {
    const { supervised } = processOf(pid)
    if (supervised instanceof Plan && supervised.supervisor === supervisor) return supervised
    return this.#foreign.get(pid)
  }

  /** A child is one no more, whether it has ended or is being stopped. */
  forget(pid: Pid): void {
    if (!this.#foreign.delete(pid)) processOf(pid).supervised = null
    this.#running--
  }

  /** A child that had this pid waits for its restart. */
  wait(pid: Pid, plan: Plan, retry: RestartAgain): void {
    this.#waiting.set(pid, { plan, retry })
  }

  waiting(pid: Pid): Waiting | undefined {
    return this.#waiting.get(pid)
  }

  /** A child waits no more. */
  stopWaiting(pid: Pid): void {
    this.#waiting.get(pid)?.retry.cancel()
    this.#waiting.delete(pid)
  }

  stopAllWaiting(): void {
    for (const pid of this.#waiting.keys()) this.stopWaiting(pid)
  }

  /** Those that run. */
  *running(supervisor: Pid): Generator<[Pid, Plan], void, undefined> {
    for (const pid of linksOf(supervisor)) {
      const plan = this.planOf(pid, supervisor)
      if (plan !== undefined) yield [pid, plan]
    }
  }

  /** As `whichChildren` shows them. */
  infos(supervisor: Pid, template: AnySpec | undefined): ChildInfo[] {
    const infos: ChildInfo[] = []
    for (const [pid, plan] of this.running(supervisor)) {
      infos.push(infoOf(plan.under(template), pid))
    }
    for (const { plan } of this.#waiting.values()) {
      infos.push(infoOf(plan.under(template), undefined))
    }
    return infos
  }

  counts(supervisor: Pid, template: AnySpec | undefined): ChildCounts {
    const infos = this.infos(supervisor, template)
    const supervisors = infos.filter(({ type }) => type === 'supervisor').length
    return {
      specs: template === undefined ? infos.length : 1,
      active: infos.filter(({ pid }) => pid !== undefined && isAlive(pid)).length,
      restarting: this.#waiting.size,
      supervisors,
      workers: infos.length - supervisors,
    }
  }
}

function infoOf(spec: AnySpec, pid: Pid | undefined): ChildInfo {
  const { id, type = 'worker' } = spec
  return { id, pid, status: statusOf(pid, pid === undefined), type, restart: restartOf(spec) }
}

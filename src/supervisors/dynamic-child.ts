// A child of a DynamicSupervisor: how it is started again. Most share a spec with all their
// siblings, and then a child costs one entry of a map.
import type { Pid } from '../runtime/pid.ts'
import { isAlive } from '../runtime/process.ts'
import type { RestartAgain } from './child.ts'
import {
  type AnySpec,
  type ChildCounts,
  type ChildInfo,
  restartOf,
  statusOf,
} from './child-spec.ts'

/** A child with arguments of its own, or with a row of restarts. */
export class Plan {
  readonly spec: AnySpec
  readonly args: readonly unknown[]

  constructor(spec: AnySpec, args: readonly unknown[]) {
    this.spec = spec
    this.args = args
  }
}

/** How a child is started again: a hundred thousand that share a spec cost nothing more. */
export type Restartable = AnySpec | Plan

/** A child between two attempts to restart it. */
export interface Waiting {
  readonly child: Restartable
  readonly retry: RestartAgain
}

export function specIn(child: Restartable): AnySpec {
  return child instanceof Plan ? child.spec : child
}

function infoOf(child: Restartable, pid: Pid | undefined): ChildInfo {
  const spec = specIn(child)
  const { id, type = 'worker' } = spec
  return { id, pid, status: statusOf(pid, pid === undefined), type, restart: restartOf(spec) }
}

/** The children of a dynamic supervisor. */
export interface DynamicState {
  readonly running: Map<Pid, Restartable>
  /** By the pid they had. */
  readonly waiting: Map<Pid, Waiting>
  /** What `startWith` makes children of. */
  readonly template?: AnySpec | undefined
}

/** The children as `whichChildren` shows them. */
export function infosOf({ running, waiting }: DynamicState): ChildInfo[] {
  const infos: ChildInfo[] = []
  for (const [pid, child] of running) infos.push(infoOf(child, pid))
  for (const { child } of waiting.values()) infos.push(infoOf(child, undefined))
  return infos
}

/** The same children; those of the old template are of the new one now. */
export function underTemplate(old: DynamicState, template: AnySpec | undefined): DynamicState {
  const turnOver = (child: Restartable): Restartable => {
    if (template === undefined || specIn(child) !== old.template) return child
    return child instanceof Plan ? new Plan(template, child.args) : template
  }
  const running = new Map<Pid, Restartable>()
  for (const [pid, child] of old.running) running.set(pid, turnOver(child))
  const waiting = new Map<Pid, Waiting>()
  for (const [pid, { child, retry }] of old.waiting) {
    waiting.set(pid, { child: turnOver(child), retry })
  }
  return { running, waiting, template }
}

export function dynamicCounts(infos: readonly ChildInfo[], hasTemplate: boolean): ChildCounts {
  const supervisors = infos.filter(({ type }) => type === 'supervisor').length
  return {
    specs: hasTemplate ? 1 : infos.length,
    active: infos.filter(({ pid }) => pid !== undefined && isAlive(pid)).length,
    restarting: infos.filter(({ status }) => status === 'restarting').length,
    supervisors,
    workers: infos.length - supervisors,
  }
}

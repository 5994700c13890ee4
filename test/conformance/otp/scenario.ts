// Scenarios recorded from Erlang/OTP 25 (format `otp-scenarios/1`): steps for a small world of
// processes, and the trace they must leave. The folder is ARBOR_SCENARIOS, default
// test/conformance/scenarios.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ownFolder = join(import.meta.dirname, '..', 'scenarios')
const folder: string = process.env.ARBOR_SCENARIOS ?? ownFolder

/** Whether the scenarios are those of this repository, whose names are known. */
export const isOwnFolder: boolean = folder === ownFolder

/** An Erlang term as JSON: an array is a tuple, `{ list }` a list, `@p1` a pid, `#m1` a reference. */
export type Term = null | boolean | number | string | Term[] | { [key: string]: Term }

/** A program of a callback: operations, then what the callback returns. */
export interface Program {
  readonly do?: readonly Operation[]
  readonly ret?: Term
}

/** A gen_server's callbacks. */
export interface Module {
  readonly trap?: boolean
  readonly state?: Term
  readonly init?: Program | readonly Program[]
  readonly call?: Readonly<Record<string, Program>>
  readonly cast?: Readonly<Record<string, Program>>
  readonly info?: Readonly<Record<string, Program>>
  readonly continue?: Readonly<Record<string, Program>>
  readonly terminate?: Program
  readonly code_change?: Program
}

/** A handler of a gen_event. */
export interface HandlerModule {
  readonly state?: Term
  readonly init?: Program
  readonly event?: Readonly<Record<string, Program>>
  readonly info?: Readonly<Record<string, Program>>
  readonly call?: Readonly<Record<string, Program>>
  readonly terminate?: Program
}

/** A program of a gen_statem. */
export interface StatemProgram extends Program {
  readonly actions?: readonly Term[]
}

/** A gen_statem's callbacks; `alt` is another callback module. */
export interface StatemModule {
  readonly mode?: string
  readonly state_enter?: boolean
  readonly first?: Term
  readonly data?: Term
  readonly trap?: boolean
  readonly init?: StatemProgram | readonly StatemProgram[]
  readonly states?: Readonly<Record<string, Readonly<Record<string, StatemProgram>>>>
  readonly terminate?: Program
  readonly code_change?: Program
  readonly alt?: StatemModule
}

/** A supervisor; the period is in seconds. */
export interface TreeSpec {
  readonly strategy?: string
  readonly intensity?: number
  readonly period?: number
  readonly auto_shutdown?: string
  readonly children?: readonly ChildDescription[]
  readonly init?: Program
}

export interface ChildDescription {
  readonly id: string
  readonly restart?: string
  readonly shutdown?: number | 'infinity' | 'brutal_kill'
  readonly type?: string
  readonly significant?: boolean
  readonly beh?: string
  readonly mod?: Module | StatemModule
  readonly name?: string
  readonly spec?: TreeSpec
  /** What `returns` returns. */
  readonly value?: Term
}

/** A step, or an operation of a program. Which fields it has follows from `op`. */
export interface Operation {
  readonly op?: string
  readonly by?: string
  readonly as?: string
  readonly to?: string
  readonly pid?: string
  readonly ref?: string
  readonly name?: string
  readonly id?: string
  readonly how?: string
  readonly opts?: Term
  readonly beh?: string
  readonly from?: string
  readonly key?: string
  readonly level?: string
  readonly alias?: string
  readonly tag?: Term
  readonly vsn?: Term
  readonly extra?: Term
  readonly reason?: Term
  readonly value?: Term
  readonly msg?: Term
  readonly req?: Term
  readonly ms?: number
  readonly timeout?: number | 'infinity'
  readonly on?: boolean
  readonly trap?: boolean
  readonly hold?: boolean
  readonly catch?: boolean
  readonly crash?: boolean
  readonly uncaught?: boolean
  readonly sorted?: boolean
  readonly data_only?: boolean
  readonly tags?: readonly string[]
  readonly ops?: readonly Operation[]
  readonly steps?: readonly Operation[]
  readonly mod?: Module | HandlerModule | StatemModule
  readonly arg?: Term
  readonly scope?: string
  readonly group?: string
  readonly pids?: Term
  readonly id2?: string
  readonly event?: Term
  readonly spec?: TreeSpec
  readonly child?: ChildDescription
  readonly children?: readonly ChildDescription[]
  readonly args?: Partial<ChildDescription>
  /** Of `app_load`: what the application depends on, and how its start fails. */
  readonly needs?: readonly string[]
  readonly start?: Term
  readonly phases?: Term
  readonly env?: Term
  readonly type?: string
}

/** What one step left behind. */
export interface Segment {
  log?: Record<string, Term[]>
  exits?: Record<string, Term>
  order?: Term[]
}

export interface Scenario {
  readonly name: string
  readonly rule: string
  readonly basis: 'documented' | 'observed'
  readonly sort?: boolean
  readonly order?: boolean
  readonly needs?: readonly string[]
  readonly steps: readonly Operation[]
  readonly trace: readonly Segment[]
}

/** The scenarios of a kind, e.g. `signals`. */
export function readScenarios(kind: string): readonly Scenario[] {
  const path = join(folder, `${kind}.json`)
  // Another set need not have every kind.
  if (!isOwnFolder && !existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  const file = JSON.parse(text) as { format: string; scenarios: Scenario[] }
  if (file.format !== 'otp-scenarios/1') throw new Error(`unknown format ${file.format}`)
  return file.scenarios
}

/** All objects within the steps of a scenario: operations, programs, specs. */
export function* partsOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const inner of Object.values(value)) yield* partsOf(inner)
}

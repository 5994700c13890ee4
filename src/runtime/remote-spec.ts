// What to start in another thread: a module and what it exports, because code does not cross, and
// arguments, which are copied.
//
//   import type { Counter } from './counter.ts'
//
//   const counter = await spawn<typeof Counter>({
//     module: new URL('./counter.ts', import.meta.url),
//     export: 'Counter',
//     args: [5],
//     scheduler: 'least_loaded',
//   })
import { ArborError } from './arbor-error.ts'
import type { Copyable } from './copyable.ts'
import type { Name, Pid } from './pid.ts'

/**
 * Where a process is started. The number of a scheduler; `spread`: the next one in turn; or
 * `least_loaded`: where the fewest processes wait for their turn, and among those the fewest live;
 * or in the thread of another process, because a message between threads costs as much as ten
 * within one.
 */
export type Placement = number | 'spread' | 'least_loaded' | { readonly near: Pid }

/**
 * Arguments of what is exported: of a server's constructor; those of a generator or async function
 * after its own pid; the first state of a callback process; any where nothing is known.
 */
export type ArgumentsOf<Exported> = Exported extends abstract new (
  ...args: infer Args
) => unknown
  ? Readonly<Copyable<Args>>
  : Exported extends
        | ((self: never, ...args: infer Args) => Generator<unknown, unknown, unknown>)
        | ((me: never, ...args: infer Args) => Promise<unknown>)
    ? Readonly<Copyable<Args>>
    : Exported extends (message: never, state: infer State, self: never) => unknown
      ? readonly [state: Copyable<State>]
      : readonly unknown[]

/** The pid of what is exported. */
export type PidOf<Exported> = Exported extends abstract new (
  ...args: never[]
) => {
  readonly self: infer Self extends Pid
}
  ? Self
  : Exported extends (self: infer Self extends Pid, ...args: never) => Generator
    ? Self
    : Exported extends (
          me: { readonly pid: infer Self extends Pid },
          ...args: never
        ) => Promise<unknown>
      ? Self
      : Exported extends (message: infer M, state: never, self: never) => unknown
        ? Pid<Copyable<M>>
        : Pid<unknown>

/** A process to be started elsewhere. */
export interface SpawnSpec<Exported = unknown> {
  /** URL of the module, as every thread can import it. */
  readonly module: URL | string
  /**
   * What it exports: a class with the callbacks of a behaviour, or the function of a process.
   * Default `default`.
   */
  readonly export?: string
  /** Copied. */
  readonly args?: ArgumentsOf<Exported>
  /** Default `spread`. */
  readonly scheduler?: Placement
  /** Registers it, for all threads. */
  readonly name?: Name
  /** Linked with it before it runs. */
  readonly link?: Pid
}

/** Starts a process elsewhere. */
export type Placer = (spec: SpawnSpec) => Promise<Pid>

let placer: Placer | null = null

/** Who places processes, while there are several threads; set by remote-spawn.ts. */
export function usePlacer(place: Placer | null): void {
  placer = place
}

export function spawnElsewhere(spec: SpawnSpec): Promise<Pid> {
  if (placer !== null) return placer(spec)
  const attempt = { operation: 'spawn', target: String(spec.module) }
  const advice = 'await startSchedulers({ count }) before'
  const error = new ArborError('no_schedulers', 'there is only one thread', advice, attempt)
  return Promise.reject(error)
}

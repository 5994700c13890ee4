// An application: a part of a program that is started and stopped as one, with a name, settings of
// its own and other applications it needs (Erlang/OTP, application). What it runs is a tree of
// supervisors, whose top its `start` returns. Applications are data plus callbacks; the process
// that starts them in order is supervisors/application-controller.ts.
//
//   class Shop extends Application {
//     start(_type: StartType, _args: unknown, { env }: ApplicationContext) {
//       return startLink(new Supervisor({ children: [listener(env('port'))] }))
//     }
//   }
//
//   const shop: ApplicationSpec = {
//     name: 'shop',
//     dependencies: ['database'],
//     environment: { port: 8080 },
//     module: new Shop(),
//   }
//
// When not to use it: for a program of one tree, which a supervisor is. An application pays when
// parts are made by different people, or are started, stopped and configured apart.
import type { ExitReason } from '../runtime/exit-reason.ts'
import type { Pid } from '../runtime/pid.ts'
import type { MaybePromise } from './gen-server.ts'

/** Why an application starts; on one node there is one way. */
export type StartType = 'normal'

/**
 * What the end of an application means to the others: `permanent` stops them all; `transient` does
 * unless it ended with `normal`, which a supervisor never does by itself; `temporary` does not.
 */
export type ApplicationType = 'permanent' | 'transient' | 'temporary'

/** What an application's callbacks may use. */
export interface ApplicationContext {
  readonly name: string
  /** The process that stands for the application: links what is started after an `await`. */
  readonly parent: Pid
  /** A setting as it is now, without a message; undefined when there is none. */
  env(key: string): unknown
}

/** The top of the tree, and what `prepStop` and `stop` are to be given. */
export type ApplicationStart<State> = Pid | { readonly pid: Pid; readonly state: State }

/** The callbacks of an application. An instance may be started again after it has been stopped. */
export abstract class Application<State = unknown, Args = unknown> {
  /**
   * Starts the tree and returns its top supervisor, linked as `startLink` does it (with
   * `{ parent: context.parent }` after an `await`). What it throws fails the start.
   */
  abstract start(
    type: StartType,
    args: Args,
    context: ApplicationContext,
  ): MaybePromise<ApplicationStart<State>>

  /** Called for each of the spec's phases, in order, once the tree runs; throwing fails the start. */
  startPhase(
    _phase: string,
    _type: StartType,
    _args: unknown,
    _context: ApplicationContext,
  ): void | Promise<void> {}

  /**
   * Called before the tree is stopped, or after it ended by itself; returns what `stop` is given.
   * What it throws is reported, and stops nothing.
   */
  prepStop(state: State): MaybePromise<State> {
    return state
  }

  /** Called when the tree has ended: frees what no process owns. What it throws is reported. */
  stop(_state: State): void | Promise<void> {}
}

/** An application as it is loaded. */
export interface ApplicationSpec {
  readonly name: string
  readonly description?: string
  readonly version?: string
  /** Applications that must run before this one starts. */
  readonly dependencies?: readonly string[]
  /** The same, but only those that are loaded. */
  readonly optionalDependencies?: readonly string[]
  /** Settings unless the controller or `setEnv` says otherwise. */
  readonly environment?: Readonly<Record<string, unknown>>
  /** Steps of the start that need the whole tree; `startPhase` is called for each. */
  readonly phases?: readonly StartPhase[]
  /** Without it the application is a library: it starts and stops, and runs nothing. */
  readonly module?: Application
  /** Given to `start`. */
  readonly args?: unknown
}

export interface StartPhase {
  readonly phase: string
  readonly args?: unknown
}

/** An application that is loaded or runs, for a person who looks. */
export interface ApplicationInfo {
  readonly name: string
  readonly description: string
  readonly version: string
}

/** How an application ended by itself; the exit reason of a controller that ends with it. */
export interface ApplicationEnded {
  readonly applicationEnded: string
  readonly reason: ExitReason
}

// What the application controller is told and asked.
import type {
  ApplicationInfo,
  ApplicationSpec,
  ApplicationType,
} from '../behaviours/application.ts'
import type { Call, ServerPid } from '../behaviours/gen-server.ts'
import type { ArborError } from '../runtime/arbor-error.ts'
import type { Name } from '../runtime/pid.ts'

export interface ApplicationControllerOptions {
  /** Loaded at the start. */
  readonly applications?: readonly ApplicationSpec[]
  /** Settings by application, which go before those of its spec. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export type ApplicationControllerCall =
  | Call<'load', { spec: ApplicationSpec }, undefined | ArborError>
  | Call<'unload', { name: string }, undefined | ArborError>
  | Call<'start', { name: string; as: ApplicationType }, undefined | ArborError>
  | Call<'stop', { name: string }, undefined | ArborError>
  | Call<'which', unknown, ApplicationInfo[]>
  | Call<'loaded', unknown, ApplicationInfo[]>
  | Call<'spec', { name: string }, { spec: ApplicationSpec; isRunning: boolean } | undefined>
  | Call<'getEnv', { name: string; key: string }, unknown>
  | Call<'setEnv', { name: string; key: string; value: unknown }, undefined>

export type ApplicationControllerPid = ServerPid<ApplicationControllerCall>
export type ApplicationControllerRef = ApplicationControllerPid | Name<ApplicationControllerPid>

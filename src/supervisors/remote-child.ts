// The child spec of a process in another thread: its supervisor stays here, is linked with it
// across the threads, and starts it again wherever its placement says, also when its thread died.
//
//   remoteChild<typeof Counter>({ id: 'counter', spawn: { module, export: 'Counter', args: [0] } })
import type { Pid } from '../runtime/pid.ts'
import { spawn } from '../runtime/process.ts'
import type { PidOf, SpawnSpec } from '../runtime/remote-spec.ts'
import type { ChildSpec } from './child-spec.ts'

/** A child spec with what to start and where, in place of `start`. */
export type RemoteChild<Exported> = Omit<ChildSpec, 'start'> & {
  readonly spawn: Omit<SpawnSpec<Exported>, 'link'>
}

export function remoteChild<Exported>(
  child: RemoteChild<Exported>,
): ChildSpec<PidOf<Exported> & Pid> {
  const { spawn: wanted, ...spec } = child
  return { ...spec, start: (supervisor) => spawn<Exported>({ ...wanted, link: supervisor }) }
}

// The applications of a node as one child of its tree.
import type { ApplicationSpec } from '../behaviours/application.ts'
import { startLink } from '../behaviours/gen-server.ts'
import { run } from '../behaviours/steps.ts'
import type { Name, Pid } from '../runtime/pid.ts'
import { ApplicationController } from './application-controller.ts'
import type {
  ApplicationControllerOptions,
  ApplicationControllerPid,
} from './application-protocol.ts'
import { stopProcess } from './child.ts'
import type { ChildSpec } from './child-spec.ts'

export interface ApplicationsOptions extends Omit<ApplicationControllerOptions, 'applications'> {
  readonly name: Name<ApplicationControllerPid>
}

/**
 * A controller that starts these applications, each after those it depends on, as permanent ones:
 * when one ends, all end, and the node with them. When one does not start, nor does the child.
 */
export function applicationsSpec(
  applications: readonly ApplicationSpec[],
  { name, ...options }: ApplicationsOptions,
): ChildSpec {
  const begin = async (supervisor: Pid): Promise<Pid> => {
    const controller = new ApplicationController({ ...options, applications })
    const pid = startLink(controller, { name, parent: supervisor })
    try {
      for (const application of applications) {
        await ApplicationController.ensureAllStarted(pid, application.name, 'permanent')
      }
      return pid
    } catch (error) {
      await run(stopProcess(pid, { id: 'applications', type: 'supervisor' }, supervisor))
      throw error
    }
  }
  return {
    id: 'applications',
    type: 'supervisor',
    restart: 'temporary',
    significant: true,
    start: begin,
  }
}

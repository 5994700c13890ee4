// What a host asks of a running service beside its calls. Each request takes its turn in the
// service's mailbox, so it sees the state between two messages, and a service that does not come
// to its mailbox does not answer: whoever asks keeps the time.
import type { PendingCall } from '../runtime/call.ts'
import type { ExitReason } from '../runtime/exit-reason.ts'
import { DEAD, type Pid, processOf } from '../runtime/pid.ts'
import { post } from '../runtime/scheduler.ts'
import { type Callbacks, classNameOf, type ServerStatus } from './callbacks.ts'
import { type Server, SystemMessage } from './server-loop.ts'
import { type AnyService, type Health, type Info, Service } from './service.ts'
import { capabilitiesOf, downBy, healthOf, infoOf } from './service-contract.ts'

/** How a service does and, when it is well, who it is. */
export interface Verdict {
  readonly health: Health
  readonly info?: Info
}

/**
 * Asks a service how it does; `answered` is called once, in the service's turn or later, unless the
 * service ends first. Exceptions and what is no `Health` have become `down`.
 */
export function askHealth(service: Pid, answered: (verdict: Verdict) => void): void {
  ask(service, (callbacks, state) => {
    let returned: unknown
    try {
      returned = callbacks.health(state)
    } catch (thrown) {
      answered({ health: downBy(thrown) })
      return
    }
    if (!(returned instanceof Promise)) {
      answered(verdictOf(callbacks, returned))
      return
    }
    returned.then(
      (health) => answered(verdictOf(callbacks, health)),
      (thrown) => answered({ health: downBy(thrown) }),
    )
  })
}

function verdictOf(service: AnyService, returned: unknown): Verdict {
  const health = healthOf(returned)
  if (health.status !== 'ok') return { health }
  try {
    return { health, info: infoOf(service) }
  } catch (error) {
    return { health: downBy(error) }
  }
}

/** Asks a service for its capabilities; `answered` gets them, or why they cannot be meant. */
export function askCapabilities(
  service: Pid,
  answered: (capabilities: ReturnType<typeof capabilitiesOf> | Error) => void,
): void {
  ask(service, (callbacks) => {
    try {
      answered(capabilitiesOf(callbacks))
    } catch (error) {
      answered(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

/**
 * Lets a service refuse calls that come from now on; casts and other messages it takes, because
 * calls in flight may need them. `refusing` is called when all that came before has been handled.
 */
export function refuseCalls(service: Pid, refusing: () => void): void {
  const process = processOf(service)
  if (process.status === DEAD) return
  const message = new SystemMessage((server) => {
    if (!(server.callbacks instanceof Draining)) server.callbacks = new Draining(server.callbacks)
    refusing()
  })
  post(process, message)
}

function ask(service: Pid, answer: (callbacks: AnyService, state: unknown) => void): void {
  const process = processOf(service)
  if (process.status === DEAD) return
  const message = new SystemMessage(({ callbacks, state }: Server) => {
    const inner = callbacks instanceof Draining ? callbacks.inner : callbacks
    if (inner instanceof Service) answer(inner, state)
  })
  post(process, message)
}

/** The callbacks of a service on its way out: all its own, but no call is let in. */
class Draining implements Callbacks {
  readonly inner: Callbacks

  constructor(inner: Callbacks) {
    this.inner = inner
  }

  get self(): Pid {
    return this.inner.self
  }

  get className(): string {
    return classNameOf(this.inner)
  }

  init(): unknown {
    return this.inner.init()
  }

  handleCall(_: unknown, call: PendingCall, state: unknown): unknown {
    call.fail('refused', 'draining')
    return { state }
  }

  handleCast(request: unknown, state: unknown): unknown {
    return this.inner.handleCast(request, state)
  }

  handleInfo(message: unknown, state: unknown): unknown {
    return this.inner.handleInfo(message, state)
  }

  handleContinue(term: unknown, state: unknown): unknown {
    return this.inner.handleContinue(term, state)
  }

  terminate(reason: ExitReason, state: unknown): unknown {
    return this.inner.terminate(reason, state)
  }

  codeChange(oldVersion: unknown, state: unknown, extra: unknown): unknown {
    return this.inner.codeChange(oldVersion, state, extra)
  }

  formatStatus(status: ServerStatus): ServerStatus {
    return this.inner.formatStatus === undefined ? status : this.inner.formatStatus(status)
  }
}

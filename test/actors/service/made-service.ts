// A service whose every callback a test can decide, and a list of what happened in which order.

import { onTestFinished } from 'vitest'
import type { Announcer } from '../../../src/actors/service/announcer.ts'
import {
  type RunningService,
  type ServiceOptions,
  startService,
} from '../../../src/actors/service/service-host.ts'
import {
  type Call,
  type CallResult,
  type From,
  type MaybePromise,
  type Result,
  reply,
} from '../../../src/behaviours/gen-server.ts'
import {
  type Capability,
  type Health,
  type IdentitySpec,
  type Info,
  ok,
  Service,
  type ServiceContext,
} from '../../../src/behaviours/service.ts'

export type MadeCall =
  | Call<'echo', { text: string }, string>
  | Call<'later', object, string>
  | Call<'crash', object, never>

export type MadeCast = { readonly type: 'answer'; readonly text: string }

export interface Decisions {
  readonly start?: (context: ServiceContext) => MaybePromise<void>
  readonly stop?: () => MaybePromise<void>
  readonly health?: () => unknown
  readonly capabilities?: () => readonly Capability[]
  readonly info?: () => unknown
}

export class MadeService extends Service<readonly From<string>[], MadeCall, MadeCast> {
  readonly #events: string[]
  readonly #decisions: Decisions

  constructor(events: string[] = [], decisions: Decisions = {}) {
    super()
    this.#events = events
    this.#decisions = decisions
  }

  info(): Info {
    const made = this.#decisions.info?.() ?? {
      name: 'made',
      version: '1.2.3',
      description: 'does as it is told',
    }
    return made as Info
  }

  capabilities(): readonly Capability[] {
    return this.#decisions.capabilities?.() ?? [{ name: 'made.echo', version: 1 }]
  }

  identitySpec(): IdentitySpec {
    return { scope: 'made', actions: ['rpc/serve'], resources: ['made/*'], ttlDays: 30 }
  }

  async start(context: ServiceContext): Promise<readonly From<string>[]> {
    this.#events.push('starting')
    await this.#decisions.start?.(context)
    this.#events.push('started')
    return []
  }

  async stop(): Promise<void> {
    this.#events.push('stopping')
    await this.#decisions.stop?.()
    this.#events.push('stopped')
  }

  health(): Health {
    const { health = ok } = this.#decisions
    return health() as Health
  }

  override handleCall(
    request: MadeCall,
    from: From<string>,
    open: readonly From<string>[],
  ): CallResult<readonly From<string>[], string> {
    if (request.type === 'echo') return { reply: request.text, state: open }
    if (request.type === 'crash') throw new Error('told to')
    this.#events.push('call waits')
    return { state: [...open, from] }
  }

  override handleCast(
    { text }: MadeCast,
    open: readonly From<string>[],
  ): Result<readonly From<string>[]> {
    this.#events.push(`answers ${text}`)
    for (const from of open) reply(from, text)
    return { state: [] }
  }
}

/** Notes what it is told. */
export function recording(events: string[], action: Partial<Announcer> = {}): Announcer {
  const names = (list: readonly Capability[]): string =>
    list.map(({ name, version }) => `${name}@${version}`).join(' ')
  return {
    announce: async (service, capabilities, signal) => {
      events.push(`announce ${service.name} ${names(capabilities)}`)
      await action.announce?.(service, capabilities, signal)
    },
    withdraw: async (service, capabilities) => {
      events.push(`withdraw ${names(capabilities)}`)
      await action.withdraw?.(service, capabilities)
    },
  }
}

/** A service that is stopped with its test. */
export async function serving(
  events: string[] = [],
  decisions: Decisions = {},
  options: ServiceOptions = {},
): Promise<RunningService<MadeCall, MadeCast>> {
  const service = await startService(() => new MadeService(events, decisions), options)
  onTestFinished(() => service.stop())
  return service
}

/** Waits, a turn of the event loop at a time, until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 100_000) throw new Error('it never came to be')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

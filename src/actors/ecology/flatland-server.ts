// An ecology as living processes: the plain is a server, and each body's brain a process under a
// supervisor, started when the body is born and ended when it dies. A brain that crashes is the
// death of its body, and nobody else's affair.
//
//   const plain = await startFlatland({ settings: flatlandEcology, seed: 1 })
//   const { births, prey } = await plain.live(1_000)     // ticks
//   await plain.stop()
//
// A tick shows every brain what its body perceives, and goes on when all have answered. Whoever
// answers first, the life is that of `FlatlandEcology` alone, bit for bit, unless a brain is killed.
// For looking at, for experiments with faults; not for speed: a tick costs two messages a body.
import {
  type Call,
  type CallResult,
  call,
  type From,
  GenServer,
  type InitResult,
  type ReplyOf,
  type Result,
  type ServerPid,
  start,
  startLink,
  stop,
} from '../../behaviours/gen-server.ts'
import {
  type EcologyMeasures,
  type EcologySettings,
  FlatlandEcology,
} from '../../evolution/environment/flatland-ecology.ts'
import { FLATLAND_INPUTS, senseFlatland } from '../../evolution/environment/flatland-sense.ts'
import { reply } from '../../runtime/call.ts'
import type { Pid } from '../../runtime/pid.ts'
import { isAlive, send } from '../../runtime/process.ts'
import { Down, exit, monitor } from '../../runtime/signal.ts'
import {
  DynamicSupervisor,
  type DynamicSupervisorPid,
} from '../../supervisors/dynamic-supervisor.ts'
import { Supervisor } from '../../supervisors/supervisor.ts'
import { type Drive, type Percept, startBrain } from './flatland-brain.ts'

export interface FlatlandServerOptions {
  readonly settings: EcologySettings
  readonly seed: number | string
}

/** Nobody is there to be waited for. */
interface Deserted {
  readonly type: 'deserted'
}

/** A body that lives, and the process of its brain. */
export interface LivingBody {
  readonly body: number
  readonly pid: Pid
}

type FlatlandCall =
  | Call<'live', { ticks: number }, EcologyMeasures>
  | Call<'bodies', object, readonly LivingBody[]>
type AnyReply = ReplyOf<FlatlandCall>

interface Life {
  readonly from: From<EcologyMeasures>
  ticksLeft: number
  /** Those whose answers this tick lacks. */
  readonly awaited: Set<number>
}

export class FlatlandServer extends GenServer<Life[], FlatlandCall> {
  readonly ecology: FlatlandEcology
  readonly #brains: DynamicSupervisorPid
  readonly #pids: Map<number, Pid<Percept>> = new Map()

  constructor({ settings, seed }: FlatlandServerOptions, brains: DynamicSupervisorPid) {
    super()
    this.ecology = new FlatlandEcology(settings, seed)
    this.#brains = brains
  }

  async init(): Promise<InitResult<Life[]>> {
    await this.#start(this.ecology.bodies)
    return { state: [] }
  }

  override handleCall(
    request: FlatlandCall,
    from: From<AnyReply>,
    lives: Life[],
  ): CallResult<Life[], AnyReply> {
    if (request.type === 'bodies') {
      const bodies = [...this.#pids].map(([body, pid]) => ({ body, pid }))
      return { reply: bodies, state: lives }
    }
    if (request.ticks < 1) return { reply: this.ecology.measures, state: lives }
    const life: Life = { from, ticksLeft: request.ticks, awaited: new Set() }
    const state = [...lives, life]
    if (state.length === 1) this.#ask(life)
    return { state }
  }

  override async handleInfo(
    message: Drive | Down | Deserted,
    lives: Life[],
  ): Promise<Result<Life[]>> {
    const [life] = lives
    if (message instanceof Down) this.#lost(message.pid, life)
    else if (message.type === 'drive') {
      const { body, right, left } = message
      this.ecology.world.drive(body, right, left)
      life?.awaited.delete(body)
    }
    if (life === undefined || life.awaited.size > 0) return { state: lives }
    return { state: await this.#tick(life, lives) }
  }

  /** Shows every body what it perceives. */
  #ask(life: Life): void {
    for (const [body, pid] of this.#pids) {
      const inputs = new Float64Array(FLATLAND_INPUTS)
      senseFlatland(this.ecology.world, body, inputs)
      life.awaited.add(body)
      send(pid, { type: 'percept', inputs, world: this.self as Pid<Drive> })
    }
    if (life.awaited.size === 0) send(this.self as Pid<Deserted>, { type: 'deserted' })
  }

  /** All have answered. */
  async #tick(life: Life, lives: Life[]): Promise<Life[]> {
    const { died, born } = this.ecology.tick()
    for (const body of died) this.#end(body)
    await this.#start(born)
    life.ticksLeft--
    const after = life.ticksLeft > 0 ? lives : lives.slice(1)
    if (after !== lives) reply(life.from, this.ecology.measures)
    const [next] = after
    if (next !== undefined) this.#ask(next)
    return after
  }

  async #start(bodies: readonly number[]): Promise<void> {
    for (const body of bodies) {
      const genotype = this.ecology.genotypeOf(body)
      const pid = await DynamicSupervisor.startChild(this.#brains, {
        id: 'brain',
        restart: 'temporary',
        start: (parent) => startBrain(parent, body, genotype),
      })
      monitor(pid, this.self)
      this.#pids.set(body, pid)
    }
  }

  #end(body: number): void {
    const pid = this.#pids.get(body)
    this.#pids.delete(body)
    if (pid !== undefined) exit(pid, 'shutdown')
  }

  /** A brain has ended; of itself when its body still has it. */
  #lost(pid: Pid, life: Life | undefined): void {
    for (const [body, own] of this.#pids) {
      if (own !== pid) continue
      this.#pids.delete(body)
      this.ecology.kill(body)
      life?.awaited.delete(body)
    }
  }
}

/** An ecology that lives, with the tree of its processes. */
export interface LivingFlatland {
  readonly supervisor: Pid
  readonly server: ServerPid<FlatlandCall>
  /** Lives on for some ticks; what has become of it then. */
  live(ticks: number): Promise<EcologyMeasures>
  bodies(): Promise<readonly LivingBody[]>
  stop(): Promise<void>
}

/** Starts an ecology: the brains' supervisor and the plain, each ended with the other. */
export async function startFlatland(options: FlatlandServerOptions): Promise<LivingFlatland> {
  let brains: DynamicSupervisorPid | undefined
  let server: ServerPid<FlatlandCall> | undefined
  const tree = new Supervisor({
    strategy: 'one_for_all',
    children: [
      {
        id: 'brains',
        type: 'supervisor',
        start: (parent) => {
          brains = startLink(new DynamicSupervisor(), { parent })
          return brains
        },
      },
      {
        id: 'flatland',
        start: async (parent) => {
          server = await startLink(new FlatlandServer(options, brains!), { parent })
          return server
        },
      },
    ],
  })
  const supervisor = await start(tree)
  return {
    supervisor,
    // Another one after a crash, whose life begins anew.
    get server() {
      return server!
    },
    live: (ticks) => call(server!, { type: 'live', ticks }, { timeoutMs: 'infinity' }),
    bodies: () => call(server!, { type: 'bodies' }),
    stop: async () => {
      if (isAlive(supervisor)) await stop(supervisor)
    },
  }
}

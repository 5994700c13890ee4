// Applications of the scenarios: ours, with a log entry for each callback, and what is asked of the
// controller.
import {
  Application,
  type ApplicationContext,
  type ApplicationInfo,
  type ApplicationStart,
  type ApplicationType,
} from '../../../src/behaviours/application.ts'
import { type MaybePromise, start } from '../../../src/behaviours/gen-server.ts'
import { ArborError } from '../../../src/runtime/arbor-error.ts'
import { exit } from '../../../src/runtime/signal.ts'
import { ApplicationController } from '../../../src/supervisors/application-controller.ts'
import { ApplicationError } from '../../../src/supervisors/application-error.ts'
import type { ApplicationControllerPid } from '../../../src/supervisors/application-protocol.ts'
import type { Actor, Waits } from './operation.ts'
import type { Operation, Term } from './scenario.ts'
import { startSupervisor } from './scripted-supervisor.ts'
import { isTuple, reasonFrom, termOfReason } from './term.ts'
import type { World } from './world.ts'

class ScriptedApplication extends Application {
  readonly #world: World
  readonly #name: string
  readonly #operation: Operation

  constructor(world: World, name: string, operation: Operation) {
    super()
    this.#world = world
    this.#name = name
    this.#operation = operation
  }

  #log(...entry: Term[]): void {
    this.#world.log(`app.${this.#name}`, entry)
  }

  start(
    type: 'normal',
    _args: unknown,
    { parent }: ApplicationContext,
  ): MaybePromise<ApplicationStart<unknown>> {
    this.#log('start', type)
    const { start: how, spec = {} } = this.#operation
    if (isTuple(how)) return exit(reasonFrom(how[1] ?? null))
    const label = (): string => `${this.#name}.${this.#world.countStart(this.#name)}`
    return startSupervisor(this.#world, label, spec, { parent })
  }

  override startPhase(phase: string): void {
    this.#log('phase', phase)
  }

  override prepStop(state: unknown): unknown {
    this.#log('prep_stop')
    return state
  }

  override stop(): void {
    this.#log('stop')
  }
}

/** The controller of each world, and how the starts of its applications fail. */
interface Node {
  readonly controller: ApplicationControllerPid
  readonly failures: Map<string, Term>
}

const nodes = new WeakMap<World, Node>()

function nodeOf(world: World): Node {
  let node = nodes.get(world)
  if (node === undefined) {
    node = { controller: start(new ApplicationController()), failures: new Map() }
    const { controller } = node
    world.atEnd(() => exit(controller, 'kill'))
    nodes.set(world, node)
  }
  return node
}

type Ask = (node: Node, operation: Operation, name: string, world: World) => Promise<Term>

const done = async (work: Promise<unknown>): Promise<Term> => {
  await work
  return 'ok'
}

const operations: Readonly<Record<string, Ask>> = {
  app_load: ({ controller, failures }, operation, name, world) => {
    const { needs = [], env, phases, start: how, spec } = operation
    if (isTuple(how)) failures.set(name, how)
    const isLibrary = how === undefined && spec === undefined
    const loaded = ApplicationController.load(controller, {
      name,
      dependencies: needs,
      environment: Object.fromEntries(pairsOf(env)),
      phases: listOf(phases).map((phase) => ({ phase: String(isTuple(phase) ? phase[0] : phase) })),
      ...(!isLibrary && { module: new ScriptedApplication(world, name, operation) }),
    })
    return done(loaded)
  },
  app_unload: ({ controller }, _, name) => done(ApplicationController.unload(controller, name)),
  app_start: ({ controller }, { type = 'temporary' }, name) =>
    done(ApplicationController.start(controller, name, type as ApplicationType)),
  app_stop: ({ controller }, _, name) => done(ApplicationController.stop(controller, name)),
  app_ensure: async ({ controller }, { type = 'temporary' }, name) => {
    const as = type as ApplicationType
    const list = await ApplicationController.ensureAllStarted(controller, name, as)
    return ['ok', { list }]
  },
  app_get_env: async ({ controller }, { key = '' }, name) => {
    const value = await ApplicationController.getEnv(controller, name, key)
    return value === undefined ? 'undefined' : ['ok', value as Term]
  },
  app_set_env: ({ controller }, { key = '', value = null }, name) =>
    done(ApplicationController.setEnv(controller, name, key, value)),
  app_running: async ({ controller }) => listed(await ApplicationController.which(controller)),
  app_loaded: async ({ controller }) => listed(await ApplicationController.loaded(controller)),
}

export const applicationOperations: Readonly<
  Record<string, (actor: Actor, operation: Operation) => Waits<Term | undefined>>
> = Object.fromEntries(
  Object.entries(operations).map(([op, ask]) => [
    op,
    function* ({ world }: Actor, operation: Operation): Waits<Term | undefined> {
      const node = nodeOf(world)
      const { name = '' } = operation
      try {
        return (yield ask(node, operation, name, world)) as Term
      } catch (error) {
        if (!(error instanceof ArborError)) throw error
        const refusal = refusalOf(error, node, op === 'app_unload')
        return ['error', op === 'app_ensure' ? [String(error.attempt.target), refusal] : refusal]
      }
    },
  ]),
)

function listed(infos: readonly ApplicationInfo[]): Term {
  return { list: infos.map(({ name }) => name).sort() }
}

/** A list, or the elements of a tuple. */
function listOf(term: Term | undefined): readonly Term[] {
  if (isTuple(term)) return term
  if (typeof term !== 'object' || term === null) return []
  return isTuple(term.list) ? term.list : []
}

/** Settings: an object, or a list of pairs. */
function pairsOf(env: Term | undefined): [string, Term][] {
  if (typeof env !== 'object' || env === null) return []
  if (!isTuple(env) && !isTuple(env.list)) return Object.entries(env)
  return listOf(env).map((pair) => {
    return isTuple(pair) ? [String(pair[0]), pair[1] ?? null] : [String(pair), true]
  })
}

function refusalOf(error: ArborError, { failures }: Node, isUnload: boolean): Term {
  const name = String(error.attempt.target)
  if (error instanceof ApplicationError) return failureOf(error, failures.get(name))
  switch (error.code) {
    case 'already_loaded':
      return ['already_loaded', ['application', name]]
    case 'not_loaded':
      // OTP looks for the application's file before it gives up.
      if (!isUnload) return [characters('no such file or directory'), characters(`${name}.app`)]
      return ['not_loaded', name]
    case 'dependency_not_started':
      return ['not_started', String(error.attempt.request)]
    case 'bad_application_type':
      return ['invalid_restart_type', String(error.attempt.request)]
    default:
      return [error.code, name]
  }
}

/** A start callback that raised has not returned what it should; see application_master. */
function failureOf({ reason }: ApplicationError, how: Term | undefined): Term {
  const term = termOfReason(reason)
  if (!isTuple(how) || how[0] !== 'exit') return { callfail: term }
  if (term === 'normal') return { callfail: ['EXIT', 'normal'] }
  return [
    'bad_return',
    [
      ['module', 'start'],
      ['EXIT', term],
    ],
  ]
}

/** A string is a list of numbers. */
function characters(text: string): Term {
  return { list: Array.from(text, (character) => character.charCodeAt(0)) }
}

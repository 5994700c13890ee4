// The same programs on nact itself and on our layer: what each actor handles, with which state, and
// what queries bring, must be the same. Left out is what the layer does differently on purpose
// (nact.test.ts): parents that stop, more than three resets, queries that no one answers.
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as ours from '../../src/nact/index.ts'

type Api = Pick<typeof ours, 'start' | 'spawn' | 'spawnStateless' | 'dispatch' | 'query' | 'stop'>

const theirs: Api = createRequire(import.meta.url)('nact')

const names = ['a', 'b', 'c'] as const
const policies = ['resume', 'reset', 'stop', 'later'] as const

type Step =
  | { readonly type: 'spawn'; readonly name: string; readonly policy: (typeof policies)[number] }
  | { readonly type: 'add'; readonly name: string; readonly by: number; readonly isAsync: boolean }
  | { readonly type: 'fail'; readonly name: string; readonly isAsync: boolean }
  | { readonly type: 'child'; readonly name: string; readonly by: number }
  | { readonly type: 'stop'; readonly name: string }
  | { readonly type: 'settle' }

type Msg =
  | { readonly type: 'add'; readonly by: number; readonly isAsync: boolean }
  | { readonly type: 'fail'; readonly isAsync: boolean }
  | { readonly type: 'child'; readonly by: number }
  | { readonly type: 'get'; readonly replyTo: ours.Ref<number> }

/** What the program brought forth: a trace for each actor, and what it counted in the end. */
interface Outcome {
  readonly traces: Readonly<Record<string, readonly unknown[]>>
  readonly counts: Readonly<Record<string, number | string>>
}

class Program {
  readonly #api: Api
  readonly #system: ours.Ref<never>
  readonly #refs = new Map<string, ours.Ref<Msg>>()
  readonly #traces: Record<string, unknown[]> = {}

  constructor(api: Api) {
    this.#api = api
    this.#system = api.start()
  }

  async run(steps: readonly Step[]): Promise<Outcome> {
    for (const step of steps) {
      if (step.type !== 'settle') this.#do(step)
      // Whether a child hears of something before its parent crashes is nobody's promise.
      if (step.type === 'settle' || step.type === 'child') await settle()
    }
    await settle()
    const counts: Record<string, number | string> = {}
    for (const [name, ref] of this.#refs) {
      const get = (replyTo: ours.Ref<number>): Msg => ({ type: 'get', replyTo })
      counts[name] = await this.#api.query(ref, get, 10_000).catch(() => 'not there')
    }
    void this.#api.stop(this.#system)
    return { traces: this.#traces, counts }
  }

  #do(step: Exclude<Step, { type: 'settle' }>): void {
    const ref = this.#refs.get(step.name)
    if (step.type === 'spawn') this.#spawn(step.name, step.policy)
    else if (ref !== undefined && step.type === 'stop') void this.#api.stop(ref)
    else if (ref !== undefined && step.type !== 'stop') {
      const { name: _, ...message } = step
      this.#api.dispatch(ref, message)
    }
  }

  /** Again under a name in use that throws, on both sides. */
  #spawn(name: string, policy: (typeof policies)[number]): void {
    const trace = this.#traceOf(name)
    const onCrash: ours.SupervisionPolicy<Msg, ours.Ref<never>> = (msg, error, ctx) => {
      const waiting = ctx.mailbox.length
      trace.push(['crash', msg?.type, error instanceof Error && error.message, ctx.name, waiting])
      return policy === 'later' ? Promise.resolve(ctx.resume) : ctx[policy]
    }
    const properties = { onCrash, initialStateFunc: () => 10 }
    try {
      const ref = this.#api.spawn(this.#system, this.#counter(trace), name, properties)
      this.#refs.set(name, ref)
    } catch (error) {
      trace.push(['refused', error instanceof Error && /already exists/.test(error.message)])
    }
  }

  #traceOf(actor: string): unknown[] {
    const trace = this.#traces[actor] ?? []
    this.#traces[actor] = trace
    return trace
  }

  #counter(trace: unknown[]): ours.ActorFunc<number, Msg, ours.Ref<never>> {
    return (count, msg, ctx) => {
      const { dispatch, spawnStateless } = this.#api
      trace.push([msg.type, count, ctx.path.parts.join('/'), [...ctx.children.keys()]])
      if (msg.type === 'get') dispatch(msg.replyTo, count)
      if (msg.type === 'child') {
        const told = (by: number): void => void this.#traceOf(`${ctx.name}/child`).push(by)
        const child = ctx.children.get('child') ?? spawnStateless(ctx.self, told, 'child')
        dispatch(child, msg.by)
      }
      if (msg.type === 'add') return msg.isAsync ? later(count + msg.by) : count + msg.by
      if (msg.type !== 'fail') return count
      if (msg.isAsync) return Promise.reject(new Error('later'))
      throw new Error('at once')
    }
  }
}

async function later(count: number): Promise<number> {
  await null
  return count
}

/** Lets both come to rest: nact takes a turn of the event loop for each message. */
async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await new Promise((resolve) => setImmediate(resolve))
}

const name = fc.constantFrom(...names)
const by = fc.integer({ min: 1, max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('spawn' as const),
      name,
      policy: fc.constantFrom(...policies),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('add' as const), name, by, isAsync: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('fail' as const), name, isAsync: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('child' as const), name, by }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('stop' as const), name }) },
  { weight: 1, arbitrary: fc.constant({ type: 'settle' as const }) },
)

/** No more crashes of an actor than a supervisor's intensity: from there on they differ. */
function isCalm(steps: readonly Step[]): boolean {
  return names.every(
    (each) => steps.filter((one) => one.type === 'fail' && one.name === each).length <= 3,
  )
}

it('handles the same messages with the same states, and answers the same', async () => {
  const program = fc.array(step, { minLength: 5, maxLength: 30 }).filter(isCalm)
  await fc.assert(
    fc.asyncProperty(program, async (steps) => {
      const expected = await new Program(theirs).run(steps)
      expect(await new Program(ours).run(steps)).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})

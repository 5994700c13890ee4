// nact's own documented examples, by their lessons, run on Arbor. What they print is collected.

import { describe, expect, it, onTestFinished } from 'vitest'
import {
  dispatch,
  minutes,
  query,
  type Ref,
  spawn,
  spawnStateless,
  start,
  stop,
} from '../../src/nact/index.ts'

function system(): ReturnType<typeof start> {
  const started = start()
  onTestFinished(() => stop(started))
  return started
}

describe('getting started: stateless actors', () => {
  it('greets', async () => {
    const printed: string[] = []
    const greeter = spawnStateless(
      system(),
      (msg: { name: string; done: Ref<null> }) => {
        printed.push(`Hello ${msg.name}`)
        dispatch(msg.done, null)
      },
      'greeter',
    )
    await query(greeter, (done: Ref<null>) => ({ name: 'Erlich Bachman', done }), 1_000)
    expect(printed).toEqual(['Hello Erlich Bachman'])
  })
})

describe('stateful actors', () => {
  it('remember whom they have greeted', async () => {
    type Greeted = Readonly<Record<string, true>>
    const printed: string[] = []
    const statefulGreeter = spawn(
      system(),
      (state: Greeted = {}, msg: { name: string; done?: Ref<null> }, ctx): Greeted => {
        if (msg.done !== undefined) dispatch(msg.done, null)
        if (state[msg.name] !== undefined) {
          printed.push(`Hello again ${msg.name}.`)
          return state
        }
        printed.push(`Good to meet you, ${msg.name}. I am the ${ctx.name} service!`)
        return { ...state, [msg.name]: true }
      },
      'stateful-greeter',
    )
    dispatch(statefulGreeter, { name: 'Jane' })
    await query(statefulGreeter, (done: Ref<null>) => ({ name: 'Jane', done }), 1_000)
    expect(printed).toEqual([
      'Good to meet you, Jane. I am the stateful-greeter service!',
      'Hello again Jane.',
    ])
  })
})

describe('actor communication', () => {
  it('plays ping-pong between two actors, each of whom knows the sender', async () => {
    const printed: string[] = []
    const started = system()
    await new Promise<void>((done) => {
      const play =
        (word: string) => (msg: string, ctx: { self: Ref<string>; sender: Ref<string> }) => {
          printed.push(msg)
          if (printed.length === 6) done()
          else dispatch(ctx.sender, word, ctx.self)
        }
      const ping = spawnStateless(started, play('ping'), 'ping')
      const pong = spawnStateless(started, play('pong'), 'pong')
      dispatch(ping, 'begin', pong)
    })
    expect(printed).toEqual(['begin', 'ping', 'pong', 'ping', 'pong', 'ping'])
  })
})

interface Contact {
  readonly id: number
  readonly name: string
}

type ContactMsg = { readonly replyTo: Ref<Reply>; readonly userId: string } & (
  | { readonly type: 'GET_CONTACTS' }
  | { readonly type: 'CREATE_CONTACT'; readonly name: string }
  | { readonly type: 'REMOVE_CONTACT'; readonly id: number }
)

interface Reply {
  readonly type: 'SUCCESS' | 'NOT_FOUND'
  readonly payload: readonly Contact[]
}

interface Contacts {
  readonly contacts: Readonly<Record<number, Contact>>
  readonly nextId: number
}

const none: Contacts = { contacts: {}, nextId: 0 }

function spawnUserContactService(parent: Ref<never>, userId: string): Ref<ContactMsg> {
  return spawn(
    parent,
    (state: Contacts = none, msg: ContactMsg): Contacts => {
      if (msg.type === 'GET_CONTACTS') {
        dispatch(msg.replyTo, { type: 'SUCCESS', payload: Object.values(state.contacts) })
        return state
      }
      if (msg.type === 'CREATE_CONTACT') {
        const contact = { id: state.nextId, name: msg.name }
        dispatch(msg.replyTo, { type: 'SUCCESS', payload: [contact] })
        const contacts = { ...state.contacts, [contact.id]: contact }
        return { contacts, nextId: state.nextId + 1 }
      }
      const { [msg.id]: removed, ...contacts } = state.contacts
      const payload = removed === undefined ? [] : [removed]
      dispatch(msg.replyTo, { type: removed === undefined ? 'NOT_FOUND' : 'SUCCESS', payload })
      return { ...state, contacts }
    },
    userId,
    { shutdownAfter: 10 * minutes },
  )
}

/** The router of the lesson on hierarchy: a child for each user, found by its name. */
function spawnContactsService(parent: Ref<never>): Ref<ContactMsg> {
  return spawnStateless(
    parent,
    (msg: ContactMsg, ctx) => {
      const child = ctx.children.get(msg.userId) ?? spawnUserContactService(ctx.self, msg.userId)
      dispatch(child as Ref<ContactMsg>, msg)
    },
    'contacts',
  )
}

describe('querying and hierarchy: the contacts service', () => {
  const create = (userId: string, name: string) => (replyTo: Ref<Reply>) =>
    ({ type: 'CREATE_CONTACT', userId, name, replyTo }) as const
  const all = (userId: string) => (replyTo: Ref<Reply>) =>
    ({ type: 'GET_CONTACTS', userId, replyTo }) as const
  const remove = (userId: string, id: number) => (replyTo: Ref<Reply>) =>
    ({ type: 'REMOVE_CONTACT', userId, id, replyTo }) as const

  it('keeps the contacts of each user in an actor of its own', async () => {
    const service = spawnContactsService(system())
    await query(service, create('alice', 'Bertram'), 250)
    await query(service, create('alice', 'Dinesh'), 250)
    await query(service, create('bob', 'Monica'), 250)
    expect(await query(service, remove('alice', 0), 250)).toMatchObject({ type: 'SUCCESS' })
    expect(await query(service, remove('alice', 0), 250)).toMatchObject({ type: 'NOT_FOUND' })
    expect((await query(service, all('alice'), 250)).payload).toEqual([{ id: 1, name: 'Dinesh' }])
    expect((await query(service, all('bob'), 250)).payload).toEqual([{ id: 0, name: 'Monica' }])
  })
})

describe('supervision', () => {
  it('resets an actor whose policy says so', async () => {
    const counter = spawn(
      system(),
      (count: number = 0, msg: { by: number; replyTo?: Ref<number> }): number => {
        if (msg.by < 0) throw new RangeError('this counter only grows')
        if (msg.replyTo !== undefined) dispatch(msg.replyTo, count + msg.by)
        return count + msg.by
      },
      'counter',
      { onCrash: (_msg, _error, ctx) => ctx.reset },
    )
    dispatch(counter, { by: 3 })
    dispatch(counter, { by: -1 })
    expect(await query(counter, (replyTo: Ref<number>) => ({ by: 2, replyTo }), 1_000)).toBe(2)
  })
})

// What becomes of an actor whose function threw: its `onCrash` policy returns one of the actions it
// finds in its context, at once or by a promise.
//
//   spawn(parent, f, 'fetcher', { onCrash: (msg, error, ctx) => ctx.reset })
import type { ActorContext } from './context.ts'
import type { Ref } from './ref.ts'

declare const action: unique symbol

/** An action of a supervision policy. */
export type SupervisionAction = symbol & { readonly [action]?: never }

export interface SupervisionActions {
  /** Ends the actor, with the crash as its exit reason. */
  readonly stop: SupervisionAction
  /** Ends the actor and its siblings. */
  readonly stopAll: SupervisionAction
  /** Ends the child whose crash was escalated. */
  readonly stopChild: SupervisionAction
  readonly stopAllChildren: SupervisionAction
  /** Lets the parent's policy decide. */
  readonly escalate: SupervisionAction
  /** Goes on with the next message and the state as it was. */
  readonly resume: SupervisionAction
  /** Stops the children and begins again from the initial state; what is queued stays queued. */
  readonly reset: SupervisionAction
  /** The same of all siblings. */
  readonly resetAll: SupervisionAction
  readonly resetChild: SupervisionAction
  readonly resetAllChildren: SupervisionAction
  /**
   * OTP's restart, which nact lacks: the process ends, and its parent starts a new one under the
   * same path, with an empty mailbox.
   */
  readonly restart: SupervisionAction
  readonly restartChild: SupervisionAction
}

export const actions: SupervisionActions = {
  stop: Symbol('stop'),
  stopAll: Symbol('stopAll'),
  stopChild: Symbol('stopChild'),
  stopAllChildren: Symbol('stopAllChildren'),
  escalate: Symbol('escalate'),
  resume: Symbol('resume'),
  reset: Symbol('reset'),
  resetAll: Symbol('resetAll'),
  resetChild: Symbol('resetChild'),
  resetAllChildren: Symbol('resetAllChildren'),
  restart: Symbol('restart'),
  restartChild: Symbol('restartChild'),
}

/** The context with what waits in the mailbox, oldest first. */
export type ActorContextWithMailbox<Msg, Parent extends Ref<never>> = ActorContext<Msg, Parent> & {
  readonly mailbox: Msg[]
}

/** What a policy is given: the context, the messages that wait, and the actions. */
export type SupervisionContext<Msg, Parent extends Ref<never>> = ActorContextWithMailbox<
  Msg,
  Parent
> &
  SupervisionActions

/**
 * Decides after a crash. `msg` is what the actor was handling, undefined when its initial state
 * could not be made; `child` is who escalated, undefined when the crash is the actor's own.
 */
export type SupervisionPolicy<Msg, Parent extends Ref<never>> = (
  msg: Msg | undefined,
  error: unknown,
  ctx: SupervisionContext<Msg, Parent>,
  child: Ref<never> | undefined,
) => SupervisionAction | Promise<SupervisionAction>

// What may cross to another thread, as a type: messages are copied there, and a function or a class
// instance with methods is no data. Where a type says `unknown`, the runtime decides, with an error
// of code `cannot_cross` that names the part of the value.
import type { Pid } from './pid.ts'

/**
 * Classes of yours that have a codec, for the types to know:
 * `declare module 'arbor' { interface CodecClasses { money: Money } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged with.
export interface CodecClasses {}

type Leaf =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Pid
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | ArrayBufferView
  | { readonly '~reply': (reply: never) => void }
  | { readonly '~alias': (message: never) => void }
  | CodecClasses[keyof CodecClasses]

/** `T` itself when it is data, and something that nothing can be assigned to where it is not. */
export type Copyable<T> = unknown extends T
  ? T
  : T extends Leaf
    ? T
    : T extends symbol | ((...args: never[]) => unknown)
      ? never
      : T extends ReadonlyMap<infer K, infer V>
        ? ReadonlyMap<Copyable<K>, Copyable<V>>
        : T extends ReadonlySet<infer V>
          ? ReadonlySet<Copyable<V>>
          : { [Key in keyof T]: Copyable<T[Key]> }

/** A process that may live in another thread: what it is sent has to be data. */
export type RemotePid<M> = Pid<Copyable<M>>

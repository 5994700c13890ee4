// Classes of behaviours whose module has versions, and the servers that live of them. The code
// server (code-server.ts) fills this in; a server of any other class costs nothing here.
//
// An instance goes over to a newer class in one of three ways:
//
// 1. The class has `static renew(previous)`: that makes the new instance.
// 2. The instance holds functions in fields (`info = () => …`): these are code too, so a fresh
//    instance is made by a constructor without arguments, and the data fields are copied.
// 3. Otherwise the instance gets the new class's prototype, which costs a tenth of a microsecond.
//
// A class with private fields (`#cache`) needs the first: to JavaScript `#cache` of the new class
// is another field than `#cache` of the old one.
import { ArborError } from '../runtime/arbor-error.ts'
import type { Process } from '../runtime/pid.ts'
import { onExit } from '../runtime/signal.ts'
import type { Callbacks } from './callbacks.ts'
import { adopt, type Server } from './server-loop.ts'

/** A class of callbacks, as far as versions are concerned. */
export interface ServerClass {
  new (...args: never): object
  readonly prototype: object
  readonly name: string
  readonly length: number
  /** Makes an instance of this version out of one of the version before. */
  readonly renew?: (previous: never) => object
}

/** One version of an exported class. */
export interface ClassVersion {
  readonly of: ExportedClass
  readonly version: number
  readonly serverClass: ServerClass
}

/** A class by the name under which its module exports it, through all its versions. */
export class ExportedClass {
  readonly module: string
  readonly exportName: string
  /** What new servers start with. */
  newest: ClassVersion
  /** Living servers, and the version each of them runs. */
  readonly instances: Map<Process, ClassVersion> = new Map()

  constructor(module: string, exportName: string, version: number, serverClass: ServerClass) {
    this.module = module
    this.exportName = exportName
    this.newest = { of: this, version, serverClass }
    known.set(serverClass, this.newest)
    for (const process of strays.get(serverClass) ?? []) {
      this.instances.set(process, this.newest)
      onExit(process, () => this.instances.delete(process))
    }
    strays.delete(serverClass)
  }

  /** A later version; new servers start with it once it is the `newest`. */
  addVersion(version: number, serverClass: ServerClass): ClassVersion {
    const added = { of: this, version, serverClass }
    known.set(serverClass, added)
    return added
  }
}

const known = new Map<unknown, ClassVersion>()

/** Servers of classes that nobody has given versions yet; kept only on request. */
const strays = new Map<unknown, Set<Process>>()

/** What is known of a class, or undefined for one without versions. */
export function versionOfClass(serverClass: unknown): ClassVersion | undefined {
  return known.get(serverClass)
}

/** Forgets a version that nobody runs and nothing will start: one that was taken back. */
export function forgetVersion({ serverClass }: ClassVersion): void {
  known.delete(serverClass)
}

/**
 * A server of an older class starts, perhaps by a child spec written before the upgrade: it starts
 * with the newest code.
 */
export function serverStarts(process: Process, server: Server): void {
  const started = known.get(server.callbacks.constructor)
  if (started === undefined) return
  const { newest, instances } = started.of
  if (newest !== started) {
    server.callbacks = renewed(server.callbacks, started, newest)
    adopt(server.callbacks, process)
  }
  instances.set(process, newest)
  onExit(process, () => instances.delete(process))
}

/** The instance as one of the newer class: itself with another prototype, or another instance. */
export function renewed(previous: Callbacks, from: ClassVersion, to: ClassVersion): Callbacks {
  const next = to.serverClass
  if (next.renew !== undefined) {
    const instance = next.renew(previous as never)
    if (instance instanceof next) return instance as Callbacks
    throw cannotRenew(to, 'its renew did not return an instance of it', 'return new this(…)')
  }
  if (hasOwnPrivateFields(from.serverClass, next)) {
    const advice = 'give the new class static renew(previous), or keep the data in the state'
    throw cannotRenew(to, 'it has private fields', advice)
  }
  if (!holdsFunctions(previous)) {
    Object.setPrototypeOf(previous, next.prototype)
    return previous
  }
  if (next.length > 0) {
    const advice = 'give the new class static renew(previous), or write its callbacks as methods'
    throw cannotRenew(
      to,
      'fields of it hold functions, and its constructor takes arguments',
      advice,
    )
  }
  const fresh = new (next as new () => object)()
  for (const [field, value] of Object.entries(previous)) {
    if (typeof value !== 'function') Object.assign(fresh, { [field]: value })
  }
  return fresh as Callbacks
}

function cannotRenew({ of: { module, exportName } }: ClassVersion, why: string, advice: string) {
  const attempt = { operation: 'upgrade', target: `${exportName} of ${module}` }
  return new ArborError('cannot_renew', `${exportName} cannot take over, ${why}`, advice, attempt)
}

function holdsFunctions(instance: object): boolean {
  for (const field in instance) {
    if (typeof instance[field as keyof object] === 'function' && Object.hasOwn(instance, field)) {
      return true
    }
  }
  return false
}

/** By the newer class, then the older: asked once for each instance. */
const privacy = new WeakMap<ServerClass, WeakMap<ServerClass, boolean>>()

/** Whether instances carry private fields that the new class's methods would not find. */
function hasOwnPrivateFields(from: ServerClass, to: ServerClass): boolean {
  const known = privacy.get(to)?.get(from)
  if (known !== undefined) return known
  const kept = new Set(lineageOf(to))
  const found = lineageOf(from).some((older) => !kept.has(older) && declaresPrivate(older))
  const ofClass = privacy.get(to) ?? new WeakMap<ServerClass, boolean>()
  privacy.set(to, ofClass.set(from, found))
  return found
}

function lineageOf(serverClass: unknown): unknown[] {
  const lineage: unknown[] = []
  for (let at = serverClass; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (at === Function.prototype) break
    lineage.push(at)
  }
  return lineage
}

/** Reads the class's own text: JavaScript has no other way to ask. */
function declaresPrivate(serverClass: unknown): boolean {
  return /(^|[\s;{}.(!,])#[A-Za-z_$]/m.test(String(serverClass))
}

/**
 * The same, and remembers servers of classes without versions until these get some: for a program
 * whose modules start servers while they load.
 */
export function anyServerStarts(process: Process, server: Server): void {
  serverStarts(process, server)
  const serverClass: unknown = server.callbacks.constructor
  if (known.has(serverClass)) return
  const others = strays.get(serverClass) ?? new Set()
  others.add(process)
  strays.set(serverClass, others)
  onExit(process, () => others.delete(process))
}

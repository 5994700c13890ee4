// A map that does not keep its values alive: for interning, so that there is one proxy a process
// as long as somebody holds it, and none afterwards.

export class WeakValues<K, T extends object> {
  readonly #refs: Map<K, WeakRef<T>> = new Map()
  readonly #registry: FinalizationRegistry<K> = new FinalizationRegistry((key) => {
    // It may have been set again since.
    if (this.#refs.get(key)?.deref() === undefined) this.#refs.delete(key)
  })

  get(key: K): T | undefined {
    return this.#refs.get(key)?.deref()
  }

  set(key: K, value: T): void {
    this.#refs.set(key, new WeakRef(value))
    this.#registry.register(value, key)
  }

  /** Those that are still there. */
  values(): T[] {
    return [...this.#refs.values()].flatMap((ref) => ref.deref() ?? [])
  }
}

// A map in the order of its keys: a B+ tree (Bayer and McCreight 1972; Comer 1979). Entries lie in
// leaves of 32 to 64, so that a search over a million keys touches four nodes, and inserting or
// deleting moves a few words within one. Finding the next key needs no parent pointers and no
// position that a change could invalidate: it is a search, too.

const ENTRIES_MAX = 64
const ENTRIES_MIN = ENTRIES_MAX / 2

class Leaf<K, V> {
  readonly keys: K[]
  readonly values: V[]

  constructor(keys: K[], values: V[]) {
    this.keys = keys
    this.values = values
  }
}

class Inner<K, V> {
  /** `keys[i]` is not above any key in `children[i + 1]`, and above all in `children[i]`. */
  readonly keys: K[]
  readonly children: Node<K, V>[]

  constructor(keys: K[], children: Node<K, V>[]) {
    this.keys = keys
    this.children = children
  }
}

type Node<K, V> = Leaf<K, V> | Inner<K, V>

/** A node was full: its upper half, and the key from which that begins. */
interface Split<K, V> {
  readonly key: K
  readonly right: Node<K, V>
}

export type Entry<K, V> = readonly [K, V]

/** Neither keys nor values are `undefined`. */
export class OrderedMap<K, V> {
  readonly #compare: (a: K, b: K) => number
  #root: Node<K, V> = new Leaf<K, V>([], [])
  #size = 0
  /** Sets and deletes so far: whether a loop over entries still sees the tree it saw. */
  #changes = 0

  constructor(compare: (a: K, b: K) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#size
  }

  clear(): void {
    this.#root = new Leaf<K, V>([], [])
    this.#size = 0
    this.#changes++
  }

  // --- Search ---

  get(key: K): V | undefined {
    const leaf = this.#leafOf(key)
    const index = this.#lowerBound(leaf.keys, key)
    const found = leaf.keys[index]
    return found !== undefined && this.#compare(found, key) === 0 ? leaf.values[index] : undefined
  }

  first(): K | undefined {
    return leftmost(this.#root).keys[0]
  }

  last(): K | undefined {
    return rightmost(this.#root).keys.at(-1)
  }

  /** The smallest key above another, which need not be there. */
  after(key: K): K | undefined {
    let node = this.#root
    let right: Node<K, V> | undefined
    while (node instanceof Inner) {
      const index = this.#upperBound(node.keys, key)
      right = node.children[index + 1] ?? right
      node = node.children[index] as Node<K, V>
    }
    const next = node.keys[this.#upperBound(node.keys, key)]
    return next === undefined && right !== undefined ? leftmost(right).keys[0] : next
  }

  /** The largest key below another, which need not be there. */
  before(key: K): K | undefined {
    let node = this.#root
    let left: Node<K, V> | undefined
    while (node instanceof Inner) {
      const index = this.#upperBound(node.keys, key)
      left = node.children[index - 1] ?? left
      node = node.children[index] as Node<K, V>
    }
    const previous = node.keys[this.#lowerBound(node.keys, key) - 1]
    return previous === undefined && left !== undefined ? rightmost(left).keys.at(-1) : previous
  }

  /**
   * Entries in order, from the first key that is not below `from`. The map may be changed
   * meanwhile: what stays is met once, what is deleted before it is met is not.
   */
  *entries(from?: K): Generator<Entry<K, V>, void, undefined> {
    let key = from === undefined ? this.first() : this.#notBelow(from)
    while (key !== undefined) {
      // A leaf at a time: what is changed in it meanwhile is looked up again.
      const leaf = this.#leafOf(key)
      const start = this.#lowerBound(leaf.keys, key)
      const keys = leaf.keys.slice(start)
      const changes = this.#changes
      for (let index = 0; index < keys.length; index++) {
        key = keys[index] as K
        const isUnchanged = this.#changes === changes
        const value = isUnchanged ? leaf.values[start + index] : this.get(key)
        if (value !== undefined) yield [key, value]
      }
      key = this.after(key)
    }
  }

  #notBelow(key: K): K | undefined {
    return this.get(key) === undefined ? this.after(key) : key
  }

  #leafOf(key: K): Leaf<K, V> {
    let node = this.#root
    while (node instanceof Inner) {
      node = node.children[this.#upperBound(node.keys, key)] as Node<K, V>
    }
    return node
  }

  /** How many keys are below one. */
  #lowerBound(keys: readonly K[], key: K): number {
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(keys[middle] as K, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** How many keys are not above one. */
  #upperBound(keys: readonly K[], key: K): number {
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(keys[middle] as K, key) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  // --- Change ---

  set(key: K, value: V): void {
    this.#changes++
    const split = this.#insert(this.#root, key, value)
    if (split !== null) this.#root = new Inner([split.key], [this.#root, split.right])
  }

  #insert(node: Node<K, V>, key: K, value: V): Split<K, V> | null {
    if (node instanceof Leaf) return this.#insertIntoLeaf(node, key, value)
    const index = this.#upperBound(node.keys, key)
    const split = this.#insert(node.children[index] as Node<K, V>, key, value)
    if (split === null) return null
    node.keys.splice(index, 0, split.key)
    node.children.splice(index + 1, 0, split.right)
    if (node.children.length <= ENTRIES_MAX) return null
    const right = new Inner(node.keys.splice(ENTRIES_MIN), node.children.splice(ENTRIES_MIN))
    return { key: node.keys.pop() as K, right }
  }

  #insertIntoLeaf(leaf: Leaf<K, V>, key: K, value: V): Split<K, V> | null {
    const { keys, values } = leaf
    const index = this.#lowerBound(keys, key)
    const found = keys[index]
    if (found !== undefined && this.#compare(found, key) === 0) {
      values[index] = value
      return null
    }
    this.#size++
    // Ascending keys are common; splice costs more than push.
    if (index === keys.length) {
      keys.push(key)
      values.push(value)
    } else {
      keys.splice(index, 0, key)
      values.splice(index, 0, value)
    }
    if (keys.length <= ENTRIES_MAX) return null
    const right = new Leaf(keys.splice(ENTRIES_MIN), values.splice(ENTRIES_MIN))
    return { key: right.keys[0] as K, right }
  }

  /** Whether the key was there. */
  delete(key: K): boolean {
    this.#changes++
    const isDeleted = this.#remove(this.#root, key)
    if (isDeleted) this.#size--
    if (this.#root instanceof Inner && this.#root.children.length === 1) {
      this.#root = this.#root.children[0] as Node<K, V>
    }
    return isDeleted
  }

  #remove(node: Node<K, V>, key: K): boolean {
    if (node instanceof Leaf) {
      const index = this.#lowerBound(node.keys, key)
      const found = node.keys[index]
      if (found === undefined || this.#compare(found, key) !== 0) return false
      node.keys.splice(index, 1)
      node.values.splice(index, 1)
      return true
    }
    const index = this.#upperBound(node.keys, key)
    const child = node.children[index] as Node<K, V>
    const isDeleted = this.#remove(child, key)
    if (isDeleted && entriesOf(child) < ENTRIES_MIN) refill(node, index)
    return isDeleted
  }

  /** Throws when the tree is not one; for tests. */
  check(): void {
    const depth = this.#checkNode(this.#root, true)
    let count = 0
    for (const _ of this.entries()) count++
    if (depth < 1 || count !== this.#size) throw new Error(`${count} entries, not ${this.#size}`)
  }

  #checkNode(node: Node<K, V>, isRoot: boolean): number {
    const { keys } = node
    if (entriesOf(node) > ENTRIES_MAX) throw new Error('a node is too full')
    if (!isRoot && entriesOf(node) < ENTRIES_MIN) throw new Error('a node is too empty')
    for (let i = 1; i < keys.length; i++) {
      if (this.#compare(keys[i - 1] as K, keys[i] as K) >= 0) throw new Error('not in order')
    }
    if (node instanceof Leaf) return 1
    if (node.children.length !== keys.length + 1) throw new Error('a child has no key')
    for (const [i, key] of keys.entries()) {
      const [left, right] = [node.children[i], node.children[i + 1]] as [Node<K, V>, Node<K, V>]
      const [below, above] = [rightmost(left).keys.at(-1) as K, leftmost(right).keys[0] as K]
      if (this.#compare(below, key) >= 0) throw new Error('a key below is not below')
      if (this.#compare(above, key) < 0) throw new Error('a key above is not above')
    }
    const depths = new Set(node.children.map((child) => this.#checkNode(child, false)))
    if (depths.size !== 1) throw new Error('leaves lie at different depths')
    return 1 + ([...depths][0] as number)
  }
}

function leftmost<K, V>(node: Node<K, V>): Leaf<K, V> {
  let next = node
  while (next instanceof Inner) next = next.children[0] as Node<K, V>
  return next
}

function rightmost<K, V>(node: Node<K, V>): Leaf<K, V> {
  let next = node
  while (next instanceof Inner) next = next.children.at(-1) as Node<K, V>
  return next
}

function entriesOf<K, V>(node: Node<K, V>): number {
  return node instanceof Leaf ? node.keys.length : node.children.length
}

/** A child has too few entries: it takes one of a neighbour, or is merged with it. */
function refill<K, V>(parent: Inner<K, V>, index: number): void {
  const { children } = parent
  const left = children[index - 1]
  const right = children[index + 1]
  if (left !== undefined && entriesOf(left) > ENTRIES_MIN) takeFromLeft(parent, index)
  else if (right !== undefined && entriesOf(right) > ENTRIES_MIN) takeFromRight(parent, index)
  else merge(parent, left === undefined ? index : index - 1)
}

function takeFromLeft<K, V>(parent: Inner<K, V>, index: number): void {
  const left = parent.children[index - 1]
  const node = parent.children[index]
  if (left instanceof Leaf && node instanceof Leaf) {
    const key = left.keys.pop() as K
    node.keys.unshift(key)
    node.values.unshift(left.values.pop() as V)
    parent.keys[index - 1] = key
  } else if (left instanceof Inner && node instanceof Inner) {
    node.keys.unshift(parent.keys[index - 1] as K)
    node.children.unshift(left.children.pop() as Node<K, V>)
    parent.keys[index - 1] = left.keys.pop() as K
  }
}

function takeFromRight<K, V>(parent: Inner<K, V>, index: number): void {
  const node = parent.children[index]
  const right = parent.children[index + 1]
  if (right instanceof Leaf && node instanceof Leaf) {
    node.keys.push(right.keys.shift() as K)
    node.values.push(right.values.shift() as V)
    parent.keys[index] = right.keys[0] as K
  } else if (right instanceof Inner && node instanceof Inner) {
    node.keys.push(parent.keys[index] as K)
    node.children.push(right.children.shift() as Node<K, V>)
    parent.keys[index] = right.keys.shift() as K
  }
}

/** Puts a child and its right neighbour into one. */
function merge<K, V>(parent: Inner<K, V>, index: number): void {
  const [node, right] = [parent.children[index], parent.children[index + 1]]
  const [separator] = parent.keys.splice(index, 1)
  parent.children.splice(index + 1, 1)
  if (node instanceof Leaf && right instanceof Leaf) {
    node.keys.push(...right.keys)
    node.values.push(...right.values)
  } else if (node instanceof Inner && right instanceof Inner) {
    node.keys.push(separator as K, ...right.keys)
    node.children.push(...right.children)
  }
}

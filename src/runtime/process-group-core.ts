// Who is in which group: the pure part of process-group.ts. Events go in (somebody joins, leaves,
// is gone; a peer tells of its members), notices come out (who has joined and left which group, for
// those who monitor it). It knows pids only as things that are equal or not.
//
// A membership is a link in the list of its group, newest first, and in the list of its member:
// joining, leaving and dying cost the same in a group of three and in one of a million.

/** Who has joined or left a group. */
export interface Notice<P> {
  readonly type: 'join' | 'leave'
  readonly group: string
  /** As given: a pid may be in it several times. */
  readonly pids: readonly P[]
}

/** What scopes of the same name tell each other. */
export type PeerMessage<P> =
  /** All members of the sender; also the first message. */
  | { readonly type: 'sync'; readonly groups: readonly (readonly [string, readonly P[]])[] }
  | { readonly type: 'join'; readonly group: string; readonly pids: readonly P[] }
  /** One or several processes leave each of these groups. */
  | { readonly type: 'leave'; readonly groups: readonly string[]; readonly pids: readonly P[] }

class Membership<P> {
  readonly member: Member<P>
  readonly group: Group<P>
  newer: Membership<P> | null = null
  older: Membership<P> | null

  constructor(member: Member<P>, group: Group<P>) {
    this.member = member
    this.group = group
    this.older = group.newest
  }
}

class Member<P> {
  readonly pid: P
  /** Where it lives: null for here. */
  readonly peer: object | null
  /** Oldest first. */
  readonly memberships: Membership<P>[] = []

  constructor(pid: P, peer: object | null) {
    this.pid = pid
    this.peer = peer
  }
}

class Group<P> {
  readonly name: string
  newest: Membership<P> | null = null

  constructor(name: string) {
    this.name = name
  }
}

export class GroupSet<P> {
  readonly #groups: Map<string, Group<P>> = new Map()
  readonly #members: Map<P, Member<P>> = new Map()

  // --- Events ---

  /** Processes join a group, each once more if it is in it; `peer` is where they live. */
  join(group: string, pids: readonly P[], peer: object | null = null): Notice<P>[] {
    if (pids.length === 0) return []
    // The first of a list is the newest of it.
    for (const pid of pids.toReversed()) this.#add(group, pid, peer)
    return [{ type: 'join', group, pids }]
  }

  /** Processes leave a group, each once; no notice when none of them was in it. */
  leave(group: string, pids: readonly P[]): Notice<P>[] {
    let isLeft = false
    for (const pid of pids) if (this.#drop(group, pid)) isLeft = true
    return isLeft ? [{ type: 'leave', group, pids }] : []
  }

  /** A process has ended; returns a notice for each of its memberships, newest first. */
  gone(pid: P): Notice<P>[] {
    const memberships = this.#members.get(pid)?.memberships.toReversed() ?? []
    return memberships.flatMap(({ group }) => this.leave(group.name, [pid]))
  }

  /** A peer tells all its members; what it told before is corrected. */
  sync(peer: object, groups: readonly (readonly [string, readonly P[]])[]): Notice<P>[] {
    const before = this.#membersOf(peer)
    const notices: Notice<P>[] = []
    for (const [group, pids] of groups) {
      const old = before.get(group) ?? []
      before.delete(group)
      notices.push(...this.leave(group, without(old, pids)))
      notices.push(...this.join(group, without(pids, old), peer))
    }
    for (const [group, pids] of before) notices.push(...this.leave(group, pids))
    return notices
  }

  /** A peer is out of reach, and its members with it. */
  peerGone(peer: object): Notice<P>[] {
    return this.sync(peer, [])
  }

  /** A peer's message. */
  receive(peer: object, message: PeerMessage<P>): Notice<P>[] {
    switch (message.type) {
      case 'sync':
        return this.sync(peer, message.groups)
      case 'join':
        return this.join(message.group, message.pids, peer)
      case 'leave':
        return message.groups.flatMap((group) => this.leave(group, message.pids))
    }
  }

  // --- Questions ---

  /** Members of a group, newest first, as often as they have joined. */
  members(group: string): P[] {
    return this.#list(group, () => true)
  }

  /** Members that live here. */
  localMembers(group: string): P[] {
    return this.#list(group, ({ peer }) => peer === null)
  }

  /** Groups that have members. */
  groups(): string[] {
    return [...this.#groups.keys()]
  }

  /** Groups that have members here. */
  localGroups(): string[] {
    return this.groups().filter((group) => this.localMembers(group).length > 0)
  }

  /** Whether a process is in any group. */
  has(pid: P): boolean {
    return this.#members.has(pid)
  }

  /** The first message to a peer. */
  syncMessage(): PeerMessage<P> {
    const groups = this.localGroups().map((group) => [group, this.localMembers(group)] as const)
    return { type: 'sync', groups }
  }

  // --- Memberships ---

  #add(name: string, pid: P, peer: object | null): void {
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = new Group(name)
      this.#groups.set(name, group)
    }
    let member = this.#members.get(pid)
    if (member === undefined) {
      member = new Member(pid, peer)
      this.#members.set(pid, member)
    }
    const membership = new Membership(member, group)
    if (group.newest !== null) group.newest.newer = membership
    group.newest = membership
    member.memberships.push(membership)
  }

  /** Ends the newest membership of a process in a group; whether there was one. */
  #drop(name: string, pid: P): boolean {
    const member = this.#members.get(pid)
    if (member === undefined) return false
    const index = member.memberships.findLastIndex(({ group }) => group.name === name)
    const membership = member.memberships[index]
    if (membership === undefined) return false
    member.memberships.splice(index, 1)
    if (member.memberships.length === 0) this.#members.delete(pid)
    const { group, newer, older } = membership
    if (older !== null) older.newer = newer
    if (newer !== null) newer.older = older
    else group.newest = older
    if (group.newest === null) this.#groups.delete(name)
    return true
  }

  #list(name: string, wanted: (member: Member<P>) => boolean): P[] {
    const pids: P[] = []
    let next = this.#groups.get(name)?.newest ?? null
    for (; next !== null; next = next.older) if (wanted(next.member)) pids.push(next.member.pid)
    return pids
  }

  #membersOf(peer: object): Map<string, P[]> {
    const found = new Map<string, P[]>()
    for (const member of this.#members.values()) {
      if (member.peer !== peer) continue
      for (const { group } of member.memberships) {
        const pids = found.get(group.name)
        if (pids === undefined) found.set(group.name, [member.pid])
        else pids.push(member.pid)
      }
    }
    return found
  }
}

/** A list less the elements of another, each as often as it is there (Erlang's `--`). */
function without<P>(pids: readonly P[], less: readonly P[]): P[] {
  const counts = new Map<P, number>()
  for (const pid of less) counts.set(pid, (counts.get(pid) ?? 0) + 1)
  return pids.filter((pid) => {
    const count = counts.get(pid) ?? 0
    if (count > 0) counts.set(pid, count - 1)
    return count === 0
  })
}

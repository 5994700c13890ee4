// Process groups of all threads: a scope that several threads have is one, and each tells the
// others of its own members (OTP's pg does the same among nodes). A thread announces its scopes to
// whom it meets; whoever has one of that name sends its members, and from then on every change.
// Between two threads all this goes in order, so a member is never heard of before its scope.
import {
  attachPeer,
  detachPeer,
  type GroupMessage,
  type GroupPeer,
  onScopes,
  receiveFromPeer,
  scopeNames,
} from './process-group.ts'

/** What threads tell each other. */
type News =
  | { readonly type: 'scope'; readonly scope: string; readonly change: 'started' | 'ended' }
  | { readonly type: 'members'; readonly scope: string; readonly message: GroupMessage }

type Tell = (news: News) => void

/** Another thread: how it is told something, and which scopes it has. */
class Elsewhere {
  readonly tell: Tell
  readonly scopes: Map<string, GroupPeer> = new Map()

  constructor(tell: Tell) {
    this.tell = tell
  }

  /** It has a scope. */
  started(scope: string): void {
    const peer: GroupPeer = {
      send: (message) => this.tell({ type: 'members', scope, message }),
    }
    this.scopes.set(scope, peer)
    if (scopeNames().includes(scope)) attachPeer(scope, peer)
  }

  ended(scope: string): void {
    const peer = this.scopes.get(scope)
    this.scopes.delete(scope)
    if (peer !== undefined) detachPeer(scope, peer)
  }
}

const others = new Map<number, Elsewhere>()

/** A thread is connected: it is told of our scopes. */
export function groupsConnected(node: number, tell: Tell): void {
  others.set(node, new Elsewhere(tell))
  onScopes(scopeChanged)
  for (const scope of scopeNames()) tell({ type: 'scope', scope, change: 'started' })
}

/** A thread is lost, and its members with it. */
export function groupsLost(node: number): void {
  const other = others.get(node)
  if (other === undefined) return
  others.delete(node)
  for (const scope of [...other.scopes.keys()]) other.ended(scope)
  if (others.size === 0) onScopes(null)
}

/** A thread has told us something. */
export function groupNews(node: number, news: unknown): void {
  const other = others.get(node)
  if (other === undefined) return
  const told = news as News
  const { scope } = told
  if (told.type === 'scope') {
    if (told.change === 'started') other.started(scope)
    else other.ended(scope)
    return
  }
  const peer = other.scopes.get(scope)
  if (peer !== undefined) receiveFromPeer(scope, peer, told.message)
}

/** A scope of ours has started or ended; who has one of that name is attached to a new one. */
function scopeChanged(scope: string, change: 'started' | 'ended'): void {
  for (const { tell, scopes } of others.values()) {
    tell({ type: 'scope', scope, change })
    const peer = scopes.get(scope)
    if (change === 'started' && peer !== undefined) attachPeer(scope, peer)
  }
}

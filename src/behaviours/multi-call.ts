// The same question or word to the servers of one name on several nodes (gen_server's multi_call and
// abcast). Until nodes are connected there is one, the own: `local`.
//
//   const { replies, badNodes } = await multiCall(cache, { type: 'size' }, { timeoutMs: 1000 })
//   abcast(cache, { type: 'clear' })
import { type CallOptions, request } from '../runtime/call.ts'
import type { ElseRefused, Name, Pid } from '../runtime/pid.ts'
import { whereis } from '../runtime/registry.ts'
import {
  type AnyCall,
  cast,
  type NoCasts,
  type ReplyOf,
  type Request,
  type ServerPid,
} from './gen-server.ts'

/** The node this program runs on. */
export const LOCAL_NODE = 'local'

export interface NodeReply<Reply> {
  readonly node: string
  readonly reply: Reply
}

export interface MultiReplies<Reply> {
  readonly replies: readonly NodeReply<Reply>[]
  /** Nodes without such a server, whose server ended, or was late. */
  readonly badNodes: readonly string[]
}

export interface MultiCallOptions extends CallOptions {
  /** Default: all. */
  readonly nodes?: readonly string[]
}

/**
 * Calls the server of a name on each node and waits for all replies, by default for ever. It does
 * not reject: who has not replied is listed.
 */
export async function multiCall<C extends AnyCall, Type extends C['type']>(
  name: Name<ServerPid<C>>,
  message: Request<C, Type>,
  { nodes = [LOCAL_NODE], timeoutMs = 'infinity', ...options }: MultiCallOptions = {},
): Promise<MultiReplies<ReplyOf<Extract<C, { readonly type: Type }>>>> {
  type Reply = ReplyOf<Extract<C, { readonly type: Type }>>
  const replies: NodeReply<Reply>[] = []
  const badNodes: string[] = []
  const ask = async (node: string): Promise<void> => {
    const server: Pid | undefined = node === LOCAL_NODE ? whereis(name) : undefined
    try {
      if (server === undefined) badNodes.push(node)
      else {
        const reply = await request(server, message, { ...options, timeoutMs })
        replies.push({ node, reply: reply as Reply })
      }
    } catch {
      badNodes.push(node)
    }
  }
  await Promise.all(nodes.map(ask))
  return { replies, badNodes }
}

/** Casts to the server of a name on each node; nobody learns where there is none. */
export function abcast<K>(
  name: Name<ServerPid<never, K>>,
  message: K | ElseRefused<K, NoCasts>,
  { nodes = [LOCAL_NODE] }: { readonly nodes?: readonly string[] } = {},
): void {
  for (const node of nodes) {
    const server = node === LOCAL_NODE ? whereis(name) : undefined
    if (server !== undefined) cast(server, message)
  }
}

// The frames we speak, typed, and the way between them and the maps of the wire (Macula protocol,
// sections 4 and 5). A type we do not know is no error: newer nodes may send it.
//
//   stream.write(signFrame(fieldsOf({ type: 'ping', nonce, ...stamp }), keys))
//   const frame = parseFrame(fields)
//   if (frame.type === 'pong') …
import type { Encodable, Value } from '../../identity/value.ts'
import { FrameError, type FrameFields, type UnsentFields } from '../frame.ts'
import { type Connect, connectFields, parseConnect } from './connect.ts'
import { type Event, eventFields, parseEvent } from './event.ts'
import { type Goodbye, goodbyeFields, parseGoodbye } from './goodbye.ts'
import { type Hello, helloFields, parseHello } from './hello.ts'
import { type Ping, parsePing, pingFields } from './ping.ts'
import { type Pong, parsePong, pongFields } from './pong.ts'
import { type Publish, parsePublish, publishFields } from './publish.ts'
import { parseSubscribe, type Subscribe, subscribeFields } from './subscribe.ts'
import { parseUnsubscribe, type Unsubscribe, unsubscribeFields } from './unsubscribe.ts'

/** A frame we speak; a payload to send may be any `Encodable`, one received is a `Value`. */
export type Frame<Payload extends Encodable = Value> =
  | Connect
  | Hello
  | Goodbye
  | Ping
  | Pong
  | Subscribe
  | Unsubscribe
  | Publish<Payload>
  | Event<Payload>

/** A frame of a type we do not speak. */
export interface UnknownFrame {
  readonly type: 'unknown'
  /** Its type on the wire. */
  readonly frameType: string
}

/** A frame of a type we speak that lacks a field or has one of another shape. */
export interface MalformedFrame {
  readonly type: 'malformed'
  /** Its type on the wire, empty when it has none. */
  readonly frameType: string
  readonly detail: string
}

/** The map of a frame, to be signed. */
export function fieldsOf(frame: Frame<Encodable>): UnsentFields {
  switch (frame.type) {
    case 'connect':
      return connectFields(frame)
    case 'hello':
      return helloFields(frame)
    case 'goodbye':
      return goodbyeFields(frame)
    case 'ping':
      return pingFields(frame)
    case 'pong':
      return pongFields(frame)
    case 'subscribe':
      return subscribeFields(frame)
    case 'unsubscribe':
      return unsubscribeFields(frame)
    case 'publish':
      return publishFields(frame)
    case 'event':
      return eventFields(frame)
  }
}

const parsers: ReadonlyMap<string, (fields: FrameFields) => Frame> = new Map<
  string,
  (fields: FrameFields) => Frame
>([
  ['connect', parseConnect],
  ['hello', parseHello],
  ['goodbye', parseGoodbye],
  ['ping', parsePing],
  ['pong', parsePong],
  ['subscribe', parseSubscribe],
  ['unsubscribe', parseUnsubscribe],
  ['publish', parsePublish],
  ['event', parseEvent],
])

/** The frame a map is; never throws. Fields we do not know are passed over. */
export function parseFrame(fields: FrameFields): Frame | UnknownFrame | MalformedFrame {
  const frameType = fields.get('frame_type')
  if (typeof frameType !== 'string') {
    return { type: 'malformed', frameType: '', detail: 'the field frame_type is not text' }
  }
  const parse = parsers.get(frameType)
  if (parse === undefined) return { type: 'unknown', frameType }
  try {
    return parse(fields)
  } catch (error) {
    if (!(error instanceof FrameError)) throw error
    return { type: 'malformed', frameType, detail: error.message }
  }
}

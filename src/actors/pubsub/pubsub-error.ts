// What a subscribe or publish is refused with: misuse, told with its mend.
import type { CborError } from '../../identity/value.ts'
import { EVENT_FRAME_BYTES_MAX } from '../../limits.ts'
import { ArborError } from '../../runtime/arbor-error.ts'
import type { Added } from './subscription.ts'

export function tooMany(topic: string, bound: Added): ArborError {
  const message = `no subscription to '${topic}': ${bound.replaceAll('_', ' ')}`
  const advice = 'unsubscribe from something, or raise the bound in limits.ts'
  const attempt = { operation: 'subscribe', target: topic }
  return new ArborError('too_many_subscriptions', message, advice, attempt)
}

export function payloadTooLarge(topic: string, sizeBytes: number): ArborError {
  const message = `a publish of ${sizeBytes} bytes, at most ${EVENT_FRAME_BYTES_MAX}`
  const advice = 'publish where the data is, not the data'
  const attempt = { operation: 'publish', target: topic }
  return new ArborError('payload_too_large', message, advice, attempt)
}

export function badPayload(topic: string, cause: CborError): ArborError {
  const attempt = { operation: 'publish', target: topic }
  const advice = 'wrap floats in Float, use null for nothing'
  const message = `the payload has no encoding, ${cause.message}`
  return new ArborError('bad_payload', message, advice, attempt, cause)
}

// Node's own way from thread to thread, for bench/cross-thread.ts: counts what it is posted, or
// posts it back.
import { parentPort } from 'node:worker_threads'

/** Messages still to come before it says so; below 0 it answers each. */
let left = 0

parentPort?.on('message', (message: { readonly expect?: number; readonly by?: number }) => {
  if (message.expect !== undefined) {
    left = message.expect
    return
  }
  if (left < 0) parentPort?.postMessage(message)
  else if (--left === 0) parentPort?.postMessage('all')
})

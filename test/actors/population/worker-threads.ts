// Worker threads that live in this process.
import { subscribe } from 'node:diagnostics_channel'
import type { Worker } from 'node:worker_threads'

const threads = new Set<Worker>()

subscribe('worker_threads', (message) => {
  if (typeof message !== 'object' || message === null || !('worker' in message)) return
  const worker = message.worker as Worker
  threads.add(worker)
  worker.once('exit', () => threads.delete(worker))
})

export function threadCount(): number {
  return threads.size
}

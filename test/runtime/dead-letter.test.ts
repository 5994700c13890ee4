import { describe, expect, it } from 'vitest'
import { deadLetters, recentDeadLetters } from '../../src/runtime/dead-letter.ts'
import { send, spawn } from '../../src/runtime/process.ts'
import { exit } from '../../src/runtime/signal.ts'

describe('recentDeadLetters', () => {
  it('keeps the last 16, by receiver and type of message, never the message', () => {
    const process = spawn((_: unknown) => {})
    exit(process, 'kill')
    for (let i = 0; i < 100; i++) send(process, { type: `t${i}`, secret: 'x' })
    send(process, 7)
    send(process, null)
    const recent = recentDeadLetters()
    expect(recent).toHaveLength(16)
    expect(recent.slice(-3)).toEqual([
      { kind: 'no_process', to: String(process), messageType: 't99' },
      { kind: 'no_process', to: String(process), messageType: 'number' },
      { kind: 'no_process', to: String(process), messageType: 'object' },
    ])
    expect(deadLetters().noProcess).toBe(102)
  })
})

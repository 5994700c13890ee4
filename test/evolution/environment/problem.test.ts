import { describe, expect, it } from 'vitest'
import { problemNamed, problemOf, taskNames } from '../../../src/evolution/environment/problem.ts'

describe('problemNamed', () => {
  it('knows every task name and no other', () => {
    expect(new Set(taskNames).size).toBe(taskNames.length)
    expect(taskNames.slice(0, 2)).toEqual(['xor', 'cartpole'])
    for (const name of taskNames) expect(problemNamed(name)?.name).toBe(name)
    expect(problemNamed('toString')).toBeUndefined()
  })

  it('names every input and output', () => {
    for (const name of taskNames) {
      const problem = problemNamed(name)!
      expect(problem.inputNames).toHaveLength(problem.inputs)
      expect(problem.outputNames).toHaveLength(problem.outputs)
    }
  })
})

describe('problemOf', () => {
  it('finds the problem of a reference, also after it crossed threads', () => {
    for (const name of taskNames) {
      const problem = problemNamed(name)!
      expect(problemOf(structuredClone(problem.reference))).toBe(problem)
    }
  })

  it('refuses a task that does not exist, naming those that do', () => {
    expect(() => problemOf({ task: 'chess' })).toThrow(/no task chess: use one of xor, cartpole/)
  })
})

import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../src/cli/brain/local-brain.ts'
import { parseTuning } from '../../src/cli/options.ts'
import { loadTask } from '../../src/cli/task.ts'
import { xor } from '../../src/evolution/environment/xor.ts'
import { startEvolution } from '../../src/evolution/evolution.ts'

describe('--tuning', () => {
  it('takes a heredity or settings in JSON, and puts them into those of the run', () => {
    expect(parseTuning('lamarckian')).toEqual({ heredityTypes: ['lamarckian'] })
    const tuning = parseTuning('{"annealingParameters":[0.5,1]}')
    expect(tuning).toEqual({ annealingParameters: [0.5, 1] })
    expect(settingsOf(loadTask('xor', undefined), { tuning }).tuning).toEqual(tuning)
    expect(settingsOf(loadTask('xor', undefined), {}).tuning).toBeUndefined()
  })

  it('refuses a field that there is not, before anything is written', () => {
    const tuning = parseTuning('{"annealing":[0.5]}')
    const settings = settingsOf(loadTask('xor', undefined), { tuning })
    expect(() => startEvolution(xor, settings, 1)).toThrow(/a field of tuning is annealing: use/)
  })

  it('refuses everything else, with what may be given', () => {
    for (const text of ['darwin', '[]', '7', '{']) {
      expect(() => parseTuning(text), text).toThrow(/take one of darwinian, lamarckian/)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../src/cli/brain/local-brain.ts'
import { parseTuning } from '../../src/cli/options.ts'
import { loadTask } from '../../src/cli/task.ts'

describe('--tuning', () => {
  it('takes a heredity or settings in JSON, and puts them into those of the run', () => {
    expect(parseTuning('lamarckian')).toEqual({ heredityTypes: ['lamarckian'] })
    const tuning = parseTuning('{"annealingParameters":[0.5,1]}')
    expect(tuning).toEqual({ annealingParameters: [0.5, 1] })
    expect(settingsOf(loadTask('xor', undefined), { tuning }).tuning).toEqual(tuning)
    expect(settingsOf(loadTask('xor', undefined), {}).tuning).toBeUndefined()
  })

  it('refuses everything else, with what may be given', () => {
    for (const text of ['darwin', '[]', '7', '{']) {
      expect(() => parseTuning(text), text).toThrow(/take one of darwinian, lamarckian/)
    }
  })
})

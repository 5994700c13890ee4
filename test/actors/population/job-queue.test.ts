import { describe, expect, it } from 'vitest'
import { JobQueue, type Task } from '../../../src/actors/population/job-queue.ts'

/** A task whose jobs do nothing, and what has become of it. */
function task(
  name: string,
  jobs: number,
  isUrgent = false,
): Task & { name: string; ends: string[] } {
  const ends: string[] = []
  return {
    name,
    ends,
    isUrgent,
    jobs: Array.from({ length: jobs }, () => async () => {}),
    succeed: () => ends.push('succeeded'),
    fail: (error) => ends.push(`failed: ${error}`),
  }
}

function namesOf(queue: JobQueue): string[] {
  const names: string[] = []
  for (let job = queue.next(); job !== undefined; job = queue.next()) {
    names.push('name' in job.task ? String(job.task.name) : '')
  }
  return names
}

describe('JobQueue.next', () => {
  it('takes urgent jobs first, each lane in order of arrival', () => {
    const queue = new JobQueue()
    queue.add(task('generation', 2))
    queue.add(task('verification', 1))
    queue.add(task('first', 2, true))
    queue.add(task('second', 1, true))
    expect(namesOf(queue)).toEqual([
      'first',
      'first',
      'second',
      'generation',
      'generation',
      'verification',
    ])
  })
})

describe('JobQueue.done', () => {
  it('ends a task with its last job, and an empty task at once', () => {
    const queue = new JobQueue()
    const [two, none] = [task('two', 2), task('none', 0)]
    queue.add(two)
    queue.add(none)
    expect(none.ends).toEqual(['succeeded'])
    const [first, second] = [queue.next()!, queue.next()!]
    queue.done(second)
    expect(two.ends).toEqual([])
    queue.done(first)
    expect(two.ends).toEqual(['succeeded'])
  })
})

describe('JobQueue.failed', () => {
  it('hands a failed job out once more, before the others', () => {
    const queue = new JobQueue()
    const both = task('both', 2)
    queue.add(both)
    const first = queue.next()!
    queue.failed(first, 'thread died')
    const again = queue.next()!
    expect(again.run).toBe(first.run)
    queue.done(again)
    queue.done(queue.next()!)
    expect(both.ends).toEqual(['succeeded'])
  })

  it('fails the task the second time, and drops what is left of it', () => {
    const queue = new JobQueue()
    const [bad, good] = [task('bad', 3), task('good', 1)]
    queue.add(bad)
    queue.add(good)
    const [first, second] = [queue.next()!, queue.next()!]
    queue.failed(first, 'once')
    queue.failed(queue.next()!, 'twice')
    expect(bad.ends).toEqual(['failed: twice'])
    queue.failed(second, 'late')
    queue.done(second)
    expect(bad.ends).toEqual(['failed: twice'])
    expect(namesOf(queue)).toEqual(['good'])
  })
})

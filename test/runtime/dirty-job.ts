// The worker of dirty-pool.test.ts.
import { transferred } from '../../src/runtime/dirty-pool.ts'

export type Job =
  | { readonly type: 'square'; readonly n: number }
  | { readonly type: 'double'; readonly numbers: Float64Array<ArrayBuffer> }
  | { readonly type: 'throw' | 'exit' | 'hang' }

export default function run(job: Job): unknown {
  switch (job.type) {
    case 'square':
      return job.n * job.n
    case 'double': {
      const doubled = job.numbers.map((x) => x * 2)
      return transferred(doubled, [doubled.buffer])
    }
    case 'throw':
      throw new RangeError('no such number')
    case 'exit':
      return process.exit(1)
    case 'hang':
      for (;;);
  }
}

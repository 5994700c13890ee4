// The door `arbor/testing`: what tests of programs on Arbor need. Time that stands still, orders of
// turns decided by a seed, callbacks without a server, and what a test has left behind.
export { VirtualClock } from '../runtime/clock.ts'
export { runUntilIdle } from '../runtime/scheduler.ts'
export { useClock } from '../runtime/timer.ts'
export { BehaviourHarness, HarnessCall, harness, type Returned } from './behaviour-harness.ts'
export { type InterleavingOptions, interleave } from './interleavings.ts'
export { type Leaks, LeakWatch, watchLeaks } from './leak-check.ts'
export { withVirtualTime } from './virtual-time.ts'

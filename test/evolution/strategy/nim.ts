// A game for tests of self-play: Nim with one heap. In turn the players take one to three; who
// takes the last has won. Whoever faces a multiple of four loses against good play; from every
// other heap there is one right move.
import type { Evaluation, Problem } from '../../../src/evolution/environment/environment.ts'
import type { Network } from '../../../src/evolution/network/interpreter.ts'

const HEAP_MAX = 12
/** Heaps from which a match is played: a player must know all of them. */
const heaps = [5, 6, 7, 9, 10, 11]

const inputs = new Float64Array(5)
const outputs = new Float64Array(3)

/** What a network takes from a heap: of the moves there are, the one it answers highest. */
export function moveOf(network: Network, heap: number): number {
  network.reset()
  for (let bit = 0; bit < 4; bit++) inputs[bit] = (heap >> bit) & 1
  inputs[4] = 1
  network.step(inputs, outputs)
  let best = 1
  for (let take = 2; take <= Math.min(3, heap); take++) {
    if (outputs[take - 1]! > outputs[best - 1]!) best = take
  }
  return best
}

/** 1 when the first has won. */
export function playFrom(heap: number, [first, second]: readonly [Network, Network]): number {
  let left = heap
  for (let turn = 0; ; turn++) {
    left -= moveOf(turn % 2 === 0 ? first : second, left)
    if (left === 0) return turn % 2 === 0 ? 1 : 0
  }
}

/** The part of the heaps with a right move in which a network finds it. */
export function skillOf(network: Network): number {
  const winnable = Array.from({ length: HEAP_MAX }, (_, i) => i + 1).filter((heap) => heap % 4 > 0)
  return winnable.filter((heap) => moveOf(network, heap) === heap % 4).length / winnable.length
}

function play(players: readonly [Network, Network]): Evaluation {
  const won = heaps.map((heap) => playFrom(heap, players))
  const score = won.reduce((sum, one) => sum + one, 0) / heaps.length
  return { fitness: score, steps: heaps.length, solved: false, scores: [score, 1 - score] }
}

const alone = (): never => {
  throw new RangeError('Nim is played by two')
}

export const nim: Problem = {
  name: 'nim',
  reference: { task: 'nim' },
  inputs: 5,
  outputs: 3,
  outputActivation: 'tanh',
  hiddenActivation: 'tanh',
  needsMemory: false,
  evaluate: alone,
  episode: alone,
  verify: alone,
  play,
}

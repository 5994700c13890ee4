// The T-maze: a cue shows at the start, a corridor without any follows, and at the junction the
// network has to turn to the side of the cue (the road-sign problem: Rylatt & Czarnecki 2000; with
// evolved networks Blynel & Floreano 2003). One bit, kept for as long as the corridor is.
//
//   inputs   cue: -1 left, 1 right, in the first tick only; junction: 1 in the last tick only
//
// Levels, in percent of right turns: who remembers nothing gets 50, solved is 90.
import { type CuedTurns, cuedTurns, type Side, type Trial } from './cued-turns.ts'
import type { Problem } from './environment.ts'

const SIDES: readonly Side[] = [-1, 1]
/** Ticks between cue and junction. */
const CORRIDORS = [1, 2, 3, 4, 6, 8, 12, 16]
const VERIFICATION_CORRIDORS = [0, 5, 7, 9, 10, 11, 13, 14, 15, 20, 32]

function trial(cue: Side, corridor: number): Trial {
  return [
    { inputs: [cue, 0], turn: 0 },
    ...Array.from({ length: corridor }, () => ({ inputs: [0, 0], turn: 0 }) as const),
    { inputs: [0, 1], turn: cue },
  ]
}

function trials(corridors: readonly number[]): Trial[] {
  return corridors.flatMap((corridor) => SIDES.map((cue) => trial(cue, corridor)))
}

const maze: CuedTurns = {
  task: 'tmaze',
  inputNames: ['cue', 'junction'],
  solvedAt: 90,
  trials: trials(CORRIDORS),
  verificationTrials: trials(VERIFICATION_CORRIDORS),
}

export const tMaze: Problem = cuedTurns(maze)

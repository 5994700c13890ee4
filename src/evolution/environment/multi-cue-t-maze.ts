// The T-maze with two cues and two junctions: the first cue says where to turn at the first, the
// second where to turn at the second. Tells how much a network can keep apart (double T-mazes:
// Blynel & Floreano 2003; Soltoggio et al. 2008).
//
//   inputs   first cue, second cue: -1 left, 1 right, one tick each, one after the other;
//            first junction, second junction: 1 for the tick in which the turn is asked for
//
// Levels, in percent of right turns: who remembers nothing gets 50, who remembers one bit 75;
// solved is 90.
import { type CuedTurns, cuedTurns, type Side, type Tick, type Trial } from './cued-turns.ts'
import type { Problem } from './environment.ts'

const SIDES: readonly Side[] = [-1, 1]
/** Ticks before either junction. */
const CORRIDORS = [1, 2, 4, 8]
const VERIFICATION_CORRIDORS = [0, 3, 5, 6, 7, 12, 16]

function trial(first: Side, second: Side, corridor: number): Trial {
  const walk = Array.from({ length: corridor }, (): Tick => ({ inputs: [0, 0, 0, 0], turn: 0 }))
  return [
    { inputs: [first, 0, 0, 0], turn: 0 },
    { inputs: [0, second, 0, 0], turn: 0 },
    ...walk,
    { inputs: [0, 0, 1, 0], turn: first },
    ...walk,
    { inputs: [0, 0, 0, 1], turn: second },
  ]
}

function trials(corridors: readonly number[]): Trial[] {
  return corridors.flatMap((corridor) => {
    return SIDES.flatMap((first) => SIDES.map((second) => trial(first, second, corridor)))
  })
}

const maze: CuedTurns = {
  task: 'multi_cue_tmaze',
  inputNames: ['first cue', 'second cue', 'first junction', 'second junction'],
  solvedAt: 90,
  trials: trials(CORRIDORS),
  verificationTrials: trials(VERIFICATION_CORRIDORS),
}

export const multiCueTMaze: Problem = cuedTurns(maze)

// What of the flatland is public.
export {
  type EnergyLedger,
  Flatland,
  type FlatlandOptions,
  flatland,
  PLANT,
  PREDATOR,
  PREY,
} from './flatland.ts'
export { flatlandPredator, flatlandPrey } from './flatland-problem.ts'
export {
  FLATLAND_INPUTS,
  FLATLAND_OUTPUTS,
  flatlandMorphology,
  graze,
  hunt,
  senseFlatland,
} from './flatland-sense.ts'

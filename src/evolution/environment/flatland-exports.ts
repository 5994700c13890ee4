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
export {
  type EcologyChange,
  type EcologyMeasures,
  type EcologySettings,
  FlatlandEcology,
  flatlandEcology,
} from './flatland-ecology.ts'
export { flatlandPredator, flatlandPrey } from './flatland-problem.ts'
export {
  FLATLAND_INPUTS,
  FLATLAND_OUTPUTS,
  flatlandMorphology,
  graze,
  hunt,
  senseFlatland,
} from './flatland-sense.ts'
export { type BodyTrace, type FlatlandTrace, traceFlatland } from './flatland-trace.ts'

// A genotype as the text of a JavaScript module without dependencies: for a browser, a game, a
// robot. It answers the engine's own bits, everywhere.
//
//   writeFileSync('champion.mjs', toModule(genotype))
//
//   import { createNetwork } from './champion.mjs'
//   const network = createNetwork()
//   network.step([0, 1])       // one tick: an array of the outputs
//   network.reset()            // the next tick is the first
//
// It holds the interpreter (some 40 KB) and the compiled plan; everything a genotype can have runs,
// plasticity included.
import type { Genotype } from '../evolution/genotype.ts'
import { genotypeId } from '../evolution/genotype-codec.ts'
import { compile } from '../evolution/network/plan.ts'
import { bundleOf } from './module-bundle.ts'

export function toModule(genotype: Genotype): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const interpreter = `../evolution/network/interpreter.${extension}`
  const bundle = bundleOf(new URL(interpreter, import.meta.url))
  const plan = compile(genotype)
  return `// A network that Arbor has evolved: ${plan.neurons} neurons, ${plan.links} links.
${bundle.text}
const plan = ${literal(plan)}
/** SHA-256 of the genotype's bytes. */
export const id = '${genotypeId(genotype)}'
export const inputs = plan.inputs
export const outputs = plan.outputs
/** A network that remembers nothing yet; options: { timeStep }, ticks from one step to the next. */
export function createNetwork(options) {
  const network = new ${bundle.entry}.Network(plan, options)
  const given = new Float64Array(plan.inputs)
  const answers = new Float64Array(plan.outputs)
  return {
    step(values) {
      for (let i = 0; i < given.length; i++) given[i] = values[i]
      network.step(given, answers)
      return Array.from(answers)
    },
    reset() {
      network.reset()
    },
  }
}
`
}

/** Plain data and typed arrays as an expression. */
function literal(value: unknown): string {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = Array.from(value as Float64Array, numberText)
    return `new ${value.constructor.name}([${numbers.join(', ')}])`
  }
  if (typeof value === 'number') return numberText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  // The image of a plan is what its other fields are views of.
  const entries = Object.entries(value).filter(([name]) => name !== 'bytes')
  const fields = entries.map(([name, one]) => `  ${name}: ${literal(one)},\n`)
  return `{\n${fields.join('')}}`
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

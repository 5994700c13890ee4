// The picture of a plain: well-formed, the same each time, and with what has happened.
import { describe, expect, it } from 'vitest'
import {
  compile,
  FLATLAND_INPUTS,
  genotypeFrom,
  Network,
  traceFlatland,
} from '../../src/evolution/index.ts'
import { flatlandPlot } from '../../src/plot/flatland-plot.ts'
import { elementsOf } from './well-formed.ts'

/** Rolls forward, and hardly turns. */
const network = new Network(
  compile(
    genotypeFrom({
      inputs: FLATLAND_INPUTS,
      outputs: 2,
      activation: 'tanh',
      links: [0, 1].map((wheel) => ({
        from: 15,
        to: FLATLAND_INPUTS + wheel,
        weight: 1 + wheel / 9,
      })),
    }),
  ),
)

describe.each(['prey', 'predator'] as const)('a life as %s', (role) => {
  const trace = traceFlatland(role, network)

  it('is followed tick by tick until it ends', () => {
    const own = trace.bodies.filter(({ isOwn }) => isOwn)
    expect(own).toHaveLength(1)
    expect(own[0]?.path).toHaveLength(trace.ticks + 1)
    expect(trace.ticks).toBeGreaterThan(50)
    expect(trace.plants).toHaveLength(trace.options.plants)
    expect(trace.bodies).toHaveLength(trace.options.prey + trace.options.predators)
  })

  it('is a picture with a way and a sign for everybody', () => {
    const svg = flatlandPlot(trace, { title: 'a < b' })
    expect(elementsOf(svg)[0]).toBe('svg')
    expect(svg).toBe(flatlandPlot(traceFlatland(role, network), { title: 'a < b' }))
    expect(svg.match(/<path /g)).toHaveLength(trace.bodies.length)
    const meals = trace.bodies.reduce((sum, { meals: eaten }) => sum + eaten.length, 0)
    const legend = 4
    expect(svg.match(/<circle /g)).toHaveLength(
      trace.plants.length + trace.bodies.length + meals + legend,
    )
  })
})

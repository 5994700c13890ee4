// The arrows between the rooms of src (docs/architecture.md): who may import whom.
const limits = '^src/limits\\.ts$'
const random = '^src/runtime/random\\.ts$'

/** Room → what it may import of ours, besides itself and src/limits.ts. */
const arrows = {
  '^src/runtime/': [],
  '^src/behaviours/': ['^src/runtime/'],
  '^src/supervisors/': ['^src/runtime/', '^src/behaviours/'],
  '^src/nact/': ['^src/runtime/', '^src/behaviours/', '^src/supervisors/'],
  '^src/testing/': ['^src/runtime/', '^src/behaviours/', '^src/supervisors/'],
  '^src/identity/': [],
  '^src/evolution/': [random],
  '^src/plot/': ['^src/evolution/'],
  '^src/export/': ['^src/evolution/'],
  '^src/mesh/': ['^src/runtime/', '^src/behaviours/', '^src/supervisors/', '^src/identity/'],
  '^src/actors/': [
    '^src/runtime/',
    '^src/behaviours/',
    '^src/supervisors/',
    '^src/identity/',
    '^src/evolution/',
    '^src/mesh/',
    '^src/actors/',
  ],
  '^src/node\\.ts$': [
    '^src/runtime/',
    '^src/behaviours/',
    '^src/supervisors/',
    '^src/identity/',
    '^src/evolution/',
    '^src/mesh/',
    '^src/actors/',
  ],
}

/** Subject of actors → its siblings it may import. */
const siblings = {
  neuron: [],
  ecology: [],
  population: ['neuron'],
  pubsub: [],
  station: ['pubsub'],
  brain: ['population', 'pubsub'],
  service: [],
  inspection: [],
}

/** Third-party package (or guarded node module) → its only door. */
const doors = {
  '@matrixai/quic': '^src/mesh/quic-',
  '@noble/curves': '^src/identity/signature\\.ts$',
  piscina: '^src/runtime/dirty-pool\\.ts$',
  commander: '^src/cli/program\\.ts$',
  xstate: '^src/behaviours/xstate-',
  'cbor-x': '^src/runtime/term\\.ts$',
  'prom-client': '^src/runtime/metrics\\.ts$',
  '@opentelemetry/api': '^src/runtime/open-telemetry\\.ts$',
}

const rooms = Object.entries(arrows).map(([room, allowed]) => ({
  name: `arrow ${room}`,
  severity: 'error',
  from: { path: room },
  to: { path: '^src/', pathNot: [limits, room, ...allowed] },
}))

const actors = Object.entries(siblings).map(([subject, allowed]) => ({
  name: `siblings of actors/${subject}`,
  severity: 'error',
  from: { path: `^src/actors/${subject}/` },
  to: {
    path: '^src/actors/',
    pathNot: [subject, ...allowed].map((sibling) => `^src/actors/${sibling}/`),
  },
}))

const onlyDoors = Object.entries(doors).map(([name, door]) => ({
  name: `door of ${name}`,
  severity: 'error',
  from: { path: '^src/', pathNot: door },
  to: { path: `(^|/)node_modules/${name}/` },
}))

module.exports = {
  forbidden: [
    ...rooms,
    ...actors,
    ...onlyDoors,
    {
      name: 'a dependency without a door',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '(^|/)node_modules/',
        pathNot: Object.keys(doors).map((name) => `(^|/)node_modules/${name}/`),
      },
    },
    {
      name: 'an actor subject without a rule',
      severity: 'error',
      from: {
        path: '^src/actors/',
        pathNot: Object.keys(siblings).map((subject) => `^src/actors/${subject}/`),
      },
      to: {},
    },
    {
      name: 'nobody imports the command line',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'limits import nothing',
      severity: 'error',
      from: { path: limits },
      to: { path: '^(src|node_modules)/' },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'src does not know tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}

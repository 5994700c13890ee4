// The first thing `npm test` and the benchmarks ask: does this Node run TypeScript as it is?
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Arbor needs Node 22.18 or newer and this is Node ${process.versions.node}: run it through npm ` +
      '(npm start, npm test), which uses the Node 24 that `npm ci` installs; if npm did not install ' +
      'it, run `npm ci` again without --ignore-scripts.',
  )
  process.exit(2)
}

// Runs benchmarks: `npm run bench -- <name> [--json]`, one file a question; without a name it lists
// them.
import { readdirSync } from 'node:fs'

const folder = new URL('.', import.meta.url)
const notQuestions = ['main.ts', 'report.ts']
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !notQuestions.includes(file))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()

const name = process.argv[2]
if (name === undefined || !names.includes(name)) {
  const wanted = name === undefined ? '' : `there is no benchmark "${name}"; `
  console.error(
    `${wanted}npm run bench -- <name> [--json], where <name> is one of: ${names.join(', ')}`,
  )
  process.exit(2)
}
await import(new URL(`${name}.ts`, folder).href)

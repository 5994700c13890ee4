// The tree of commands and their options. Each command is one file in commands/; this file is the
// only one that knows the option parser.
import { Command, CommanderError, Option } from 'commander'
import { DEFAULT_REALM } from '../actors/brain/meeting.ts'
import { packageVersion } from './commands/version.ts'
import { BadInput, runCommand } from './failure.ts'
import {
  parseAdaptation,
  parseEvaluations,
  parseFormat,
  parseGenerations,
  parseNodes,
  parsePopulation,
  parsePort,
  parseSeed,
  parseStrategy,
  parseSubstrate,
  parseTuning,
  parseWorkers,
} from './options.ts'
import { guardOutput } from './output.ts'

/** Parses `args` and runs the command they name. Sets the exit code; never throws. */
export async function runProgram(args: readonly string[]): Promise<void> {
  guardOutput()
  await runCommand(async () => {
    try {
      const arbor = program()
      if (args.length === 0) arbor.outputHelp()
      else await arbor.parseAsync(args, { from: 'user' })
    } catch (failure) {
      if (!(failure instanceof CommanderError)) throw failure
      if (failure.exitCode === 0) return
      throw new BadInput(mendOf(failure, args))
    }
  })
}

function program(): Command {
  const arbor = new Command('arbor')
    .description('OTP for TypeScript, and a mesh on which brains evolve.')
    .version(packageVersion())
    .helpCommand('help [command]', 'the same as --help')
    // A default would stand in the help as `(default: false)`.
    .hook('preAction', (_, command) => {
      command.setOptionValue('json', command.opts().json === true)
    })
  brain(arbor)
  evolve(arbor)
  node(arbor)
  station(arbor)
  key(arbor)
  dev(arbor)
  inspection(arbor)
  machine(arbor)
  for (const command of everyCommand(arbor)) {
    command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} })
  }
  return arbor
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

/** Options of everything that evolves. */
function runOptions(command: Command): Command {
  return command
    .option(
      '--task <task>',
      'xor, cartpole, dpv, acrobot and others (any other word lists them), or a CSV file',
      'dpnv',
    )
    .option('--target <column>', 'the column of the CSV file to predict')
    .option(
      '--seed <number>',
      'decides a run; what nodes hear of each other is added (default: drawn, and printed)',
      parseSeed,
    )
    .option('--population <count>', 'genotypes per generation (default: by task)', parsePopulation)
    .option('--generations <count>', 'stop after this many, solved or not', parseGenerations)
    .option(
      '--strategy <name>',
      'generational, steady_state, rtneat, islands, hall_of_fame; where the task says what ' +
        'networks do, as maze: novelty, map_elites; for games, as snake_duel: coevolution, ' +
        'self_play; of weights alone: cma_es, sep_cma_es, xnes, snes, cosyne, es, one_fifth ' +
        '(default: generational)',
      parseStrategy,
    )
    .option(
      '--adaptation <kind>',
      'mutation that adapts itself: one_fifth, self_adaptive, meta_control (default: it does not)',
      parseAdaptation,
    )
    .option('--keep-going', 'go on when the task is solved, until Ctrl-C')
    .option('--json', 'one JSON object an event')
}

function brain(arbor: Command): void {
  runOptions(
    arbor
      .command('brain')
      .description('one station and several nodes, each a process, evolve one problem together')
      .option('--nodes <count>', 'nodes, each a process of its own', parseNodes, 3)
      .option('--out <folder>', 'where champion.json and the pictures go', 'arbor-out'),
  ).action(async (options) => (await import('./commands/brain.ts')).runBrain(options))
}

function evolve(arbor: Command): void {
  const group = arbor
    .command('evolve')
    .description('evolve in one process, without a network; alone it means `evolve run`')
  const going = (command: Command): Command =>
    command
      .option('--workers <count>', 'threads that evaluate (default: cores)', parseWorkers)
      .option('--evaluations <count>', 'stop before there are more', parseEvaluations)
      .option('--memory-guard', 'do less at a time while memory or processor run short')
      .option('--csv', 'leave history.csv, too')
      .option('--plot <file.svg>', 'a picture of the whole run: fitness, species, size, champion')
  newRun(group, going)
  going(group.command('resume'))
    .description('go on with a run that was stopped or killed, bit for bit')
    .argument('<folder>', 'its --out')
    .option('--generations <count>', 'stop after this many in all', parseGenerations)
    .option('--keep-going', 'go on when the task is solved, until Ctrl-C')
    .option('--json', 'one JSON object an event')
    .action(async (folder, options) =>
      (await import('./commands/evolve.ts')).resumeEvolve(folder, options),
    )
  ofRun(group.command('status'), 'how far a run is')
    .option('--csv', 'its generations as comma-separated values')
    .action(async (folder, options) =>
      (await import('./commands/evolved.ts')).showStatus(folder, options),
    )
  ofRun(group.command('champion'), 'the best genotype of a run')
    .option('--lineage', 'whom it descends from; of a run with --lineage')
    .action(async (folder, options) =>
      (await import('./commands/evolved.ts')).showChampion(folder, options),
    )
  ofRun(group.command('replay'), 'evaluate the champion again: is its fitness what it was?').action(
    async (folder, options) => (await import('./commands/evolved.ts')).replay(folder, options),
  )
  group
    .command('export')
    .description('the champion for other programs, on standard output')
    .argument('<folder>', 'the --out of its run')
    .option(
      '--format <name>',
      'json, js (a module without dependencies) or onnx',
      parseFormat,
      'json',
    )
    .option('--file <path>', 'a file instead of standard output')
    .action(async (folder, options) =>
      (await import('./commands/evolved.ts')).exportChampion(folder, options),
    )
}

function newRun(group: Command, going: (command: Command) => Command): void {
  going(
    runOptions(
      group
        .command('run', { isDefault: true })
        .description('a new run, kept in a folder')
        .option(
          '--substrate <settings>',
          'evolve CPPNs that paint networks: hyperneat, es_hyperneat, or settings in JSON',
          parseSubstrate,
        )
        .option(
          '--tuning <settings>',
          'tune every genotype in its life: darwinian, lamarckian, baldwinian, or settings in JSON',
          parseTuning,
        )
        .addOption(
          new Option(
            '--module <file#export>',
            'a task of your own: a module and the problem it exports',
          ).conflicts(['task', 'target']),
        )
        .option('--nodes <count>', 'as for brain; more than 1 has no effect', parseNodes, 1)
        .option('--lineage', 'keep whom every genotype descends from, in lineage.jsonl')
        .option('--out <folder>', 'where the run is kept', 'arbor-out'),
    ),
  ).action(async (options) => (await import('./commands/evolve.ts')).runEvolve(options))
}

function ofRun(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('<folder>', 'its --out')
    .option('--json', 'as JSON')
}

function node(arbor: Command): void {
  const group = arbor.command('node').description('a node of a brain')
  runOptions(
    group
      .command('start')
      .description('evolve on this machine and share with a station')
      .requiredOption('--station <host:port>', 'address of the station')
      .requiredOption(
        '--station-id <id>',
        'node id of the station, as `arbor station start` prints it',
      )
      .option('--key <file>', 'key file of this node (default: in the configuration folder)')
      .option('--realm <name>', 'realm the node shares in', DEFAULT_REALM)
      .option('--name <name>', 'name of this node in the table', 'node')
      .option('--workers <count>', 'threads that evaluate', parseWorkers, 1)
      .addOption(new Option('--until-stdin-ends', 'stop when the parent is gone').hideHelp()),
  ).action(async (options) => (await import('./commands/node.ts')).runNode(options))
}

function station(arbor: Command): void {
  const group = arbor.command('station').description('a relay that nodes dial')
  group
    .command('start')
    .description('accept nodes and fan out what they publish')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'UDP port; 0 takes a free one', parsePort, 4433)
    .option('--key <file>', 'key file of this station (default: in the configuration folder)')
    .option('--json', 'one JSON object an event')
    .addOption(new Option('--until-stdin-ends', 'stop when the parent is gone').hideHelp())
    .action(async (options) => (await import('./commands/station.ts')).runStation(options))
}

function key(arbor: Command): void {
  const group = arbor.command('key').description('the identity of a node')
  for (const name of ['new', 'show'] as const) {
    group
      .command(name)
      .description(name === 'new' ? 'draw a hardened key; never overwrites' : 'print the node id')
      .argument('[file]', 'key file (default: node.key in the configuration folder)')
      .option('--json', 'one JSON object')
      .action(async (file, options) => {
        const { newKey, showKey } = await import('./commands/key.ts')
        await (name === 'new' ? newKey(file, options) : showKey(file, options))
      })
  }
}

function dev(arbor: Command): void {
  arbor
    .command('dev')
    .description('run a program and take its servers along when a file is saved')
    .argument('<entry>', 'the module that starts the program')
    .option('--json', 'one JSON object an event')
    .action(async (entry, options) => (await import('./commands/dev.ts')).runDev(entry, options))
}

function inspection(arbor: Command): void {
  const attached = (command: Command): Command =>
    command
      .option('--node <name>', 'name or operating-system pid, where several nodes run')
      .option('--json', 'one JSON object an event')
  attached(arbor.command('top'))
    .description('the processes of a running node, the busiest first')
    .option('--sort <column>', 'mailbox, reductions or memory', 'reductions')
    .option('--limit <count>', 'processes to show', '20')
    .option('--once', 'one picture instead of one a second')
    .action(async (options) => (await import('./commands/top.ts')).runTop(options))
  attached(arbor.command('tree'))
    .description('who supervises whom in a running node')
    .action(async (options) => (await import('./commands/tree.ts')).runTree(options))
  attached(arbor.command('inspect'))
    .description('one process of a running node')
    .argument('<pid>', 'its number, as `arbor top` shows it, or its registered name')
    .action(async (pid, options) =>
      (await import('./commands/inspect.ts')).runInspect(pid, options),
    )
  attached(arbor.command('trace'))
    .description('what one process of a running node does, as it does it')
    .argument('<pid>', 'its number, as `arbor top` shows it, or its registered name')
    .action(async (pid, options) => (await import('./commands/inspect.ts')).runTrace(pid, options))
}

function machine(arbor: Command): void {
  arbor
    .command('version')
    .description('print the version')
    .option('--json', 'one JSON object')
    .action(async (options) => (await import('./commands/version.ts')).runVersion(options))
  arbor
    .command('doctor')
    .description('can this machine run a node?')
    .option('--json', 'one JSON object')
    .action(async (options) => (await import('./commands/doctor.ts')).runDoctor(options))
}

function mendOf(failure: CommanderError, args: readonly string[]): string {
  if (failure.code === 'commander.help' && args[0] !== 'help') {
    const group = args.find((arg) => !arg.startsWith('-'))
    return `\`arbor ${group}\` needs a command: run \`arbor ${group} --help\` to see them.`
  }
  const message = args[0] === 'help' ? `unknown command '${args[1]}'` : failure.message
  const cause = message.replace(/^error: /, '').replaceAll(/[.\s]+$/g, '')
  return `${cause}: run \`arbor --help\` for commands and \`arbor <command> --help\` for options.`
}

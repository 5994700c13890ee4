// What begins a node, a station or a population, for the public door. Each loads its part of the
// house at its first use: a program of plain processes does not wait for mesh and evolution.
import type {
  PopulationPid,
  PopulationRef,
  PopulationReport,
} from './actors/population/population-server.ts'
import type { PopulationTreeOptions } from './actors/population/population-supervisor.ts'
import type { Station, StationOptions } from './actors/station/station.ts'
import type { StationInfo, StationRef } from './actors/station/station-server.ts'
import type { ArborNode, NodeOptions } from './node.ts'
import type { Pid } from './runtime/pid.ts'
import type { ChildSpec } from './supervisors/child-spec.ts'
import type { SupervisorPid } from './supervisors/supervisor.ts'

/** Starts a node; see node.ts. */
export async function startNode(options: NodeOptions): Promise<ArborNode> {
  return (await import('./node.ts')).startNode(options)
}

/** Starts a station; see actors/station/station.ts. */
export async function startStation(options: StationOptions): Promise<Station> {
  return (await import('./actors/station/station.ts')).startStation(options)
}

/** What a station says of itself. */
export async function stationInfo(station: StationRef): Promise<StationInfo> {
  return (await import('./actors/station/station.ts')).stationInfo(station)
}

const population = () => import('./actors/population/population-supervisor.ts')

/** The child spec of a population's tree. */
export function populationSpec<Origin = unknown>(
  options: PopulationTreeOptions<Origin>,
): ChildSpec<SupervisorPid> {
  return {
    id: options.name ?? 'population',
    type: 'supervisor',
    restart: 'transient',
    start: async (parent) => (await population()).startPopulationLink(options, parent),
  }
}

/**
 * Starts a population with a tree of its own, for a program that has none; stop `supervisor` to end
 * it.
 */
export async function startPopulation<Origin = unknown>(
  options: PopulationTreeOptions<Origin>,
): Promise<{ supervisor: SupervisorPid; population: PopulationPid<Origin> }> {
  return (await population()).startPopulation(options)
}

/**
 * Sends the reports of all further generations to a process, until that ends. When evolution has
 * ended already, it is told how.
 */
export async function subscribeReports<Origin>(
  population: PopulationRef<Origin>,
  reporter: Pid<PopulationReport<Origin>>,
): Promise<void> {
  const server = await import('./actors/population/population-server.ts')
  await server.subscribeReports(population, reporter)
}

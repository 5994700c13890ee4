// Those who listen to the events of a population (evolution/evolution-event.ts), each a process
// that gets them as messages, in their order. Nothing is worked out while nobody listens.
import type { EvolutionEvent } from '../../evolution/evolution-event.ts'
import type { Pid } from '../../runtime/pid.ts'
import { send } from '../../runtime/process.ts'
import type { SavedCheckpoint } from './checkpoint-file.ts'

/** A checkpoint is on disk. */
export interface CheckpointSavedEvent extends SavedCheckpoint {
  readonly type: 'checkpoint_saved'
}

/** What happens in a running population, with the population it happens in. */
export type PopulationEvent = (EvolutionEvent | CheckpointSavedEvent) & {
  readonly population: Pid
}

export class Audience {
  readonly #listeners: Set<Pid<PopulationEvent>>

  constructor(listeners: Iterable<Pid<PopulationEvent>>) {
    this.#listeners = new Set(listeners)
  }

  get listeners(): Iterable<Pid<PopulationEvent>> {
    return this.#listeners
  }

  add(listener: Pid<PopulationEvent>): void {
    this.#listeners.add(listener)
  }

  remove(pid: Pid): void {
    for (const listener of this.#listeners) if (listener === pid) this.#listeners.delete(listener)
  }

  tell(population: Pid, events: () => readonly (EvolutionEvent | CheckpointSavedEvent)[]): void {
    if (this.#listeners.size === 0) return
    for (const event of events()) {
      const message: PopulationEvent = { ...event, population }
      for (const listener of this.#listeners) send(listener, message)
    }
  }
}

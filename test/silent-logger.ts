// Tests crash processes all the time: no reports on stderr. A test that wants them sets a logger.
import { setLogger } from '../src/runtime/logger.ts'

setLogger(null)

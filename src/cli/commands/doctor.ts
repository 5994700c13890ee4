// `arbor doctor`: can this machine run a node? Each check says what it found and, where it fails,
// what to do.
import { createSocket } from 'node:dgram'
import { availableParallelism } from 'node:os'
import { LOOPBACK_PACKET_TIMEOUT_MS } from '../../limits.ts'
import { quicVersion } from '../../mesh/quic-binding.ts'
import { EXIT_FAILED } from '../failure.ts'
import { refuseNodeVersion } from '../node-version.ts'

/** One look at the machine. */
export interface Check {
  readonly name: 'node' | 'quic' | 'udp' | 'cores'
  readonly ok: boolean
  readonly found: string
  /** What to do when it is not ok. */
  readonly mend?: string
}

export async function runDoctor(options: { readonly json: boolean }): Promise<void> {
  const checks = [checkNode(), checkQuic(), await checkUdp(), checkCores()]
  const ok = checks.every((check) => check.ok)
  if (options.json) process.stdout.write(`${JSON.stringify({ ok, checks })}\n`)
  else for (const check of checks) process.stdout.write(`${line(check)}\n`)
  if (!ok) process.exitCode = EXIT_FAILED
}

function line({ name, ok, found, mend }: Check): string {
  return `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(5)}  ${found}${mend === undefined ? '' : `: ${mend}`}`
}

function checkNode(): Check {
  const refusal = refuseNodeVersion(process.versions.node)
  const found = `Node ${process.versions.node}`
  if (refusal === undefined) return { name: 'node', ok: true, found }
  return { name: 'node', ok: false, found, mend: 'install Node 22.18 or newer' }
}

function checkQuic(): Check {
  try {
    return { name: 'quic', ok: true, found: `QUIC binding loaded (${quicVersion()})` }
  } catch (failure) {
    return {
      name: 'quic',
      ok: false,
      found: `no QUIC binding for ${process.platform} ${process.arch} (${String(failure)})`,
      mend: 'reinstall without --omit=optional; on other platforms only `arbor evolve` works',
    }
  }
}

/** Sends a packet to ourselves over loopback. */
function checkUdp(): Promise<Check> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const end = (ok: boolean, found: string): void => {
      clearTimeout(timer)
      socket.close()
      const mend = 'allow UDP for this program in the firewall or sandbox'
      resolve({ name: 'udp', ok, found, ...(ok ? {} : { mend }) })
    }
    const timer = setTimeout(
      () => end(false, 'a packet to ourselves got lost'),
      LOOPBACK_PACKET_TIMEOUT_MS,
    )
    socket.once('error', (failure) => end(false, `UDP failed (${failure.message})`))
    socket.once('message', () => end(true, 'UDP works on loopback'))
    socket.bind(0, '127.0.0.1', () => socket.send('arbor', socket.address().port, '127.0.0.1'))
  })
}

function checkCores(): Check {
  const cores = availableParallelism()
  return { name: 'cores', ok: true, found: `${cores} core${cores === 1 ? '' : 's'}` }
}

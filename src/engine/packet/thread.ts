import { parentPort, workerData } from 'node:worker_threads'
import { openLibc } from './libc.ts'
import type { Order, Report, ThreadData } from './message.ts'
import { openStation } from './station.ts'

/** The thread that sends and receives, so that neither ever waits for the rest of the scanner. It ends with its port. */
const port = parentPort!
const tell = (reports: Report[]): void => port.postMessage(reports)

const station = await openLibc().then((libc) => openStation(libc, workerData as ThreadData, tell), (error: unknown) => `koffi is not to be had here: ${error instanceof Error ? error.message.slice(0, 200) : 'it does not load'}`)

if (typeof station === 'string') tell([{ type: 'unable', why: station }])
else {
  let isTurning = false
  const turn = (): void => {
    isTurning = station.turn()
    if (isTurning) setImmediate(turn)
  }
  port.on('message', (order: Order) => {
    station.take(order)
    if (isTurning) return
    isTurning = true
    setImmediate(turn)
  })
  tell([{ type: 'ready', method: station.method }])
}

import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { processChannel, serveProcessChannel, type Pipe } from '#channel/process.ts'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { newId } from '#store/id.ts'
import { withStore } from '../database.ts'
import { channelContract, fingerprints } from './channel.ts'
import { makeScanTenant, readContent } from './scan-world.ts'

/** Two ends joined by a real structured-clone pipe, as the pipe to a child process is. */
function joined(): readonly [Pipe, Pipe, () => void] {
  const { port1, port2 } = new MessageChannel()
  const end = (port: typeof port1): Pipe => {
    const events = new EventEmitter()
    port.on('message', (message) => events.emit('message', message))
    return Object.assign(events, {
      connected: true,
      send: (message: unknown, done: (error: Error | null) => void) => {
        port.postMessage(message)
        queueMicrotask(() => done(null))
        return true
      },
    }) as unknown as Pipe
  }
  return [end(port1), end(port2), () => port1.close()]
}

channelContract('between two processes', async (context) => {
  const { store } = await withStore(context)
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge, fingerprints: () => fingerprints })
  const [id, otherId] = [newId(), newId()]
  for (const one of [id, otherId]) await store.platform((tx) => registerBuiltIn(tx, one, 'Built-in', 4, Date.now()))
  const closing: (() => void)[] = []
  const end = (one: string) => {
    const [here, there, close] = joined()
    const stop = serveProcessChannel(there, platform.of({ id: one, tenant: null, network: null }))
    const channel = processChannel(here)
    closing.push(() => {
      channel.close()
      stop()
      close()
    })
    return channel
  }
  context.after(async () => {
    for (const close of closing) close()
    await platform.stop()
  })
  return { store, tenant, channel: end(id), other: end(otherId), id, otherId }
})

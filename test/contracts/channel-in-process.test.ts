import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { newId } from '#store/id.ts'
import { withStore } from '../database.ts'
import { channelContract, fingerprints } from './channel.ts'
import { makeScanTenant, readContent } from './scan-world.ts'

channelContract('in one process', async (context) => {
  const { store } = await withStore(context)
  const knowledge = await readContent(store)
  const tenant = await makeScanTenant(store)
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge, fingerprints: () => fingerprints })
  const [id, otherId] = [newId(), newId()]
  for (const one of [id, otherId]) await store.platform((tx) => registerBuiltIn(tx, one, 'Built-in', 4, Date.now()))
  const end = (one: string) => platform.of({ id: one, tenant: null, network: null })
  context.after(() => platform.stop())
  return { store, tenant, channel: end(id), other: end(otherId), id, otherId }
})

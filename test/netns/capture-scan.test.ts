import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { contains, parseIpSet, subtract } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import type { Packet } from './capture.ts'
import { openWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await openWorld()
})
after(() => world?.close())

const node = [process.execPath, '--disable-warning=ExperimentalWarning'] as const
const own = ['10.77.0.1', 'fd77::1']

/** Packets to where none may go, and packets that claim to come from somebody else. */
function faults(packets: readonly Packet[], targets: string, exclude: string): readonly string[] {
  const scope = subtract(parseIpSet(targets), parseIpSet(exclude))
  const sent = packets.filter(({ kind }) => kind !== 'group')
  return [...new Set(sent.flatMap(({ kind, from, to, port }) => [
    ...(contains(scope, parseIp(to)!) ? [] : [`${kind} to ${to} ${port}`]),
    ...(own.includes(from) ? [] : [`${kind} from ${from}`]),
  ]))]
}

test('a whole scan with everything on sends no packet outside its scope, whatever a target says: redirects, templates, calls back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-capture-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const library = world.scanner.spawn(node[0], [node[1]!, fileURLToPath(new URL('../../src/main.ts', import.meta.url)), 'kb', 'import', fileURLToPath(new URL('../feeds/nuclei-templates', import.meta.url)), '--data', folder])
  library.stdout.resume()
  let said = ''
  library.stderr.on('data', (part: Buffer) => (said += part.toString()))
  assert.deepEqual(await once(library, 'close'), [0, null], said)
  const tempter = await world.host(['10.77.0.50/24', 'fd77::50/64'])
  const child = tempter.spawn(node[0], [node[1]!, fileURLToPath(new URL('load-tempter.ts', import.meta.url)), '10.77.0.51', '10.77.0.60', 'fd77::51'])
  await once(child.stdout, 'data')
  // It is there, in the range, and excluded; another is there and was not named.
  const neighbour = await world.host(['10.77.0.51/24', 'fd77::51/64'])
  await neighbour.serve(80, 'web')
  const stranger = await world.host(['10.77.0.60/24'])
  await stranger.serve(80, 'web')
  const targets = '10.77.0.48-55,fd77::50-fd77::52'
  const exclude = '10.77.0.51,fd77::51'
  const packets = await world.captured(async () => {
    const { code, err, findings } = await world.scan([...targets.split(','), '--exclude', exclude, '--templates', 'all', '--intrusive', '--data', folder, '--callback', '10.77.0.1', '--ports', '21,22,80,443,6379,8080', '--udp', '53,123,161'])
    assert.ok(code === 0 || code === 3, err)
    assert.ok(JSON.stringify(findings).includes('Example Gadget - Path Traversal'), 'templates were sent')
  })
  assert.deepEqual(faults(packets, targets, exclude), [])
  const reached = (kind: Packet['kind'], to: string): number => packets.filter((packet) => packet.kind === kind && packet.to === to).length
  assert.ok(reached('tcp', '10.77.0.50') > 100 && reached('tcp', 'fd77::50') > 100 && reached('udp', '10.77.0.50') > 0, 'the scan was a whole one')
  assert.ok(reached('arp', '10.77.0.53') > 0 && reached('neighbour', 'fd77::52') > 0, 'who keeps silent was asked for')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runnableLibrary, runnableLifecycle } from './runnable.ts'

const life = (key: string, cycle: string) => ({ record: 'lifecycle', key, title: key, category: 'other', cpe: [], purl: [], cycles: [{ cycle }] }) as const
const library = { record: 'library', key: 'x', uri: [], filename: [], content: [], contentReplace: [], hashes: {}, skipped: ['func'] } as const

test('a life cycle runs when its product and its versions can be told', () => {
  assert.equal(runnableLifecycle(life('acme', '1.2'), [['cpe', 'acme:httpd']]), null)
  assert.equal(runnableLifecycle(life('debian', '12'), []), null)
  assert.match(runnableLifecycle(life('phone', '12'), [])!, /no product/)
  assert.match(runnableLifecycle(life('acme', '1.2'), [['Red Hat', 'acme']])!, /no product/)
  assert.match(runnableLifecycle(life('windows', '11-25h2-e'), [['cpe', 'microsoft:windows']])!, /named as/)
})

test('a library runs when what a server sends tells it', () => {
  assert.equal(runnableLibrary({ ...library, uri: ['x'] }), null)
  assert.match(runnableLibrary(library)!, /browser/)
})

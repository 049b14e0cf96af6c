import { registerHooks, type LoadFnOutput } from 'node:module'

/**
 * postgres.js 3.4.9 with two lines of its connection mended as it is loaded (github.com/porsager/postgres issues 1066, 1154, 1208; docs/decisions/037-driver.md).
 * When a connection dies between a write's being put off to the next turn and that turn, the put-off write met no socket: an exception that nobody can catch ended the
 * program. And what had been put off stayed for the connection made anew, which then waited for ever. With another version of the package this says so instead
 * of mending in the dark.
 */
const mends: readonly (readonly [string, string])[] = [
  [
    'const x = socket.write(chunk, fn)',
    `if (socket === null) {
      nextWriteTimer !== null && clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return false
    }
    const x = socket.write(chunk, fn)`,
  ],
  ["clearImmediate(nextWriteTimer)\n    socket.removeListener('data', data)", "clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener('data', data)"],
  ['clearImmediate(nextWriteTimer)\n    if (socket) {', 'clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    if (socket) {'],
]

function mended(loaded: LoadFnOutput): LoadFnOutput {
  let source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array)
  for (const [found, instead] of mends) {
    if (source.split(found).length !== 2) throw new Error('src/store/driver.ts mends postgres.js 3.4.9; this is another version: see whether it still needs mending.')
    source = source.replace(found, () => instead)
  }
  return { ...loaded, source }
}

const hooks = registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    return url.endsWith('/postgres/src/connection.js') ? mended(loaded) : loaded
  },
})
const { default: driver } = await import('postgres')
hooks.deregister()

export const postgres = driver

import { registerHooks, type LoadFnOutput } from 'node:module'

/**
 * postgres.js 3.4.9, mended in a few places as it is loaded: docs/decisions/037-driver.md says what was seen, and that it is known upstream. All of them are
 * about a connection that dies while somebody holds it. With another version of the package this says so instead of mending in the dark.
 */
const lost = "Errors.connection('CONNECTION_CLOSED', options)"
const mends: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'connection.js': [
    // A write that was put off to the next turn met no socket: an exception that nobody can catch.
    ['const x = socket.write(chunk, fn)', `if (socket === null) {
      nextWriteTimer !== null && clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(${lost})
      return false
    }
    const x = socket.write(chunk, fn)`],
    // What was asked between a connection's error and its close was told nothing, or, when the connection was made anew, that it had been done.
    ['!hadError && (query || sent.length) && error(', ';(query || sent.length) && error('],
    // What had been put off stayed for the connection made anew, which then never spoke.
    ["clearImmediate(nextWriteTimer)\n    socket.removeListener('data', data)", "clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener('data', data)"],
    // What a new connection asks for itself, the types of arrays, was nobody's: its failure ended the program. Who waits for the connection is told anyway.
    ['return fetchArrayTypes()', 'return fetchArrayTypes().catch(noop)'],
    ['clearImmediate(nextWriteTimer)\n    if (socket) {', 'clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    if (socket) {'],
  ],
  'index.js': [
    // Who held a connection that died went on using it, though it was somebody else's by then, and gave it back once more.
    ['c.reserved = () => queue.length', 'const own = c.reserved = () => queue.length'],
    ['sql.release = () => {\n', 'sql.release = () => {\n      if (c.reserved !== own) return\n'],
    ['function handler(q) {\n      c.queue === full\n        ? queue.push(q)', `function handler(q) {\n      if (c.reserved !== own) return q.reject(${lost})\n      c.queue === full\n        ? queue.push(q)`],
    ['      , connection\n      , prepare = null', '      , connection\n      , own\n      , prepare = null'],
    ['c.reserved = () => queries.length', 'own = c.reserved = () => queries.length'],
    ['q.catch(e => uncaughtError || (uncaughtError = e))\n', `q.catch(e => uncaughtError || (uncaughtError = e))\n        if (c.reserved !== own) return q.reject(${lost})\n`],
  ],
}

function mended(loaded: LoadFnOutput, file: string): LoadFnOutput {
  let source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array)
  for (const [found, instead] of mends[file]!) {
    if (source.split(found).length !== 2) throw new Error('src/store/driver.ts mends postgres.js 3.4.9; this is another version: see whether it still needs mending.')
    source = source.replace(found, () => instead)
  }
  return { ...loaded, source }
}

const hooks = registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const file = /\/postgres\/src\/(connection|index)\.js$/.exec(url)?.[1]
    return file === undefined ? loaded : mended(loaded, `${file}.js`)
  },
})
const { default: driver } = await import('postgres')
hooks.deregister()

export const postgres = driver

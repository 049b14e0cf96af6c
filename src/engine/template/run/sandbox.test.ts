import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from './names.ts'
import { runScript, type ScriptCall } from './sandbox.ts'

/** Runs a script with blocks that answer as told, and says what it did. */
async function run(source: string, answer: (call: ScriptCall, values: Map<string, Value>) => boolean = () => true): Promise<Readonly<{ failed: string | null; calls: string[]; values: Map<string, Value> }>> {
  const values = new Map<string, Value>([['list', ['a', 'b']], ['one', 'x']])
  const calls: string[] = []
  const failed = await runScript(source, {
    protocols: ['http', 'dns'],
    template: () => values,
    set: (name, value) => void values.set(name, value),
    async call(call) {
      calls.push(`${call.protocol}(${call.ids.join()})`)
      return { matched: answer(call, values), template: values }
    },
  })
  return { failed, calls, values }
}

test('blocks are called once each, in order, with what was set before', async () => {
  const seen: string[] = []
  const { failed, calls } = await run('for (const each of iterate(template.list, "c")) { set("each", each); if (each !== "b") http(2) }; dns("named", 3); http()', (_, values) => seen.push(String(values.get('each'))) > 0)
  assert.equal(failed, null)
  assert.deepEqual(calls, ['http(2)', 'http(2)', 'dns(named,3)', 'http()'])
  assert.deepEqual(seen, ['a', 'c', 'c', 'c'])
})

test('what a block gave is there after it, and what a script catches changes nothing', async () => {
  const first = await run('http(1); if (template.found === "yes") http(2); else http(3)', (call, values) => values.set('found', call.ids[0] === '1' ? 'yes' : 'no').size > 0)
  assert.deepEqual(first.calls, ['http(1)', 'http(2)'])
  const caught = await run('let ok = false; try { ok = http(1) } catch (error) { http(9) }; if (ok) http(2)')
  assert.deepEqual([caught.failed, caught.calls], [null, ['http(1)', 'http(2)']])
  const duplicates = await run('const seen = new Dedupe(); seen.Add(template.list, "a"); for (const one of seen.Values()) { set("one", one); http(1) }')
  assert.equal(duplicates.calls.length, 2)
})

test('endless scripts, memory without end, deep recursion and too many blocks end, and say so', async () => {
  assert.match((await run('while (true) {}')).failed!, /interrupted/)
  assert.match((await run('const all = []; for (;;) all.push("x".repeat(1e6) + all.length)')).failed!, /memory|interrupted/)
  assert.match((await run('const f = () => f() + 1; f()')).failed!, /stack|recursion/i)
  const many = await run('for (;;) http(1)')
  assert.match(many.failed!, /more than 64 blocks/)
  assert.equal(many.calls.length, 64)
  assert.match((await run('nothing.here()')).failed!, /nothing/)
})

test('nothing of the world outside is to be had', async () => {
  const { failed, values } = await run('set("has", ["process", "require", "fetch", "XMLHttpRequest", "WebSocket", "std", "os", "__ask", "__set", "scriptArgs"].filter((name) => typeof globalThis[name] !== "undefined")); set("time", [Date.now() === new Date().getTime(), Math.random() === Math.random()].join()); http(1)')
  assert.equal(failed, null)
  assert.deepEqual([values.get('has'), values.get('time')], [[], 'true,true'])
})

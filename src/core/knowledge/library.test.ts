import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileLibraries, literalIn } from './library.ts'
import type { Library } from './record.ts'

const version = '[0-9][0-9.a-z_\\-]+'
const library = (key: string, more: Partial<Library>): Library => ({ record: 'library', key, uri: [], filename: [], content: [], contentReplace: [], hashes: {}, skipped: [], ...more })
const find = compileLibraries([
  library('jquery', { uri: [`/(${version})/jquery(\\.min)?\\.js`], filename: [`jquery-(${version})(\\.min)?\\.js`], content: [`/\\*!? jQuery v(${version})`] }),
  library('acme', { contentReplace: [`/acme=\\[(\\d+),(\\d+)\\]/$1.$2/`] }),
])
const html = (body: string) => find({ path: '/', contentType: 'text/html', body }).map((one) => [one.name, one.version, one.by])

test('scripts of a page are recognised by address and by name of file, and inline text by its content', () => {
  assert.deepEqual(html('<script src="//cdn.example/ajax/1.8.3/jquery.min.js"></script>'), [['jquery', '1.8.3', 'address']])
  assert.deepEqual(html('<SCRIPT defer src=/js/jquery-3.4.1.min.js?v=2></SCRIPT>'), [['jquery', '3.4.1', 'address']])
  assert.deepEqual(html('<script>/*! jQuery v2.1.0 | x */</script><script src="/2.1.0/jquery.js"></script>'), [['jquery', '2.1.0', 'content']])
  assert.deepEqual(html('<script>var acme=[4,17]</script>'), [['acme', '4.17', 'content']])
  const [used] = find({ path: '/static/app.js', contentType: 'application/javascript; charset=utf-8', body: '/* jQuery v1.12.4 */' })
  assert.deepEqual([used?.version, used?.text], ['1.12.4', '/* jQuery v1.12.4'])
})

test('what only talks about a library does not use it', () => {
  assert.deepEqual(html('<p>/*! jQuery v2.1.0 */ and /1.8.3/jquery.min.js</p><script>run()</script>'), [])
  assert.deepEqual(html('<a href="/1.8.3/jquery.min.js">old</a><script src="/js/jquery.min.js"></script>'), [])
  assert.deepEqual(html('<script src="/js/myjquery-3.4.1.min.js.map"></script>'), [])
  assert.deepEqual(find({ path: '/1.8.3/jquery.js', contentType: 'application/json', body: '{}' }), [])
})

test('a page full of scripts ends', () => {
  assert.ok(html(`${'<script src="/1.8.3/jquery.js"></script>'.repeat(5000)}<script`).length === 1)
  assert.deepEqual(html('<script '.repeat(8000)), [])
})

test('the text that a pattern must hold is found, and none where it may be absent', () => {
  assert.equal(literalIn(`/\\*!? jQuery v(${version})`), ' jQuery v')
  assert.equal(literalIn('a|b'), '')
  assert.equal(literalIn('abc?'), 'ab')
  assert.equal(literalIn('(?:abc|d)x{2}yz'), 'yz')
  assert.equal(literalIn('[abc]\\d\\x41'), '')
})

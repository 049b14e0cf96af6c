import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proseBlocks, proseInlines } from './prose.ts'

test('lines of a configuration are code, sentences around them are not', () => {
  assert.deepEqual(proseBlocks('Put this in redis.conf:\n  bind 127.0.0.1\n  requirepass <long>\nRestart it.'), [
    { kind: 'text', text: 'Put this in redis.conf:' },
    { kind: 'code', text: 'bind 127.0.0.1\nrequirepass <long>' },
    { kind: 'text', text: 'Restart it.' },
  ])
  assert.deepEqual(proseBlocks('In mongod.conf:\n  security:\n    authorization: enabled')[1], { kind: 'code', text: 'security:\n  authorization: enabled' })
})

test('a line that an editor wrapped goes on; one that ends does not', () => {
  const long = 'A line that is as long as the editor of its author lets it be, so that it ends in the'
  assert.deepEqual(proseBlocks(`${long}\nmiddle.\nNext.`), [{ kind: 'text', text: `${long} middle.\nNext.` }])
})

test('advisories are Markdown: headings, lists, fences; a fence that never closes ends with the text', () => {
  assert.deepEqual(proseBlocks('### Impact\nBad.\n\n* one\n  goes on\n* two\n\n```sh\nnpm i\n'), [
    { kind: 'heading', text: 'Impact' },
    { kind: 'text', text: 'Bad.' },
    { kind: 'list', items: ['one goes on', 'two'] },
    { kind: 'code', text: 'npm i\n' },
  ])
})

test('links lead to http alone, and never swallow the full stop', () => {
  assert.deepEqual(proseInlines('See [here](https://a.example/x) and https://b.example/y.'), [
    { kind: 'text', text: 'See ' },
    { kind: 'link', text: 'here', href: 'https://a.example/x' },
    { kind: 'text', text: ' and ' },
    { kind: 'link', text: 'https://b.example/y', href: 'https://b.example/y' },
    { kind: 'text', text: '.' },
  ])
  assert.deepEqual(proseInlines('[no](javascript:alert(1))'), [{ kind: 'text', text: '[no](javascript:alert(1))' }])
  assert.deepEqual(proseInlines('run `a b` **now**'), [
    { kind: 'text', text: 'run ' }, { kind: 'code', text: 'a b' }, { kind: 'text', text: ' ' }, { kind: 'strong', text: 'now' },
  ])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { templateTree } from '#formats/feed/nuclei/template.ts'
import { compileTemplate } from './compile.ts'
import { planWords } from './words.ts'

function words(text: string): string {
  const plan = compileTemplate(templateTree(text), () => null)
  assert.ok('blocks' in plan, JSON.stringify(plan))
  return planWords(plan)
}

const info = 'info:\n  name: Gadget\n  author: somebody\n  severity: high\n  tags: gadget\n'

test('a template is told in words: what it sends, what it does to a target, and when it fires', () => {
  assert.equal(words(`id: gadget
${info}http:
  - method: GET
    path: ["{{BaseURL}}/admin?é=1"]
    matchers-condition: and
    matchers:
      - {type: word, part: body, words: ["gadget", "version"], condition: and}
      - {type: status, status: [200, 201]}
      - {type: word, part: header, words: ["nginx"], negative: true}
      - {type: dsl, dsl: ["len(body) > 10 && contains(body, 'x')"]}
`), `It asks and changes nothing.
It sends at most 1 request.

Sends over HTTP:
  GET /admin?é=1
It fires when all of these hold:
  the body contains “gadget” and “version”
  the status is 200 or 201
  the header does not contain “nginx”
  (len(body) > 10) && contains(body, "x")`)
})

test('written requests are told by their first line and what they carry; a call back is told', () => {
  const told = words(`id: raw-gadget
${info}http:
  - raw:
      - |
        POST /run HTTP/1.1
        Host: {{Hostname}}
        Content-Type: text/plain

        ping={{interactsh-url}}
    matchers:
      - {type: word, part: interactsh_protocol, words: ["dns"]}
`)
  assert.match(told, /POST \/run {2}with “ping=\{\{interactsh-url\}\}”/)
  assert.match(told, /needs the listener for calls back/)
})

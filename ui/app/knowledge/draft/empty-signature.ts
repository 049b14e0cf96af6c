/** What a new draft begins with: every field that a signature needs, to be filled in (docs/new-signature.md). */
export function emptySignature(): string {
  return `- id: 0                           # a free number from the block of its family
  title: ""                       # says what is true, not what might be
  category: ""
  severity: 3                     # 1 minimal, 2 medium, 3 serious, 4 critical, 5 urgent
  type: confirmed                 # confirmed, potential, information
  on: service
  when:
    all:
      - { field: name, is: "" }
  result: ""                      # {field} shows what was seen
  threat: ""
  impact: ""
  solution: ""
  references: []
  products: []
  published: "${new Date().toISOString().slice(0, 10)}"
  fires:                          # it must fire on each of these
    - { name: "" }
  spares:                         # and on none of these
    - { name: "" }
`
}

/** A sound check as its author writes it: fires on an invented service. */
export const ledgerCheck = (more: Readonly<{ id?: number; version?: number; when?: string; fires?: string; spares?: string; also?: string }> = {}): string => `- id: ${more.id ?? 9000001}
  version: ${more.version ?? 1}
  title: Ledger answers without a login
  category: Network services
  severity: 4
  type: confirmed
  on: service
  when: ${more.when ?? '{ all: [{ field: name, is: ledger }, { field: facts.open, is: true }] }'}
  result: "ledger answered, entries: {facts.entries}"
  cvss: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
  threat: Everybody reads the ledger.
  impact: Its entries leak.
  solution: Ask for a login in the settings of the ledger, and bind it to an inner address.
  references: ["https://example.org/ledger"]
  published: "2026-11-24"
${more.also ?? ''}  fires:
    - ${more.fires ?? '{ name: ledger, facts: { open: true, entries: 3 } }'}
  spares:
    - ${more.spares ?? '{ name: ledger, facts: { open: false } }'}
`

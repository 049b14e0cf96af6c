/** What a person is in one organisation. Scope (units and asset groups) narrows it further: see actor.ts. */
export const roles = [
  'manager', 'unit_manager', 'scanner', 'reader', 'auditor', 'remediation_user', 'knowledgebase_only', 'user_administrator', 'contact',
] as const
export type Role = (typeof roles)[number]

/** Each action with the words that finish "Your role does not allow you to …". */
export const actions = {
  'organisation.read': 'see this organisation',
  'organisation.edit': 'change this organisation',
  'people.read': 'see the people of this organisation',
  'people.manage': 'manage people',
  'unit.manage': 'manage business units',
  'audit.read': 'read the audit log',
  'token.own': 'make API tokens',
  'token.manage': 'manage the API tokens of others',
  'kb.read': 'read the KnowledgeBase',
  'kb.edit': 'change what a check means for the whole organisation',
  'list.edit': 'change search lists',
  'asset.read': 'see assets',
  'asset.edit': 'change assets',
  'asset.exclude': 'exclude addresses from scanning',
  'group.edit': 'change asset groups',
  'network.edit': 'change networks',
  'finding.read': 'see findings',
  'finding.ignore': 'ignore findings',
  'finding.verify': 'test findings again',
  'scan.read': 'see scans',
  'scan.launch': 'start scans',
  'scan.control': 'pause, resume or stop scans',
  'schedule.edit': 'change schedules',
  'profile.edit': 'change option profiles',
  'scanner.read': 'see scanners',
  'scanner.manage': 'manage scanners',
  'credential.manage': 'manage credentials',
  'report.read': 'see reports',
  'report.create': 'make reports',
  'compliance.read': 'see compliance results',
  'compliance.edit': 'change compliance policies',
  'ticket.read': 'see tickets',
  'ticket.edit': 'work on tickets',
} as const
export type Action = keyof typeof actions

const everything = Object.keys(actions) as Action[]
const own: readonly Action[] = ['organisation.read', 'token.own', 'kb.read']
const looking: readonly Action[] = ['asset.read', 'finding.read', 'scan.read', 'scanner.read', 'report.read', 'report.create', 'ticket.read']
const scanning: readonly Action[] = ['scan.launch', 'scan.control', 'schedule.edit', 'finding.verify', 'ticket.edit']

/** Role × action. An auditor sees compliance data and the audit log, and no vulnerability data; a contact only receives mail. */
const table: Readonly<Record<Role, ReadonlySet<Action>>> = {
  manager: new Set(everything),
  unit_manager: new Set([
    ...own, ...looking, ...scanning, 'people.read', 'people.manage', 'asset.edit', 'asset.exclude', 'group.edit', 'finding.ignore',
    'profile.edit', 'list.edit', 'credential.manage', 'compliance.read',
  ]),
  scanner: new Set([...own, ...looking, ...scanning]),
  reader: new Set([...own, ...looking]),
  auditor: new Set([...own, 'audit.read', 'compliance.read', 'compliance.edit', 'report.read', 'report.create']),
  remediation_user: new Set([...own, 'ticket.read', 'ticket.edit']),
  knowledgebase_only: new Set(own),
  user_administrator: new Set([...own, 'people.read', 'people.manage', 'unit.manage', 'group.edit', 'token.manage']),
  contact: new Set(),
}

export function can(role: Role, action: Action): boolean {
  return table[role].has(action)
}

/** All that a role may do, for the console, which hides what would be refused. */
export function actionsOf(role: Role): readonly Action[] {
  return everything.filter((action) => table[role].has(action))
}

/** Whether a holder of `giver` may give, change or take away `role`: a user administrator makes no administrators, a unit manager no equals above. */
export function mayGrant(giver: Role, role: Role): boolean {
  if (giver === 'manager') return true
  if (giver === 'user_administrator') return role !== 'manager' && role !== 'user_administrator'
  if (giver === 'unit_manager') return ['scanner', 'reader', 'remediation_user', 'knowledgebase_only', 'contact'].includes(role)
  return false
}

/** Whether `limited` can do nothing that `full` cannot: a token's role must not exceed its maker's. */
export function within(limited: Role, full: Role): boolean {
  return [...table[limited]].every((action) => table[full].has(action))
}

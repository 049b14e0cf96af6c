export const searchListErrors = {
  'list.nothing': { status: 400, text: 'Say what the list holds: numbers of checks and CVE ids, or a query over checks.' },
  'list.bad_number': { status: 400, text: '"{value}" is neither the number of a check nor a CVE id.' },
  'list.too_long': { status: 400, text: 'The list names {count} checks, at most {most}.' },
  'list.too_many': { status: 409, text: 'There are {most} search lists already, as many as one organisation may have.' },
  'list.name_taken': { status: 409, text: 'There is a search list named "{name}" already.' },
  'list.shipped': { status: 409, text: 'The search list "{name}" is shipped with Vigil and stays as it is. Make your own with its query.' },
  'list.kind': { status: 400, text: 'The search list "{name}" stays what it is: a static one names checks, a dynamic one has a query.' },
  'list.nested': { status: 400, text: 'The query of a search list cannot name another list.' },
  'list.in_use': { status: 409, text: 'The search list "{name}" is used by {where}. Take it out there first.' },
  'list.empty': { status: 422, text: 'The search lists of the option profile "{name}" hold no check at this moment, so there is nothing to look for.' },
} as const

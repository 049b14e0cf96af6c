export const findingErrors = {
  'query.malformed': { status: 400, text: 'The query cannot be read at character {position}: {why}.' },
  'query.unknown_field': { status: 400, text: 'There is no field "{field}" here. Fields are {known}.' },
  'query.bad_value': { status: 400, text: '"{value}" is no value of "{field}": {expected}.' },
  'query.too_long': { status: 400, text: 'The query has {count} terms, at most {most}.' },
  'finding.nothing_selected': { status: 400, text: 'Say which findings: by id, or by a query.' },
  'finding.too_many': { status: 400, text: '{count} findings match, at most {most} can be changed at once. Narrow the query.' },
  'finding.until_past': { status: 400, text: 'The end of the ignore, {until}, is not in the future.' },
  'finding.not_registered': { status: 409, text: 'The host of this finding is not registered any more, so it cannot be tested.' },
  'finding.no_proof': { status: 404, text: 'No bytes are kept of this finding: it was decided by a version, or by a scanner that did not send them. The next test of it will tell.' },
} as const

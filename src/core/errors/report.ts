export const reportErrors = {
  'report.not_ready': { status: 409, text: 'The report "{title}" is {state}; it can be fetched once it is finished.' },
  'report.too_many': { status: 409, text: 'There are {count} reports waiting already, at most {most} at once. Wait for one to finish.' },
} as const

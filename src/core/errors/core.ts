export const coreErrors = {
  'internal': { status: 500, text: 'Something went wrong on our side. Reference {reference}.' },
  'not_found': { status: 404, text: 'There is no {what} {id}.' },
  'forbidden': { status: 403, text: 'Your role does not allow you to {action}.' },
  'invalid': { status: 400, text: '{what}' },
  'conflict': { status: 409, text: '{what}' },
  'too_large': { status: 413, text: '{what} is too large: {size}, at most {most}.' },
  'rate_limited': { status: 429, text: 'Too many requests. Try again in {seconds} s.' },
  'usage': { status: 400, text: '{what}' },
} as const

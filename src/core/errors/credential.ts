export const credentialErrors = {
  'credential.title_taken': { status: 409, text: 'There is an authentication record named "{title}" already.' },
  'credential.incomplete': { status: 400, text: 'The record lacks {what}.' },
  'credential.no_targets': { status: 400, text: 'Say where the login may be used: addresses, ranges, host names or asset groups. It is tried nowhere else.' },
  'credential.out_of_scope': { status: 403, text: 'The targets reach beyond the asset groups that are yours.' },
  'credential.too_many': { status: 409, text: 'There are {most} authentication records already, as many as one organisation may have.' },
} as const

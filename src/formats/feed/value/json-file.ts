import { fail } from '#core/errors.ts'

const utf8 = new TextDecoder()

/** Text of a file; what is no UTF-8 becomes U+FFFD. */
export function decoded(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/** The JSON a feed consists of. Throws `feed.format` when it is none: `what` names the feed for people. */
export function parsedJson(path: string, what: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoded(bytes))
  } catch (error) {
    return fail('feed.format', { path, what, problem: error instanceof Error ? error.message : 'it is no JSON' })
  }
}

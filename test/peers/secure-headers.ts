/** What a careful web server sends with every page. */
export const secureHeaders: readonly (readonly [string, string])[] = [
  ['X-Frame-Options', 'DENY'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'"],
  ['Referrer-Policy', 'no-referrer'],
]

/** What people agree to when they register addresses; kept with each declaration, word by word. Shown by the console, checked by the platform. */
export const authorityStatement = 'I am the owner of these addresses, or hold the owner’s written permission to test them.'

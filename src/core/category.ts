/** What a signature is about: the shelf of the KnowledgeBase on which a reader looks for it. */
export const categories = [
  'Databases and stores',
  'Containers and clusters',
  'File services',
  'Host configuration',
  'Mail',
  'Messaging',
  'Monitoring and management',
  'Naming and directory',
  'Network services',
  'Remote access',
  'SSH',
  'TLS and certificates',
  'Unsupported software',
  'Web application',
  'Web server',
] as const

export type Category = (typeof categories)[number]

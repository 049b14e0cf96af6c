/** A user and password that a product ships with, or that its handbook shows. Public knowledge: never a word list, never what people choose. */
export type Pair = readonly [user: string, password: string]

/**
 * Where a product asks for a login, and what it ships with. `path`: a page over HTTP that answers 401 to strangers and 200 to the pair by HTTP Basic; `proves`: what only
 * the page behind the login says. At most `mostTries` pairs, none twice for the same account more than `mostTriesOfAccount` times.
 */
export type DefaultLogin = Readonly<{ product: string; pairs: readonly Pair[]; over: 'ftp' | 'redis' } | { product: string; pairs: readonly Pair[]; over: 'basic'; path: string; proves: RegExp }>

export const mostTries = 6
export const mostTriesOfAccount = 3

export const defaultLogins: readonly DefaultLogin[] = [
  { product: 'Apache Tomcat', over: 'basic', path: '/manager/text/serverinfo', proves: /^OK - |Tomcat Version/, pairs: [['tomcat', 'tomcat'], ['tomcat', 's3cret'], ['admin', 'admin']] },
  { product: 'RabbitMQ management', over: 'basic', path: '/api/whoami', proves: /"name"\s*:\s*"/, pairs: [['guest', 'guest']] },
  { product: 'Grafana', over: 'basic', path: '/api/user', proves: /"login"\s*:\s*"/, pairs: [['admin', 'admin']] },
  { product: 'ActiveMQ', over: 'basic', path: '/admin/', proves: /ActiveMQ/, pairs: [['admin', 'admin'], ['user', 'user']] },
  { product: 'Nexus Repository', over: 'basic', path: '/service/rest/v1/status/check', proves: /"healthy"\s*:/, pairs: [['admin', 'admin123']] },
  { product: 'SonarQube', over: 'basic', path: '/api/users/current', proves: /"isLoggedIn"\s*:\s*true/, pairs: [['admin', 'admin']] },
  { product: 'Elasticsearch', over: 'basic', path: '/_security/_authenticate', proves: /"username"\s*:\s*"/, pairs: [['elastic', 'changeme']] },
  { product: 'CouchDB', over: 'basic', path: '/_session', proves: /"name"\s*:\s*"[^"]/, pairs: [['admin', 'admin'], ['admin', 'password']] },
  { product: 'Redis', over: 'redis', pairs: [['default', 'foobared']] },
  { product: 'ftp', over: 'ftp', pairs: [['admin', 'admin'], ['root', 'root'], ['ftpuser', 'ftpuser']] },
]

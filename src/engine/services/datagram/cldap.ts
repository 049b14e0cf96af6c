import type { UdpService } from '../../service.ts'
import { ldapSearch, readLdap } from '../directory/ldap-message.ts'
import { amplification } from './amplification.ts'

/**
 * LDAP without connections, as domain controllers speak it: asks for the root entry.
 * Facts: see FACTS.md. Reproduce: `ldapsearch -x -H cldap://HOST -s base -b ''`. Source: RFC 1798, MS-ADTS 6.3.3.
 */
export const cldap: UdpService = {
  name: 'cldap',
  ports: [389],
  async look({ ask }) {
    const question = ldapSearch(1, '', 0, ['namingContexts', 'defaultNamingContext', 'dnsHostName', 'supportedLDAPVersion'], 1)
    const { answers, evidence } = await ask([question])
    const message = readLdap(answers[0]!)
    if (message === null || message.id !== 1 || (message.type !== 'entry' && message.type !== 'done')) return null
    const attributes = message.type === 'entry' ? message.attributes : new Map<string, readonly string[]>()
    return {
      facts: { rootEntry: message.type === 'entry', namingContexts: (attributes.get('namingcontexts') ?? []).slice(0, 32), hostname: attributes.get('dnshostname')?.[0] ?? null, amplification: amplification(question, answers) },
      evidence,
    }
  },
}

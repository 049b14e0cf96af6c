import type { Category } from '#core/category.ts'
import type { Template } from '#core/knowledge/record.ts'

const byTag: readonly (readonly [RegExp, Category])[] = [
  [/^(docker|kubernetes|k8s|devops-containers?)$/, 'Containers and clusters'],
  [/^(mysql|postgres|postgresql|mongodb|redis|elasticsearch|couchdb|cassandra|mssql|oracle-db|memcached)$/, 'Databases and stores'],
  [/^(ftp|smb|nfs|rsync)$/, 'File services'],
  [/^(smtp|imap|pop3|exchange|mail)$/, 'Mail'],
  [/^(rabbitmq|mqtt|kafka|activemq)$/, 'Messaging'],
  [/^(grafana|prometheus|zabbix|nagios|kibana|monitoring)$/, 'Monitoring and management'],
  [/^(ldap|dns)$/, 'Naming and directory'],
  [/^(rdp|vnc|telnet)$/, 'Remote access'],
  [/^ssh$/, 'SSH'],
  [/^(ssl|tls)$/, 'TLS and certificates'],
  [/^(apache|nginx|iis|tomcat|lighttpd)$/, 'Web server'],
]

/** The shelf a template stands on, by its protocol and tags: templates have none of their own. */
export function templateCategory({ protocols, tags }: Template): Category {
  if (protocols.includes('ssl')) return 'TLS and certificates'
  for (const [pattern, category] of byTag) if (tags.some((tag) => pattern.test(tag))) return category
  return protocols.includes('http') || protocols.includes('headless') ? 'Web application' : protocols.includes('dns') ? 'Naming and directory' : 'Network services'
}

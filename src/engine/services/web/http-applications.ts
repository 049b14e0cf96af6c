import type { HttpRule } from './http-products.ts'

/**
 * An application: the rules by which its root page shows it, and the harmless page that tells its version where the root does
 * not.
 */
export type HttpApplication = Readonly<{
  product: string
  cpe?: string
  shows: readonly Pick<HttpRule, 'from' | 'pattern'>[]
  /** Asked only when a rule matched and told no version. `sure` pages must match too: the rules alone are only a hint. */
  ask?: Readonly<{ path: string; version: RegExp; sure?: boolean }>
}>

export const applications: readonly HttpApplication[] = [
  {
    product: 'Jenkins',
    cpe: 'jenkins:jenkins',
    shows: [
      { from: 'header:x-jenkins', pattern: /^(\d[\w.]*)/ },
      { from: 'header:x-hudson', pattern: /^/ },
    ],
  },
  {
    product: 'GitLab',
    cpe: 'gitlab:gitlab',
    shows: [
      { from: 'cookie', pattern: /^_gitlab_session$/m },
      { from: 'header:x-gitlab-meta', pattern: /^/ },
    ],
  },
  {
    product: 'Gitea',
    cpe: 'gitea:gitea',
    shows: [
      { from: 'body', pattern: /Powered by Gitea\s*<\/a>\s*(?:Version:?\s*)?v?(\d[\w.]{0,16})?/i },
      { from: 'cookie', pattern: /^i_like_gitea$/m },
    ],
    ask: { path: '/api/v1/version', version: /"version"\s*:\s*"(\d[\w.]{0,20})/ },
  },
  { product: 'Gogs', cpe: 'gogs:gogs', shows: [{ from: 'cookie', pattern: /^i_like_gogs$/m }] },
  {
    product: 'Grafana',
    cpe: 'grafana:grafana',
    shows: [
      { from: 'title', pattern: /^Grafana$/ },
      { from: 'body', pattern: /"buildInfo":\{[^}]{0,200}"version":"(\d[\w.]{1,16})/ },
      { from: 'location', pattern: /^(?:https?:\/\/[^/]{1,80})?\/(?:grafana\/)?login$/ },
    ],
    ask: { path: '/api/health', version: /"database"\s*:\s*"[^"]{0,20}"[^}]{0,200}"version"\s*:\s*"(\d[\w.]{1,16})/, sure: true },
  },
  {
    product: 'Kibana',
    cpe: 'elastic:kibana',
    shows: [
      { from: 'header:kbn-version', pattern: /^(\d[\w.]*)/ },
      { from: 'header:kbn-name', pattern: /^/ },
      { from: 'header:kbn-license-sig', pattern: /^/ },
    ],
    ask: { path: '/api/status', version: /"version":\{"number":"(\d[\w.]{1,16})/ },
  },
  {
    product: 'Prometheus',
    cpe: 'prometheus:prometheus',
    shows: [
      { from: 'title', pattern: /^Prometheus Time Series/i },
      { from: 'location', pattern: /^\/(?:graph|query)$/ },
    ],
    ask: { path: '/api/v1/status/buildinfo', version: /"version"\s*:\s*"(\d[\w.]{1,20})"/, sure: true },
  },
  {
    product: 'Alertmanager',
    cpe: 'prometheus:alertmanager',
    shows: [{ from: 'title', pattern: /^Alertmanager$/ }],
    ask: { path: '/api/v2/status', version: /"versionInfo"[^}]{0,300}"version"\s*:\s*"(\d[\w.]{1,20})"/ },
  },
  {
    product: 'Nexus Repository',
    cpe: 'sonatype:nexus_repository_manager',
    shows: [{ from: 'title', pattern: /^(?:Sonatype )?Nexus Repository/i }],
  },
  {
    product: 'SonarQube',
    cpe: 'sonarsource:sonarqube',
    shows: [{ from: 'title', pattern: /^SonarQube/ }],
    ask: { path: '/api/server/version', version: /^(\d+\.\d+[\d.]{0,16})$/ },
  },
  {
    product: 'Confluence',
    cpe: 'atlassian:confluence_data_center',
    shows: [
      { from: 'body', pattern: /name="ajs-version-number" content="(\d[\w.]{1,16})"/i },
      { from: 'header:x-confluence-request-time', pattern: /^/ },
    ],
    ask: { path: '/login.action', version: /name="ajs-version-number" content="(\d[\w.]{1,16})"/i },
  },
  {
    product: 'Jira',
    cpe: 'atlassian:jira',
    shows: [
      { from: 'body', pattern: /name="application-name" content="JIRA"[^>]{0,80}data-version="(\d[\w.]{1,16})"/i },
      { from: 'cookie', pattern: /^atlassian\.xsrf\.token$/m },
      { from: 'location', pattern: /\/secure\/(?:Dashboard|MyJiraHome)\.jspa$/ },
    ],
    ask: {
      path: '/login.jsp',
      version: /name="application-name" content="JIRA"[^>]{0,80}data-version="(\d[\w.]{1,16})"/i,
      sure: true,
    },
  },
  { product: 'Bitbucket', cpe: 'atlassian:bitbucket', shows: [{ from: 'cookie', pattern: /^BITBUCKETSESSIONID$/m }] },
  { product: 'RabbitMQ management', cpe: 'vmware:rabbitmq', shows: [{ from: 'title', pattern: /^RabbitMQ Management$/ }] },
  {
    product: 'Consul',
    cpe: 'hashicorp:consul',
    shows: [
      { from: 'title', pattern: /^Consul\b/ },
      { from: 'header:x-consul-default-acl-policy', pattern: /^/ },
      { from: 'body', pattern: /^Consul Agent/ },
    ],
    ask: { path: '/v1/agent/self', version: /"Version"\s*:\s*"(\d[\w.]{1,16})/ },
  },
  {
    product: 'Vault',
    cpe: 'hashicorp:vault',
    shows: [
      { from: 'title', pattern: /^Vault$/ },
      { from: 'location', pattern: /^\/ui\/$/ },
    ],
    ask: { path: '/v1/sys/health', version: /"sealed"[^}]{0,300}"version"\s*:\s*"(\d[\w.]{1,16})/, sure: true },
  },
  {
    product: 'Traefik',
    cpe: 'traefik:traefik',
    shows: [
      { from: 'title', pattern: /^Traefik$/ },
      { from: 'location', pattern: /^\/dashboard\/$/ },
    ],
    ask: { path: '/api/version', version: /"Version"\s*:\s*"v?(\d[\w.]{1,16})"[^}]{0,80}"Codename"/, sure: true },
  },
  {
    product: 'HAProxy',
    cpe: 'haproxy:haproxy',
    shows: [{ from: 'body', pattern: /HAProxy(?:<\/a>)? version (\d[\w.-]{1,20})/i }],
  },
  {
    product: 'WordPress',
    cpe: 'wordpress:wordpress',
    shows: [
      { from: 'generator', pattern: /^WordPress(?: (\d[\w.]*))?/i },
      { from: 'body', pattern: /\/wp-(?:content|includes)\// },
    ],
  },
  {
    product: 'Drupal',
    cpe: 'drupal:drupal',
    shows: [
      { from: 'header:x-generator', pattern: /^Drupal (\d[\w.]*)/i },
      { from: 'generator', pattern: /^Drupal(?: (\d[\w.]*))?/i },
      { from: 'header:x-drupal-cache', pattern: /^/ },
    ],
    ask: { path: '/core/CHANGELOG.txt', version: /^Drupal (\d+\.\d+\.\d+)/m },
  },
  {
    product: 'Joomla',
    cpe: 'joomla:joomla\\!',
    shows: [{ from: 'generator', pattern: /^Joomla!/i }],
    ask: { path: '/administrator/manifests/files/joomla.xml', version: /<version>(\d[\w.]{1,16})<\/version>/ },
  },
  { product: 'TYPO3', cpe: 'typo3:typo3', shows: [{ from: 'generator', pattern: /^TYPO3(?: CMS)?(?: (\d[\w.]*))?/i }] },
  { product: 'MediaWiki', cpe: 'mediawiki:mediawiki', shows: [{ from: 'generator', pattern: /^MediaWiki (\d[\w.]*)/i }] },
  { product: 'DokuWiki', cpe: 'dokuwiki:dokuwiki', shows: [{ from: 'generator', pattern: /^DokuWiki/i }] },
  {
    product: 'phpMyAdmin',
    cpe: 'phpmyadmin:phpmyadmin',
    shows: [
      { from: 'title', pattern: /phpMyAdmin/ },
      { from: 'cookie', pattern: /^phpMyAdmin$/m },
    ],
    ask: { path: '/', version: /(?:[?&;]v=|PMA_VERSION:")(\d+\.\d+\.\d+)/ },
  },
  {
    product: 'Adminer',
    cpe: 'adminer:adminer',
    shows: [{ from: 'title', pattern: /Adminer/ }],
    ask: { path: '/', version: /class="version">(\d[\w.]{1,12})/ },
  },
  {
    product: 'Nextcloud',
    cpe: 'nextcloud:nextcloud_server',
    shows: [
      { from: 'body', pattern: /data-requesttoken=[^>]{0,400}nextcloud|<title>\s*Nextcloud/i },
      { from: 'title', pattern: /^Nextcloud/ },
      { from: 'cookie', pattern: /^oc_sessionPassphrase$/m },
    ],
    ask: { path: '/status.php', version: /"installed"[^}]{0,200}"versionstring":"(\d[\w.]{1,16})/, sure: true },
  },
  {
    product: 'Roundcube',
    cpe: 'roundcube:webmail',
    shows: [
      { from: 'cookie', pattern: /^roundcube_sessid$/m },
      { from: 'body', pattern: /rcmail\.set_env/ },
    ],
  },
  {
    product: 'Zabbix',
    cpe: 'zabbix:zabbix',
    shows: [
      { from: 'body', pattern: /Zabbix SIA/ },
      { from: 'cookie', pattern: /^zbx_session(?:id)?$/m },
    ],
  },
  { product: 'Nagios', cpe: 'nagios:nagios', shows: [{ from: 'title', pattern: /^Nagios(?: Core)?/ }] },
  {
    product: 'Portainer',
    cpe: 'portainer:portainer',
    shows: [{ from: 'title', pattern: /^Portainer$/ }],
    ask: { path: '/api/status', version: /"Version"\s*:\s*"(\d[\w.]{1,16})"/ },
  },
  { product: 'Harbor', cpe: 'linuxfoundation:harbor', shows: [{ from: 'title', pattern: /^Harbor$/ }] },
  { product: 'Keycloak', cpe: 'redhat:keycloak', shows: [{ from: 'title', pattern: /^Welcome to Keycloak$/i }] },
  {
    product: 'Solr',
    cpe: 'apache:solr',
    shows: [
      { from: 'title', pattern: /^Solr Admin$/ },
      { from: 'location', pattern: /\/solr\/$/ },
    ],
    ask: { path: '/solr/admin/info/system?wt=json', version: /"solr-spec-version"\s*:\s*"(\d[\w.]{1,16})"/, sure: true },
  },
  {
    product: 'ActiveMQ',
    cpe: 'apache:activemq',
    shows: [
      { from: 'title', pattern: /^Apache ActiveMQ$/ },
      { from: 'header:www-authenticate', pattern: /realm="?ActiveMQRealm/i },
    ],
  },
  {
    product: 'Airflow',
    cpe: 'apache:airflow',
    shows: [{ from: 'title', pattern: /Airflow/ }],
    ask: { path: '/api/v1/version', version: /"git_version"[^}]{0,200}"version"\s*:\s*"(\d[\w.]{1,16})/, sure: true },
  },
  {
    product: 'Hadoop',
    cpe: 'apache:hadoop',
    shows: [{ from: 'location', pattern: /\/(?:dfshealth\.html|cluster)$/ }],
    ask: { path: '/ws/v1/cluster/info', version: /"hadoopVersion"\s*:\s*"(\d[\w.]{1,16})/, sure: true },
  },
  {
    product: 'Spark',
    cpe: 'apache:spark',
    shows: [
      { from: 'title', pattern: /^Spark (?:Master|Worker|Jobs)/ },
      { from: 'body', pattern: /class="version"[^>]{0,80}>(\d\.\d\.\d{1,2})<[^]{0,400}Spark Master/ },
    ],
  },
  {
    product: 'Jupyter',
    cpe: 'jupyter:notebook',
    shows: [
      { from: 'title', pattern: /^(?:Jupyter|JupyterLab|Home Page - Select or create a notebook)/ },
      { from: 'location', pattern: /^\/(?:tree|lab)\??/ },
    ],
    ask: { path: '/api', version: /^\{"version"\s*:\s*"(\d[\w.]{1,16})"\}/, sure: true },
  },
  {
    product: 'Kubernetes',
    cpe: 'kubernetes:kubernetes',
    shows: [{ from: 'body', pattern: /"kind"\s*:\s*"Status"[^]{0,200}"apiVersion"\s*:\s*"v1"/ }],
    ask: { path: '/version', version: /"gitVersion"\s*:\s*"v(\d[\w.]{1,16})/ },
  },
  { product: 'VMware ESXi', cpe: 'vmware:esxi', shows: [{ from: 'title', pattern: /VMware ESXi|ID_EESX_Welcome/ }] },
  {
    product: 'VMware vCenter',
    cpe: 'vmware:vcenter_server',
    shows: [
      { from: 'title', pattern: /ID_VC_Welcome/ },
      { from: 'body', pattern: /ID_VC_Welcome/ },
    ],
  },
  {
    product: 'Outlook Web App',
    cpe: 'microsoft:exchange_server',
    shows: [
      { from: 'header:x-owa-version', pattern: /^(\d[\d.]*)/ },
      { from: 'location', pattern: /\/owa\/?$/ },
    ],
  },
  { product: 'Splunk', cpe: 'splunk:splunk', shows: [{ from: 'location', pattern: /\/account\/login\?return_to=/ }] },
  {
    product: 'Cockpit',
    cpe: 'cockpit-project:cockpit',
    shows: [{ from: 'body', pattern: /cockpit\/static\/login|window\.environment = \{[^]{0,200}"page"/ }],
  },
  { product: 'pgAdmin', cpe: 'pgadmin:pgadmin_4', shows: [{ from: 'cookie', pattern: /^PGADMIN_/m }] },
  { product: 'Apache Tomcat', cpe: 'apache:tomcat', shows: [{ from: 'title', pattern: /^Apache Tomcat\/(\d[\w.-]*)/ }] },
]

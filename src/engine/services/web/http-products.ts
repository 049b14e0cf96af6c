import type { ProductRule } from '../product.ts'

/** Where on an answer a product shows itself. `header:NAME` is that header; `cookie` the names of cookies set. */
export type HttpSource = 'server' | 'powered' | 'generator' | 'title' | 'body' | 'cookie' | 'location' | `header:${string}`

/**
 * What a product is to a page: the server that speaks, a library in it, the language or framework behind it, the application
 * itself. Of
 * each layer the first rule that matches is taken.
 */
export type HttpLayer = 'application' | 'framework' | 'language' | 'library' | 'server'
export type HttpRule = ProductRule & Readonly<{ from: HttpSource }>

/** `Server` headers. Order: forks before what they are built on. */
export const serverRules: readonly HttpRule[] = (
  [
    [/^openresty(?:\/(\d[\w.]*))?/i, 'OpenResty', 'openresty:openresty'],
    [/^tengine(?:\/(\d[\w.]*))?/i, 'Tengine', 'alibaba:tengine'],
    [/^angie(?:\/(\d[\w.]*))?/i, 'Angie', null],
    [/^nginx(?:\/(\d[\w.]*))?/i, 'nginx', 'f5:nginx'],
    [/^IBM_HTTP_Server(?:\/(\d[\w.]*))?/i, 'IBM HTTP Server', 'ibm:http_server'],
    [/^Oracle-HTTP-Server(?:[-/](\d[\w.]*))?/i, 'Oracle HTTP Server', 'oracle:http_server'],
    [/^Apache-Coyote\/1/i, 'Apache Tomcat', null],
    [/^Apache Tomcat(?:\/(\d[\w.]*))?/i, 'Apache Tomcat', 'apache:tomcat'],
    [/^Apache(?:\/(\d+\.\d+[\w.]*))?(?![-\w])/, 'Apache httpd', 'apache:http_server'],
    [/^Microsoft-IIS(?:\/(\d[\w.]*))?/i, 'Microsoft IIS', 'microsoft:internet_information_services'],
    [/^Microsoft-HTTPAPI(?:\/(\d[\w.]*))?/i, 'Microsoft HTTPAPI', null],
    [/^Kestrel/i, 'Kestrel', null],
    [/^lighttpd(?:\/(\d[\w.]*))?/i, 'lighttpd', 'lighttpd:lighttpd'],
    [/^(?:OpenLiteSpeed|LSWS)(?:\/(\d[\w.]*))?/i, 'OpenLiteSpeed', 'litespeedtech:openlitespeed'],
    [/^LiteSpeed(?:\/(\d[\w.]*))?/i, 'LiteSpeed', 'litespeedtech:litespeed_web_server'],
    [/^Caddy(?:\/v?(\d[\w.]*))?/i, 'Caddy', 'caddyserver:caddy'],
    [/^Jetty(?:\(|\/)(\d[\w.]*)/i, 'Jetty', 'eclipse:jetty'],
    [/^Jetty/i, 'Jetty', 'eclipse:jetty'],
    [/^Nexus\/(\d[\w.-]*)/i, 'Nexus Repository', 'sonatype:nexus_repository_manager'],
    [/^WildFly(?:\/(\d[\w.]*))?/i, 'WildFly', 'redhat:wildfly'],
    [/^JBoss-EAP(?:\/(\d[\w.]*))?/i, 'JBoss EAP', 'redhat:jboss_enterprise_application_platform'],
    [/^GlassFish Server(?: Open Source Edition)? +(\d[\w.]*)/i, 'GlassFish', 'oracle:glassfish_server'],
    [/^(?:Oracle )?WebLogic(?: Server)?[ /]*(\d[\w.]*)?/i, 'WebLogic', 'oracle:weblogic_server'],
    [/^WebSphere Application Server(?:\/(\d[\w.]*))?/i, 'WebSphere', 'ibm:websphere_application_server'],
    [/^Resin(?:\/(\d[\w.]*))?/i, 'Resin', 'caucho:resin'],
    [/^Payara Server +(\d[\w.]*)/i, 'Payara', 'payara:payara'],
    [/^gunicorn(?:\/(\d[\w.]*))?/i, 'gunicorn', 'gunicorn:gunicorn'],
    [/^Werkzeug(?:\/(\d[\w.]*))?/i, 'Werkzeug', 'palletsprojects:werkzeug'],
    [/^uvicorn/i, 'Uvicorn', 'encode:uvicorn'],
    [/^hypercorn/i, 'Hypercorn', null],
    [/^waitress/i, 'Waitress', 'agendaless:waitress'],
    [/^daphne/i, 'Daphne', null],
    [/^TornadoServer(?:\/(\d[\w.]*))?/i, 'Tornado', 'tornadoweb:tornado'],
    [/^CherryPy(?:\/(\d[\w.]*))?/i, 'CherryPy', null],
    [/^Python\/[\d.]+ aiohttp\/(\d[\w.]*)/i, 'aiohttp', 'aiohttp:aiohttp'],
    [/^(?:SimpleHTTP|BaseHTTP)\/[\d.]+ Python\/(\d[\w.]*)/i, 'Python http.server', 'python:python'],
    [/^Zope\/\(?(?:Zope )?(\d[\w.]*)?/i, 'Zope', 'zope:zope'],
    [/^WEBrick\/(\d[\w.]*)/i, 'WEBrick', 'ruby-lang:webrick'],
    [/^Phusion[_ ]Passenger(?:[ /](\d[\w.]*))?/i, 'Phusion Passenger', 'phusion:passenger'],
    [/^(?:nginx|Apache).{0,40}Phusion[_ ]Passenger[ /](\d[\w.]*)/i, 'Phusion Passenger', 'phusion:passenger'],
    [/^puma(?:[ /](\d[\w.]*))?/i, 'Puma', 'puma:puma'],
    [/^thin(?:[ /](\d[\w.]*))?/i, 'Thin', null],
    [/^Mongrel(?:[ /](\d[\w.]*))?/i, 'Mongrel', null],
    [/^Cowboy/i, 'Cowboy', 'ninenines:cowboy'],
    [/^MochiWeb(?:\/(\d[\w.]*))?/i, 'MochiWeb', null],
    [/^h2o(?:\/(\d[\w.-]*))?/i, 'H2O', 'dena:h2o'],
    [/^(?:istio-)?envoy/i, 'Envoy', 'envoyproxy:envoy'],
    [/^Traefik/i, 'Traefik', 'traefik:traefik'],
    [/^squid(?:\/(\d[\w.]*))?/i, 'Squid', 'squid-cache:squid'],
    [/^tinyproxy(?:\/(\d[\w.]*))?/i, 'Tinyproxy', 'tinyproxy:tinyproxy'],
    [/^Privoxy(?: (\d[\w.]*))?/i, 'Privoxy', 'privoxy:privoxy'],
    [/^ATS(?:\/(\d[\w.]*))?/, 'Apache Traffic Server', 'apache:traffic_server'],
    [/^MinIO(?:[ /](?:Console|RELEASE\.)?([\dTZ:-]+)?)?/i, 'MinIO', 'minio:minio'],
    [/^MiniServ(?:\/(\d[\w.]*))?/i, 'Webmin', 'webmin:webmin'],
    [/^CUPS(?:\/(\d[\w.]*))?/i, 'CUPS', 'openprinting:cups'],
    [/^Splunkd/i, 'Splunk', 'splunk:splunk'],
    [/^CouchDB(?:\/(\d[\w.]*))?/i, 'CouchDB', 'apache:couchdb'],
    [/^InfluxDB(?:\/(\d[\w.]*))?/i, 'InfluxDB', 'influxdata:influxdb'],
    [/^BigIP/i, 'F5 BIG-IP', 'f5:big-ip_local_traffic_manager'],
    [/^xxxxxxxx-xxxxx$/, 'FortiGate', 'fortinet:fortios'],
    [/^RomPager(?:\/(\d[\w.]*))?/i, 'RomPager', 'allegrosoft:rompager'],
    [/^GoAhead-(?:Webs|http)(?:\/(\d[\w.]*))?/i, 'GoAhead', 'embedthis:goahead'],
    [/^Embedthis-(?:http|Appweb)(?:\/(\d[\w.]*))?/i, 'Appweb', 'embedthis:appweb'],
    [/^Boa(?:\/(\d[\w.]*))?/i, 'Boa', 'boa:boa'],
    [/^thttpd(?:\/(\d[\w.]*))?/i, 'thttpd', 'acme:thttpd'],
    [/^mini_httpd(?:\/(\d[\w.]*))?/i, 'mini_httpd', 'acme:mini_httpd'],
    [/^micro_httpd/i, 'micro_httpd', 'acme:micro_httpd'],
    [/^uc-httpd(?: (\d[\w.]*))?/i, 'uc-httpd', 'xiongmaitech:uc-httpd'],
    [/^App-webs/i, 'Hikvision', null],
    [/^Hikvision-Webs|^DNVRS-Webs|^DVRDVS-Webs/i, 'Hikvision', null],
    [/^Cherokee(?:\/(\d[\w.]*))?/i, 'Cherokee', 'cherokee-project:cherokee'],
    [/^Hiawatha(?: v?(\d[\w.]*))?/i, 'Hiawatha', 'hiawatha-webserver:hiawatha'],
    [/^Lotus-Domino(?:\/(\d[\w.]*))?/i, 'Lotus Domino', 'ibm:lotus_domino'],
    [/^Mathopd(?:\/(\d[\w.]*))?/i, 'Mathopd', null],
    [/^Abyss(?:\/(\d[\w.]*))?/i, 'Abyss', 'aprelium:abyss_web_server'],
    [/^Mono(?:\.|-)/i, 'Mono XSP', null],
    [/^Tomcat/i, 'Apache Tomcat', 'apache:tomcat'],
    [/^cloudflare/i, 'Cloudflare', null],
    [/^AkamaiGHost/i, 'Akamai', null],
    [/^AmazonS3/i, 'Amazon S3', null],
  ] as const
).map(([pattern, product, cpe]) => ({ from: 'server', pattern, product, ...(cpe === null ? {} : { cpe }) }))

/** What else tells a server where the `Server` header does not: error pages and headers of its own. */
export const serverPageRules: readonly HttpRule[] = [
  { from: 'header:via', pattern: /\bvarnish(?: \(Varnish\/(\d[\w.]*)\))?/i, product: 'Varnish', cpe: 'varnish-cache:varnish' },
  { from: 'header:x-varnish', pattern: /^\d/, product: 'Varnish', cpe: 'varnish-cache:varnish' },
  { from: 'title', pattern: /^Apache Tomcat\/(\d[\w.-]*)/i, product: 'Apache Tomcat', cpe: 'apache:tomcat' },
  { from: 'body', pattern: /<h3>Apache Tomcat\/(\d[\w.-]{1,20})<\/h3>/i, product: 'Apache Tomcat', cpe: 'apache:tomcat' },
  { from: 'header:x-squid-error', pattern: /^ERR_/, product: 'Squid', cpe: 'squid-cache:squid' },
  { from: 'header:proxy-agent', pattern: /^tinyproxy(?:\/(\d[\w.]*))?/i, product: 'Tinyproxy', cpe: 'tinyproxy:tinyproxy' },
  {
    from: 'body',
    pattern: /Generated by <a href="https:\/\/tinyproxy[^"]{0,40}">tinyproxy<\/a> version (\d[\w.]{1,16})/i,
    product: 'Tinyproxy',
    cpe: 'tinyproxy:tinyproxy',
  },
  { from: 'title', pattern: /^Statistics Report for HAProxy/i, product: 'HAProxy', cpe: 'haproxy:haproxy' },
  { from: 'title', pattern: /^Traefik$/i, product: 'Traefik', cpe: 'traefik:traefik' },
  { from: 'body', pattern: /<hr><center>nginx(?:\/(\d[\w.]{1,12}))?<\/center>/i, product: 'nginx', cpe: 'f5:nginx' },
  {
    from: 'body',
    pattern: /WebLogic Server[^<\d]{0,20}(\d+\.\d[\d.]{0,16})/i,
    product: 'WebLogic',
    cpe: 'oracle:weblogic_server',
  },
]

export const libraryRules: readonly HttpRule[] = [
  { from: 'server', pattern: /\bOpenSSL\/(\d+\.\d+\.\d+[a-z]{0,2})/i, product: 'OpenSSL', cpe: 'openssl:openssl' },
]

export const languageRules: readonly HttpRule[] = [
  { from: 'powered', pattern: /\bPHP(?:\/(\d+\.\d+(?:\.\d+)?))?/i, product: 'PHP', cpe: 'php:php' },
  { from: 'server', pattern: /\bPHP\/(\d+\.\d+(?:\.\d+)?)/i, product: 'PHP', cpe: 'php:php' },
  { from: 'cookie', pattern: /^PHPSESSID$/m, product: 'PHP', cpe: 'php:php' },
  { from: 'header:x-aspnet-version', pattern: /^(\d[\d.]*)/, product: 'ASP.NET', cpe: 'microsoft:asp.net' },
  { from: 'powered', pattern: /ASP\.NET/i, product: 'ASP.NET', cpe: 'microsoft:asp.net' },
  { from: 'server', pattern: /\bPython\/(\d+\.\d+(?:\.\d+)?)/i, product: 'Python', cpe: 'python:python' },
  { from: 'server', pattern: /\bRuby\/(\d+\.\d+(?:\.\d+)?)/i, product: 'Ruby', cpe: 'ruby-lang:ruby' },
  { from: 'server', pattern: /\bmod_perl\/(\d[\w.]*)/i, product: 'mod_perl', cpe: 'apache:mod_perl' },
  { from: 'powered', pattern: /\bServlet\/(\d[\w.]*)/i, product: 'Java Servlet' },
  { from: 'cookie', pattern: /^JSESSIONID$/m, product: 'Java Servlet' },
]

export const frameworkRules: readonly HttpRule[] = [
  { from: 'powered', pattern: /^Express\b/i, product: 'Express', cpe: 'openjsf:express' },
  { from: 'powered', pattern: /^Next\.js(?: (\d[\w.]*))?/i, product: 'Next.js', cpe: 'vercel:next.js' },
  {
    from: 'powered',
    pattern: /^(?:Phusion )?Passenger(?:[ /]\(?(?:R\) )?(\d[\w.]*))?/i,
    product: 'Phusion Passenger',
    cpe: 'phusion:passenger',
  },
  { from: 'powered', pattern: /^Undertow(?:\/(\d[\w.]*))?/i, product: 'Undertow', cpe: 'redhat:undertow' },
  { from: 'powered', pattern: /^JSF(?:\/(\d[\w.]*))?/i, product: 'JavaServer Faces' },
  {
    from: 'header:x-aspnetmvc-version',
    pattern: /^(\d[\d.]*)/,
    product: 'ASP.NET MVC',
    cpe: 'microsoft:asp.net_model_view_controller',
  },
  { from: 'cookie', pattern: /^laravel_session$/m, product: 'Laravel', cpe: 'laravel:laravel' },
  { from: 'cookie', pattern: /^ci_session$/m, product: 'CodeIgniter', cpe: 'codeigniter:codeigniter' },
  { from: 'cookie', pattern: /^csrftoken$/m, product: 'Django', cpe: 'djangoproject:django' },
  { from: 'title', pattern: /^DisallowedHost at \/$|^Page not found at \/$/, product: 'Django', cpe: 'djangoproject:django' },
]

import { asks } from './http/asks.ts'
import { http } from './http/http.ts'
import { rootPage } from './http/root.ts'
import { webServiceWith } from './http/web-service.ts'
import { identifyWith } from './ports/identify.ts'
import { ports } from './ports/ports.ts'
import { udpWith } from './ports/udp.ts'
import type { Probe } from './probe.ts'
import type { Service, UdpService, WebService } from './service.ts'

/** TCP services, recognised and looked into by the probe `service`. Order matters only among equals. */
export const services: readonly Service[] = [
  http,
]

/** UDP services, asked by the probe `udp` on their own ports. */
export const udpServices: readonly UdpService[] = [
]

/** Services spoken over HTTP, asked by the probe `web-service` where the root page hints at them. */
export const webServices: readonly WebService[] = [
]

/** Every way of looking that this scanner has. A new one is a file and a line (docs/new-probe.md). */
export const probes: readonly Probe[] = [
  ports as Probe,
  udpWith(udpServices) as Probe,
  identifyWith(services) as Probe,
  rootPage as Probe,
  asks as Probe,
  webServiceWith(webServices) as Probe,
]

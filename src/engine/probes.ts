import type { Probe } from './probe.ts'
import type { Service, UdpService, WebService } from './service.ts'

/** Every way of looking that this scanner has. A new one is a file and a line here (docs/new-probe.md). */
export const probes: readonly Probe[] = [
]

/** TCP services, recognised and looked into by the probe `service`. Order matters only among equals. */
export const services: readonly Service[] = [
]

/** UDP services, asked by the probe `udp` on their own ports. */
export const udpServices: readonly UdpService[] = [
]

/** Services spoken over HTTP, asked by the probe `web-service` where the root page hints at them. */
export const webServices: readonly WebService[] = [
]

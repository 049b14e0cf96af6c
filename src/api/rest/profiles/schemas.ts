import { Type, type Static } from 'typebox'
import { line } from '../../schema.ts'

/** What an option profile makes the engine do. Mirrors src/core/profile.ts, with the bounds that keep an engine alive. */
export const ProfileSettings = Type.Object(
  {
    tcp: Type.String({ maxLength: 20000, description: 'TCP ports, as 22,80,8000-8100. Empty is none.' }),
    udp: Type.String({ maxLength: 20000, description: 'UDP ports. Only services the engine speaks give a conclusive answer.' }),
    discovery: Type.Object(
      {
        alwaysUp: Type.Boolean({ description: 'Scan hosts that answer nothing too.' }),
        tcp: Type.String({ maxLength: 2000, description: 'TCP ports knocked on to find out whether a host is there.' }),
        icmp: Type.Optional(Type.Boolean({ description: 'Ask by ICMP echo too, and by ARP or neighbour discovery on the scanner’s own network. On when absent.' })),
        udp: Type.Optional(Type.String({ maxLength: 2000, description: 'UDP ports asked to find out whether a host is there. None when absent.' })),
      },
      { additionalProperties: false },
    ),
    pace: Type.Object(
      {
        hosts: Type.Integer({ minimum: 1, maximum: 256, description: 'Hosts looked at side by side.' }),
        connections: Type.Integer({ minimum: 1, maximum: 4096, description: 'Connections open at once over all hosts.' }),
        perHost: Type.Integer({ minimum: 1, maximum: 1024, description: 'Connections open at once to one host.' }),
        rate: Type.Integer({ minimum: 0, maximum: 100000,
          description: 'New connections and datagrams a second over all hosts; 0 is no limit.' }),
      },
      { additionalProperties: false },
    ),
    limits: Type.Object(
      {
        connect: Type.Integer({ minimum: 100, maximum: 60000, description: 'Milliseconds to wait for a connection.' }),
        answer: Type.Integer({ minimum: 100, maximum: 120000, description: 'Milliseconds to wait for an answer.' }),
        host: Type.Integer({ minimum: 5000, maximum: 86400000, description: 'Milliseconds for one host in all.' }),
        connectionBytes: Type.Integer({ minimum: 1024, maximum: 67108864, description: 'Bytes read from one connection.' }),
        hostBytes: Type.Integer({ minimum: 65536, maximum: 4294967296, description: 'Bytes read from one host.' }),
      },
      { additionalProperties: false },
    ),
    defaults: Type.Boolean({ description: 'Try well-known default credentials, once each.' }),
    packets: Type.Optional(Type.Enum(['auto', 'connect'], { description: 'auto, when absent: half-open packets where the scanner may send them. connect: whole connections only.' })),
    templates: Type.Optional(Type.Enum(['fitting', 'all', 'off'], { description: 'fitting, when absent: templates for the products that are seen. all: every template to every web server. off: none.' })),
    templateRequests: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000000, description: 'Requests that templates may send to one web server.' })),
    intrusive: Type.Optional(Type.Boolean({ description: 'Templates that may leave something behind or disturb. Off when absent.' })),
    callbacks: Type.Optional(Type.Boolean({ description: 'Whether targets may be made to call the scanner’s own listener. On when absent.' })),
    login: Type.Optional(Type.Boolean({ description: 'Whether authentication records are used. On when absent.' })),
    fragile: Type.Optional(Type.Boolean({ description: 'For devices that break easily: nothing unusual is sent, no guesses, no templates.' })),
    signatures: Type.Union([Type.Literal('all'), Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 20000 })]),
    exclude: Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 20000, description: 'Check ids never judged.' }),
    lists: Type.Optional(Type.Object(
      {
        include: Type.Array(Type.String({ format: 'uuid' }), { maxItems: 50 }),
        exclude: Type.Array(Type.String({ format: 'uuid' }), { maxItems: 50 }),
      },
      { additionalProperties: false, description: 'Search lists: what they hold when a scan is launched is what it looks for, and what it does not.' },
    )),
  },
  { additionalProperties: false },
)

export const OptionProfile = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  description: Type.String(),
  /** Shipped profiles cannot be changed, only copied. */
  shipped: Type.Boolean(),
  isDefault: Type.Boolean(),
  /** How many TCP and UDP ports it looks at. */
  tcpPorts: Type.Integer(),
  udpPorts: Type.Integer(),
  settings: ProfileSettings,
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
})

export const ProfileList = Type.Object({ items: Type.Array(OptionProfile) })
export const ProfileParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

const name = line(80)
const description = Type.String({ maxLength: 500 })

/** `POST /profiles`: a new one from settings, or a copy (`copyOf`) with some settings replaced. */
export const CreateProfile = Type.Object(
  {
    name,
    description: Type.Optional(description),
    copyOf: Type.Optional(Type.String({ format: 'uuid' })),
    settings: Type.Optional(Type.Partial(ProfileSettings)),
  },
  { additionalProperties: false },
)
/** `PATCH /profiles/:id`. `isDefault: true` takes the default from the one that had it. */
export const ChangeProfile = Type.Object(
  {
    name: Type.Optional(name),
    description: Type.Optional(description),
    isDefault: Type.Optional(Type.Literal(true)),
    settings: Type.Optional(Type.Partial(ProfileSettings)),
  },
  { additionalProperties: false },
)

export type OptionProfile = Static<typeof OptionProfile>
export type ProfileList = Static<typeof ProfileList>
export type CreateProfile = Static<typeof CreateProfile>
export type ChangeProfile = Static<typeof ChangeProfile>

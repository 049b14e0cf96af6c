/** Services that are spoken over UDP alone: who looked at no UDP port has not looked for them. A test holds the list to what the engine speaks. */
export const udpOnly: ReadonlySet<string> = new Set(['snmp', 'ntp', 'tftp', 'ipmi', 'bacnet', 'cldap', 'coap', 'ike', 'mdns', 'netbios-ns', 'openvpn', 'slp', 'ms-sql-browser', 'ssdp', 'stun'])

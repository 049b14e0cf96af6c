export const assetErrors = {
  'address.malformed': { status: 400, text: '"{address}" is not an IP address, range, CIDR block or host name.' },
  'address.bad_prefix': { status: 400, text: '"{address}" has a prefix length outside 0–{most}.' },
  'address.host_bits': { status: 400, text: '"{address}" has host bits set. Did you mean {meant}?' },
  'address.reversed': { status: 400, text: '"{address}" ends before it starts.' },
  'address.too_many': { status: 400, text: '"{address}" holds {count} addresses, at most {most} at once.' },
  'address.reserved': { status: 400, text: '"{address}" is not an address a host can have ({why}).' },
  'ports.malformed': { status: 400, text: '"{ports}" is not a port list. Write it as 22,80,8000-8100, with ports from 1 to 65535.' },
} as const

/** Functions of the expression language, by their name without underscores (both ways of writing are allowed), with how many arguments they take at least and at most. */
export const helpers: Readonly<Record<string, readonly [least: number, most: number]>> = {
  aescbc: [3, 3], aesgcm: [2, 2], base64: [1, 1], base64decode: [1, 1], base64py: [1, 1], bintodec: [1, 1], compareversions: [2, 99], concat: [1, 99], contains: [2, 2], containsall: [2, 99],
  containsany: [2, 99], countwords: [1, 1], datetime: [1, 2], dectohex: [1, 1], deflate: [1, 1], endswith: [2, 99], equalsany: [2, 99], generatejavagadget: [3, 3], generatejwt: [1, 4],
  gzip: [1, 1], gzipdecode: [1, 1], hexdecode: [1, 1], hexencode: [1, 1], hextodec: [1, 1], hmac: [3, 3], htmlescape: [1, 1], htmlunescape: [1, 1], index: [2, 2], inflate: [1, 1], ipformat: [2, 2],
  jarm: [1, 1], join: [2, 99], jsonminify: [1, 1], jsonprettify: [1, 1], len: [1, 1], lineendswith: [2, 99], linestartswith: [2, 99], md5: [1, 1], mmh3: [1, 1], octtodec: [1, 1], padding: [3, 3],
  printdebug: [1, 99], publicip: [0, 0], randbase: [1, 3], randchar: [0, 1], randint: [0, 2], randip: [1, 99], randtextalpha: [1, 2], randtextalphanumeric: [1, 2], randtextnumeric: [1, 2],
  regex: [2, 2], regexall: [2, 99], regexany: [2, 99], removebadchars: [2, 2], repeat: [2, 2], replace: [3, 3], replaceregex: [3, 3], resolve: [1, 2], reverse: [1, 1], sha1: [1, 1], sha256: [1, 1],
  sha512: [1, 1], sort: [1, 99], split: [2, 3], startswith: [2, 99], substr: [2, 3], tolower: [1, 1], tonumber: [1, 1], tostring: [1, 1], totitle: [1, 1], tounixtime: [1, 2], toupper: [1, 1],
  trim: [2, 2], trimleft: [2, 2], trimprefix: [2, 2], trimright: [2, 2], trimspace: [1, 1], trimsuffix: [2, 2], uniq: [1, 99], unixtime: [0, 1], unpack: [2, 2], urldecode: [1, 1],
  urlencode: [1, 1], waitfor: [1, 1], xor: [2, 99], zip: [2, 99], zlib: [1, 1], zlibdecode: [1, 1],
}

/** What asks something outside the expression: the network, or time. The runtime gives them (src/engine/template/dsl/outside.ts). */
export const outside: ReadonlySet<string> = new Set(['jarm', 'resolve', 'publicip', 'waitfor'])

/** The name a helper is kept under; null when there is none of that name. */
export function helperNamed(name: string): string | null {
  const plain = name.replaceAll('_', '')
  return Object.hasOwn(helpers, plain) ? plain : null
}

/** Names of characters in HTML: those of HTML 4 that pages use. */
export const entities: Readonly<Record<string, number>> = {
  amp: 38, lt: 60, gt: 62, quot: 34, apos: 39, AMP: 38, LT: 60, GT: 62, QUOT: 34, nbsp: 160, iexcl: 161, cent: 162, pound: 163, curren: 164, yen: 165, brvbar: 166, sect: 167, uml: 168, copy: 169, ordf: 170,
  laquo: 171, not: 172, shy: 173, reg: 174, macr: 175, deg: 176, plusmn: 177, sup2: 178, sup3: 179, acute: 180, micro: 181, para: 182, middot: 183, cedil: 184, sup1: 185, ordm: 186, raquo: 187, frac14: 188,
  frac12: 189, frac34: 190, iquest: 191, times: 215, divide: 247, szlig: 223, auml: 228, ouml: 246, uuml: 252, Auml: 196, Ouml: 214, Uuml: 220, eacute: 233, egrave: 232, agrave: 224, aacute: 225, atilde: 227,
  ccedil: 231, ntilde: 241, oacute: 243, otilde: 245, iacute: 237, uacute: 250, euro: 8364, hellip: 8230, ndash: 8211, mdash: 8212, lsquo: 8216, rsquo: 8217, sbquo: 8218, ldquo: 8220, rdquo: 8221, bdquo: 8222,
  bull: 8226, trade: 8482, larr: 8592, uarr: 8593, rarr: 8594, darr: 8595, lsaquo: 8249, rsaquo: 8250, colon: 58, comma: 44, period: 46, sol: 47, lpar: 40, rpar: 41, lsqb: 91, rsqb: 93, lcub: 123, rcub: 125,
  num: 35, excl: 33, dollar: 36, percnt: 37, equals: 61, quest: 63, commat: 64, bsol: 92, lowbar: 95, grave: 96, verbar: 124, Tab: 9, NewLine: 10, semi: 59, plus: 43, ast: 42, Hat: 94,
}

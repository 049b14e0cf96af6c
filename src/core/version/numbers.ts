import { compareDigits, isNumber, plainText, type Order } from './order.ts'

/**
 * As R's package_version and Haskell's Data.Version: whole numbers parted by dots (or dashes, in R); of two that begin alike the
 * longer is newer.
 */
export const numbers: Order<readonly string[]> = {
  read(text) {
    const parts = plainText(text)?.split(/[.-]/) ?? []
    return parts.length > 0 && parts.every(isNumber) ? parts : null
  },
  compare(a, b) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      const order = compareDigits(a[index]!, b[index]!)
      if (order !== 0) return order
    }
    return a.length - b.length
  },
}

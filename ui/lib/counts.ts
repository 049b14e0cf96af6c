import type { SeverityCounts } from '#ui/charts/severity-bar.tsx'

/** The API gives counts by severity as five numbers, minimal first. */
export function countsOf(five: readonly number[]): SeverityCounts {
  return { 1: five[0] ?? 0, 2: five[1] ?? 0, 3: five[2] ?? 0, 4: five[3] ?? 0, 5: five[4] ?? 0 }
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

/** Where a finding is: `tcp/443`, or a dash for the host itself. */
export function portText(port: number | null, proto: string | null): string {
  return port === null ? '–' : `${proto ?? 'tcp'}/${port}`
}

/** How a host is called: its name where it has one, else its address. */
export function hostText(host: Readonly<{ name: string | null; address: string | null }>): string {
  return host.name ?? host.address ?? '?'
}

/** The decimal text as a number, for choosing between one and many; never to reckon with. */
export const roughly = (decimal: string): number => Number(decimal)

/** A decimal text that may be beyond 2⁵³, grouped for reading. */
export function formatBig(decimal: string): string {
  return decimal.length <= 15 ? new Intl.NumberFormat('en').format(Number(decimal)) : `${decimal[0]}.${decimal.slice(1, 3)} × 10^${decimal.length - 1}`
}

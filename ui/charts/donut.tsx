import type { ReactNode } from 'react'
import { formatNumber } from '#ui/lib/format.ts'

export type Share = Readonly<{ id: string; label: string; value: number; fill: string }>

/** Parts of a whole, with the whole in the middle; each part is named and numbered beside it. */
export function Donut({ shares, label, middle, size = 132 }: { shares: readonly Share[]; label: string; middle?: ReactNode; size?: number }) {
  const total = shares.reduce((sum, share) => sum + share.value, 0)
  const radius = 42
  const around = 2 * Math.PI * radius
  const gap = shares.filter((share) => share.value > 0).length > 1 ? 1.5 : 0
  const startOf = (index: number) => (shares.slice(0, index).reduce((sum, share) => sum + share.value, 0) / total) * around
  return (
    <figure className="flex flex-wrap items-center gap-5">
      <div className="relative shrink-0" style={{ width: size, height: size }}>
        <svg viewBox="0 0 100 100" role="img" aria-label={`${label}: ${shares.map((share) => `${share.label} ${share.value}`).join(', ')}`}>
          <circle cx="50" cy="50" r={radius} fill="none" stroke="var(--pressed)" strokeWidth="10" />
          {total > 0 && shares.map((share, index) => {
            const length = (share.value / total) * around
            const start = startOf(index)
            if (share.value === 0) return null
            return (
              <circle key={share.id} cx="50" cy="50" r={radius} fill="none" stroke={share.fill} strokeWidth="10" strokeDasharray={`${Math.max(0.5, length - gap)} ${around}`} strokeDashoffset={-start} transform="rotate(-90 50 50)" />
            )
          })}
        </svg>
        {middle !== undefined && <div className="absolute inset-0 flex flex-col items-center justify-center text-center">{middle}</div>}
      </div>
      <ul className="flex min-w-36 flex-1 flex-col gap-1 text-sm">
        {shares.map((share) => (
          <li key={share.id} className="flex items-center gap-2">
            <span aria-hidden className="size-2 shrink-0 rounded-xs" style={{ background: share.fill }} />
            <span className="min-w-0 flex-1 truncate text-muted">{share.label}</span>
            <span className="tabular font-medium">{formatNumber(share.value)}</span>
          </li>
        ))}
      </ul>
    </figure>
  )
}

import { classes } from '#ui/lib/class-names.ts'
import { t } from '#ui/i18n/text.ts'

/** Stands where something will be, at its size, so that nothing jumps. */
export function Skeleton({ width = '100%', height = 12 }: { width?: number | string; height?: number }) {
  return <span aria-hidden className="block animate-pulse rounded-sm bg-pressed" style={{ width, height }} />
}

export function SkeletonRows({ count = 8, height = 36 }: { count?: number; height?: number }) {
  return (
    <div role="status" aria-label={t('kit.loading')} className="w-full">
      {Array.from({ length: count }, (_, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes('flex items-center gap-4 px-4', index > 0 && 'border-t border-line')} style={{ height }}>
          <Skeleton width={18} />
          <Skeleton width={`${28 + ((index * 37) % 34)}%`} />
          <span className="flex-1" />
          <Skeleton width={90} />
          <Skeleton width={64} />
        </div>
      ))}
    </div>
  )
}

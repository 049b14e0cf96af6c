import { useMemo } from 'react'
import { qrModules } from '#ui/lib/qr.ts'

/** A QR code, always dark on white: cameras know nothing of themes. */
export function QrCode({ text, label, size = 192 }: { text: string; label: string; size?: number }) {
  const modules = useMemo(() => qrModules(text), [text])
  if (modules === null) return null
  const path = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : []))).join('')
  const side = modules.length + 8
  return (
    <svg viewBox={`0 0 ${side} ${side}`} width={size} height={size} role="img" aria-label={label} shapeRendering="crispEdges" className="rounded-md">
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

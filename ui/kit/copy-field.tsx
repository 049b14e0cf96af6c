import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '#ui/i18n/text.ts'
import { IconButton } from './button.tsx'

export function CopyButton({ text, label = t('kit.copy'), size = 'sm' }: { text: string; label?: string; size?: 'sm' | 'md' }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1600)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    await copyText(text)
    setCopied(true)
  }
  return (
    <IconButton size={size} label={copied ? t('kit.copied') : label} onClick={() => void copy()}>
      {copied ? <Check className="text-good" aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  )
}

/** The clipboard API needs a secure origin; a console on plain http in a local network has none. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined && window.isSecureContext) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

/** Something to be taken elsewhere: a token, a command, a link. */
export function CopyField({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-center gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-2.5">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
      <code tabIndex={0} className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-nowrap select-all" aria-label={label}>{text}</code>
      <CopyButton text={text} label={t('kit.copy_named', { name: label })} />
    </div>
  )
}

import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { t } from '#ui/i18n/text.ts'
import { IconButton } from '#ui/kit/button.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'

export function PasswordField({ label, value, onChange, isNew = false, least, error, name = 'password' }: { label: string; value: string; onChange: (value: string) => void; isNew?: boolean; least?: number | undefined; error?: string | undefined; name?: string }) {
  const [shown, setShown] = useState(false)
  const missing = least === undefined ? 0 : least - value.length
  return (
    <FormField label={label} error={error} hint={isNew && least !== undefined ? (value === '' || missing <= 0 ? t('entrance.password_hint', { least }) : t('entrance.password_short', { n: missing })) : undefined}>
      <Input
        size="lg"
        name={name}
        type={shown ? 'text' : 'password'}
        autoComplete={isNew ? 'new-password' : 'current-password'}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        required
        spellCheck={false}
        after={<IconButton size="sm" label={shown ? t('entrance.hide_password') : t('entrance.show_password')} onClick={() => setShown(!shown)}>{shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}</IconButton>}
      />
    </FormField>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '#ui/i18n/text.ts'
import { toast, toastError } from '#ui/kit/toast.tsx'
import { api } from '#ui/lib/api.ts'
import { hasStatus } from '#ui/lib/problem.ts'

const atOnce = 4

/**
 * Tests every one of many findings again, a few requests at a time. What cannot be tested does not stop the others: it is counted, and
 * the first reason is told. `left`: how many are still to be asked for; null: nothing is under way.
 */
export function useVerifyAll(done: () => void): Readonly<{ left: number | null; start: (ids: readonly string[]) => void }> {
  const client = useQueryClient()
  const [left, setLeft] = useState<number | null>(null)
  const run = async (ids: readonly string[]) => {
    const waiting = [...ids]
    const failed: unknown[] = []
    setLeft(ids.length)
    await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        await askPatiently(id).catch((error: unknown) => failed.push(error))
        setLeft((before) => (before === null ? null : before - 1))
      }
    }))
    setLeft(null)
    done()
    if (failed.length < ids.length) toast(t('findings.verify_many', { n: ids.length - failed.length }), failed.length === 0 ? {} : { description: t('findings.verify_failed', { n: failed.length }) })
    if (failed.length > 0) toastError(failed[0])
    await Promise.all(['finding', 'scan'].map((subject) => client.invalidateQueries({ queryKey: [subject] })))
  }
  return { left, start: (ids) => void run(ids) }
}

/** The platform may say that it is too much at once: then it is asked again, a little later. */
async function askPatiently(id: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await api.post(`/findings/${id}/verify`)
      return
    } catch (error) {
      if (!hasStatus(error, 429) || tries >= 8) throw error
      await new Promise((go) => setTimeout(go, 1000 * (tries + 1)))
    }
  }
}

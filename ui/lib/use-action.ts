import { useMutation, useQueryClient } from '@tanstack/react-query'
import { toast, toastError } from '#ui/kit/toast.tsx'

/**
 * Something the reader does. When it is done, what it touched is read again (`touches`: subjects of queries) and said; when it
 * fails, the platform's words are shown, unless a form shows them itself (`quiet`).
 */
export function useAction<A = void, R = unknown>(run: (input: A) => Promise<R>, options: { touches?: readonly string[]; done?: string | ((result: R, input: A) => string | null); after?: (result: R, input: A) => void; quiet?: boolean } = {}) {
  const client = useQueryClient()
  return useMutation<R, unknown, A>({
    mutationFn: run,
    onSuccess: async (result, input) => {
      const told = typeof options.done === 'function' ? options.done(result, input) : options.done
      if (told !== undefined && told !== null) toast(told)
      options.after?.(result, input)
      await Promise.all((options.touches ?? []).map((subject) => client.invalidateQueries({ queryKey: [subject] })))
    },
    onError: (error) => {
      if (options.quiet !== true) toastError(error)
    },
  })
}
